"""Which new records of a first load belong together, the numbers they get, and what is asked."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.cluster import Clusters, linked
from matching.contest import Conflict
from matching.engines.batch import BatchMatch
from matching.score import Evidence
from mdm.golden.decide import MATCH, POSSIBLE, contradiction_tasks, duplicate_task, ordered
from mdm.golden.identity import ALPHABET
from mdm.golden.state import Edge, Task
from mdm.intake import Batch
from mdm.store.counters import reserve
from mdm.store.hub import Hub
from mdm.store.transaction import Act, transaction

Ints = npt.NDArray[np.int64]
BATCH = 100_000
"""Source records written in one transaction. Keys are hashes: each transaction touches most pages
of their tables once, so few large ones write several times less than many small ones."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """Staged arrivals matched with each other: their pairs, and the groups these give."""

    match: BatchMatch
    clusters: Clusters


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


def plan(labels: Ints, components: Ints) -> Plan:
    """Rows in the order they are written: by component, then by group, each by its first row.

    What matches is written in one transaction, so that after each of them the groups are those
    that the records written so far give.
    """
    _names, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    _names, start, within = np.unique(components, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.lexsort((first, start[within[first]]))] = np.arange(len(first))
    group = rank[inverse]
    order = np.argsort(group, kind="stable")
    # The first row of a component says which batch all of it is in.
    whole = start[within]
    starts = np.searchsorted(whole[order], whole)
    return Plan(order, group, starts // BATCH, len(first))


def golden_ids(prefix: str, count: int) -> list[str]:
    """Fresh golden ids, ascending: prefix and 22 random base32 characters each.

    In ascending order every index on golden ids grows at its end.
    """
    letters = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)
    numbers = np.frombuffer(secrets.token_bytes(22 * count), dtype=np.uint8) & 31
    text = letters[numbers].tobytes().decode()
    return sorted(f"{prefix}_{text[start : start + 22]}" for start in range(0, 22 * count, 22))


@dataclass(slots=True)
class FirstLoad:
    """New records as groups, the numbers they get, and what was scored between them."""

    where: Batch
    rules: str
    plan: Plan
    match: BatchMatch
    record_ids: Ints
    """Of each row."""
    golden_ids: list[str]
    """Of each group."""
    first_no: int
    contradictions: dict[int, list[Task]]
    """By the batch in which the last of their records is written."""
    keys: Slices
    edges: Slices
    asked: Slices
    """Of every two groups that may be the same, their likeliest pair."""

    @property
    def batches(self) -> int:
        """How many transactions it takes."""
        return int(self.plan.batch.max()) + 1 if len(self.plan.batch) else 0


@dataclass(frozen=True, slots=True)
class Slices:
    """Numbers of items, ordered by the batch they belong to."""

    order: Ints
    bounds: Ints

    def of(self, batch: int) -> Ints:
        """The items of one batch."""
        return self.order[self.bounds[batch] : self.bounds[batch + 1]]


def slices(items: Ints, batch_of: Ints, batches: int) -> Slices:
    """Items by batch, in their own order within it."""
    order = np.argsort(batch_of, kind="stable")
    return Slices(items[order], np.searchsorted(batch_of[order], np.arange(batches + 1)))


def numbered(hub: Hub, act: Act, where: Batch, groups: Grouped) -> FirstLoad:
    match, clusters = groups.match, groups.clusters
    rules, rows = hub.rules[where.domain.name], len(clusters.labels)
    joins = match.verdicts.verdict == MATCH
    left, right = match.left[joins].astype(np.int64), match.right[joins].astype(np.int64)
    planned = plan(clusters.labels, linked(rows, left, right))
    with transaction(hub.database, act) as tx:
        first_id = reserve(tx.connection, "record", rows)
        first_no = reserve(tx.connection, "golden", planned.groups)
    record_ids = np.empty(rows, dtype=np.int64)
    record_ids[planned.order] = np.arange(first_id, first_id + rows)
    batches = int(planned.batch.max()) + 1 if rows else 0
    key_batch = planned.batch[match.keys[1]]
    edge_batch = np.maximum(planned.batch[match.left], planned.batch[match.right])
    asked = likeliest(planned, match, record_ids)
    return FirstLoad(
        where=where,
        rules=rules.version,
        plan=planned,
        match=match,
        record_ids=record_ids,
        golden_ids=golden_ids(where.domain.prefix, planned.groups),
        first_no=first_no,
        contradictions=_contradictions(planned, record_ids, clusters.conflicts),
        keys=slices(np.arange(len(key_batch), dtype=np.int32), key_batch, batches),
        edges=slices(np.arange(len(edge_batch), dtype=np.int32), edge_batch, batches),
        asked=slices(asked, edge_batch[asked], batches),
    )


def likeliest(planned: Plan, match: BatchMatch, record_ids: Ints) -> Ints:
    """Of every two different groups with a possible pair the likeliest such pair, by its number."""
    apart = planned.group[match.left] != planned.group[match.right]
    numbers = np.flatnonzero(apart & (match.verdicts.verdict >= POSSIBLE))
    left, right = match.left[numbers], match.right[numbers]
    low, high = _both(planned.group[left], planned.group[right])
    first, second = _both(record_ids[left], record_ids[right])
    order = np.lexsort((second, first, -match.verdicts.probability[numbers], high, low))
    low, high = low[order], high[order]
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    return numbers[order[begins]]


def _both(one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """The lower and the higher of two numbers each."""
    return np.minimum(one, other), np.maximum(one, other)


def _contradictions(
    planned: Plan, record_ids: Ints, conflicts: Sequence[Conflict]
) -> dict[int, list[Task]]:
    found: dict[int, list[Task]] = {}
    for one in conflicts:
        rows = list(one.nodes)
        named = Conflict(one.kind, tuple(record_ids[rows].tolist()))
        found.setdefault(int(planned.batch[rows].max()), []).extend(contradiction_tasks([named]))
    return found


def tasks_of(first: FirstLoad, batch: int) -> Iterator[Task]:
    """What is asked of the records of a batch, and what contradicts itself in them."""
    ids, begin = first.golden_ids, int(first.record_ids[first.plan.order[0]])
    rows = list(edge_rows(first, first.asked.of(batch)))
    ends = np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2) - begin
    groups = first.plan.group[first.plan.order[ends]].tolist()
    for row, (left, right) in zip(rows, groups, strict=True):
        yield duplicate_task(ordered(ids[left], ids[right]), Edge(*row, first.rules))
    yield from first.contradictions.get(batch, ())


def edge_rows(first: FirstLoad, numbers: Ints) -> Iterator[tuple[int, int, float, int, bool, str]]:
    """Rows of scored pairs in the order of their key: (left, right, probability, ...)."""
    match, said = first.match, first.match.verdicts
    one = first.record_ids[match.left[numbers]]
    other = first.record_ids[match.right[numbers]]
    left, right = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((right, left))
    numbers = numbers[order]
    return zip(
        left[order].tolist(),
        right[order].tolist(),
        said.probability[numbers].tolist(),
        said.verdict[numbers].tolist(),
        said.veto[numbers].tolist(),
        Evidence(said.evidence.levels[numbers]),
        strict=True,
    )
