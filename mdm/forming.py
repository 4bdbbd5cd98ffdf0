"""Forms the source and golden records of new groups, in worker processes, as rows to write."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from mdm.domains import DOMAINS
from mdm.golden.decide import Change, Rules, Scene, due_days, golden_of
from mdm.golden.identity import Identity
from mdm.golden.lifecycle import calendar
from mdm.golden.state import Golden, Held
from mdm.intake import Batch, first_version
from mdm.publication.subscription import Subscription
from mdm.sealing.keys import Keys
from mdm.staging import Place, SpoolReader
from mdm.store.bulk import copy_text
from mdm.store.entries import golden_entries
from mdm.store.gather import Entities
from mdm.store.publish import publication_rows
from mdm.store.search_keys import search_keys
from mdm.store.write_golden import golden_row, key_rows_of
from mdm.store.write_sources import record_row
from mdm.survivorship import Trust
from mdm.workers import in_order, workers

Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a worker needs for every job: it travels once."""

    domain: str
    keys: Keys
    trust: Trust
    at: datetime
    entities: Entities
    subscriptions: Sequence[Subscription]
    spool: str
    copied: bool
    """Rows as PostgreSQL's COPY text instead of tuples."""


@dataclass(frozen=True, slots=True)
class Job:
    """A batch of groups in which every record is new, and the numbers they get."""

    source: str
    mapping_version: str
    load_id: int | None
    places: list[Place]
    """Of each arrival in the spool, whole groups together."""
    groups: list[int]
    """Group of each arrival, from 0, ascending."""
    first_id: int
    golden_ids: list[str]
    """Of each group."""
    first_no: int


@dataclass(frozen=True, slots=True)
class Formed:
    """What a job formed: rows by table, as tuples or as COPY text."""

    rows: dict[str, Any]
    search_keys: Pairs
    records: int
    goldens: int


class Former:
    """Forms the source and golden records of jobs; lives in a worker process."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.spool = SpoolReader(setting.spool)
        self.domain = DOMAINS[setting.domain]
        self.scene = Scene(
            self.domain, {}, regions=setting.entities.regions, zones=setting.entities.zones
        )
        self.rules = Rules(setting.trust, setting.at, setting.keys.child_id, lambda: 0, tx=0)
        self.today = calendar(self.domain, setting.at, setting.entities.zones)
        self.due: list[tuple[object, ...]] = []

    def __call__(self, job: Job) -> Formed:
        """The rows that the job's records and golden records stand in."""
        setting = self.setting
        records = self._records(job)
        goldens = self._goldens(job, records)
        changes = [Change(None, golden, "created") for golden in goldens]
        golden_rows = [golden_row(golden) for golden in goldens]
        rows: dict[str, Sequence[tuple[object, ...]]] = {
            "source_record": [record_row(record) for record in records],
            "golden": golden_rows,
            "audit": golden_entries(setting.keys, self.domain, changes, golden_rows),
            "id_ledger": [
                ("assigned", r.own_id, r.id, None) for r in records if r.own_id is not None
            ],
            **key_rows_of(self.domain, setting.at, goldens),
            **publication_rows(setting.subscriptions, self.domain, changes, {}, self.today),
        }
        rows["agenda"] = [*rows["agenda"], *self.due]
        said = {name: copy_text(some) for name, some in rows.items()} if setting.copied else rows
        return Formed(said, self._search_keys(goldens), len(records), len(goldens))

    def _search_keys(self, goldens: Sequence[Golden]) -> Pairs:
        secret = self.setting.keys.match_secret
        found = [
            (key, one.no) for one in goldens for key in search_keys(secret, self.domain, one.record)
        ]
        keys, numbers = np.array(found, dtype=np.int64).reshape(-1, 2).T
        return keys, numbers

    def _records(self, job: Job) -> list[Held]:
        batch = Batch(job.source, self.domain, job.mapping_version, job.load_id, ())
        records = []
        for number, place in enumerate(job.places):
            record = first_version(0, batch, self.spool.arrival(place))
            record.id = job.first_id + number
            record.golden_id = job.golden_ids[job.groups[number]]
            records.append(record)
        return records

    def _goldens(self, job: Job, records: list[Held]) -> list[Golden]:
        goldens = []
        self.due = []
        start = 0
        for number, golden_id in enumerate(job.golden_ids):
            end = bisect_right(job.groups, number, start)
            group = records[start:end]
            founder = group[0]
            founder.own_id = golden_id
            group.sort(key=lambda record: record.crosswalk)
            identity = Identity(golden_id, founder.id, assigned=True, retired=())
            golden = golden_of(self.scene, self.rules, group, identity, None)
            golden.no = job.first_no + number
            goldens.append(golden)
            days = due_days(self.rules, self.today(golden), group, ())
            self.due += [(str(day), golden_id, self.domain.name) for day in days]
            start = end
        return goldens


_former: Former | None = None


def _start(setting: Setting) -> None:
    global _former  # noqa: PLW0603 - a worker process is set up once, not per job
    _former = Former(setting)


def _form(job: Job) -> Formed:
    assert _former is not None
    return _former(job)


def formed(setting: Setting, jobs: Iterable[Job], cores: int) -> Iterator[Formed]:
    """What the jobs form, in their order; in worker processes where there are several cores."""
    if cores == 1:
        yield from map(Former(setting), jobs)
        return
    with workers(cores, _start, setting) as pool:
        yield from in_order(pool, _form, jobs, ahead=cores + 3)
