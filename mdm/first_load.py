"""A load of many new records: matched as one batch, its golden records formed on all cores.

It gives what the general path gives, faster. Groups in which every record is new need nothing of
the database: worker processes decide them while this one writes. Whatever touches a record that
the hub holds already takes the general path.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mdm.golden.decide import Change, Rules, golden_of
from mdm.golden.identity import ALPHABET, Identity
from mdm.golden.state import Held
from mdm.model.domain import Domain
from mdm.pipeline import Batch, first_version
from mdm.records import Arrival
from mdm.store.rows import Rows, rows_of

Ints = npt.NDArray[np.int64]
BATCH = 20_000
"""Source records written in one transaction."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which new record belongs to which group, in the order they are written."""

    order: Ints
    """Rows, whole groups together."""
    group: Ints
    """The group of each row, numbered in the order of writing."""
    batch: Ints
    """The batch each row is written in."""
    groups: int


def plan(labels: Ints) -> Plan:
    """Rows in the order they are written: by group, groups by their first row."""
    _names, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    group = rank[inverse]
    order = np.argsort(group, kind="stable")
    # The first row of a group says which batch all of it is in.
    starts = np.searchsorted(group[order], group)
    return Plan(order, group, starts // BATCH, len(first))


def golden_ids(prefix: str, count: int) -> list[str]:
    """Fresh golden ids: prefix and 22 random base32 characters each."""
    letters = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)
    numbers = np.frombuffer(secrets.token_bytes(22 * count), dtype=np.uint8) & 31
    text = letters[numbers].tobytes().decode()
    return [f"{prefix}_{text[start : start + 22]}" for start in range(0, 22 * count, 22)]


@dataclass(frozen=True, slots=True)
class Job:
    """A batch of groups in which every record is new, and the numbers they get."""

    batch: Batch
    groups: Ints
    """Group of each arrival, ascending."""
    record_ids: Ints
    golden_ids: Sequence[str]
    """Of each group, in order."""
    first_golden_no: int


class Former:
    """Forms the golden records of a job; lives in a worker process."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def __call__(self, job: Job) -> Formed:
        """The rows that the job's records and golden records stand in."""
        setting = self.setting
        scene = Scene(job.batch.domain, {}, regions=setting.regions)
        rules = Rules(setting.trust, setting.today, setting.keys.child_id, lambda: 0, tx=0)
        records: list[Held] = []
        goldens: list[Golden] = []
        start = 0
        for place, end in enumerate(_ends(job.groups)):
            group = [
                self._record(job, arrival_no, job.golden_ids[place]) for arrival_no in range(start, end)
            ]
            founder = group[0]
            founder.own_id = founder.golden_id
            records += group
            group.sort(key=lambda record: record.crosswalk)
            identity = Identity(job.golden_ids[place], founder.id, assigned=True, retired=())
            golden = golden_of(scene, rules, group, identity, None)
            golden.no = job.first_golden_no + place
            goldens.append(golden)
            start = end
        return self._formed(job, records, goldens)
