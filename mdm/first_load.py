"""A load of many new records: matched as one batch, its golden records formed on all cores.

It gives what the general path gives, faster. Groups in which every record is new need nothing of
the database: worker processes decide them while this one writes. Whatever touches a record that
the hub holds already takes the general path.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from matching.cluster import Clusters, cluster, linked
from matching.contest import Conflict
from matching.engines.batch import BatchMatch
from matching.engines.local import match_batch
from mdm import clock
from mdm.crowding import report_crowds
from mdm.forming import Formed, Job, Pairs, Setting, formed
from mdm.golden.decide import MATCH, POSSIBLE, contradiction_tasks, duplicate_task, ordered, rank
from mdm.golden.identity import ALPHABET
from mdm.golden.state import Edge, Task
from mdm.intake import Batch
from mdm.model.domain import Domain
from mdm.model.match_columns import stacked
from mdm.model.match_row import match_row
from mdm.pipeline import Applied, basis_of, batch_basis
from mdm.staging import Spool, StagedChunk, cores_of
from mdm.store import gather, loads, write_sources, write_tasks
from mdm.store.bulk import insert_copied, insert_rows
from mdm.store.counters import reserve
from mdm.store.crowds import MOST_TASKS
from mdm.store.entries import ENTRY
from mdm.store.hub import Hub, trust_of
from mdm.store.publish import TABLES as PUBLICATION_TABLES
from mdm.store.tables.log import audit, id_ledger
from mdm.store.tables.source import source_record
from mdm.store.transaction import Act, Tx, transaction
from mdm.store.write_golden import LEDGER, insert_search_keys
from mdm.store.write_golden import TABLES as GOLDEN_TABLES
from mdm.store.write_sources import NEW_RECORD
from mdm.workers import no_cycles_sought

Ints = npt.NDArray[np.int64]
BATCH = 100_000
"""Source records written in one transaction. Keys are hashes: each transaction touches most pages
of their tables once, so few large ones write several times less than many small ones."""
JOB = 5_000
"""Source records formed at a time by one worker."""


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


TABLES = {
    "source_record": (source_record, NEW_RECORD),
    "id_ledger": (id_ledger, LEDGER),
    "audit": (audit, ENTRY),
    **GOLDEN_TABLES,
    **PUBLICATION_TABLES,
}
"""Every table a formed record stands in, with the columns of its rows."""


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
    tasks: dict[int, list[Task]]
    """By the batch in which the last of their records is written."""
    keys: Slices
    edges: Slices

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


def slices(batch_of: Ints, batches: int) -> Slices:
    """Items by batch, in their own order within it."""
    order = np.argsort(batch_of, kind="stable")
    return Slices(order, np.searchsorted(batch_of[order], np.arange(batches + 1)))


@dataclass(frozen=True, slots=True)
class Grouped:
    """Staged arrivals matched with each other: their pairs, and the groups these give."""

    match: BatchMatch
    clusters: Clusters


def grouped(hub: Hub, domain: Domain, chunks: Sequence[StagedChunk]) -> Grouped:
    """Matches staged arrivals none of which is held; nothing is written."""
    columns = [stacked([chunk.columns_to_match for chunk in chunks])]
    for chunk in chunks:
        chunk.columns_to_match = b""  # a third of what a million staged rows take
    match = match_batch(columns.pop(), hub.rules[domain.name])
    said = match.verdicts
    rows = sum(map(len, chunks))
    left, right = match.left.astype(np.int64), match.right.astype(np.int64)
    clusters = cluster(
        rows, left, right, said.probability, said.verdict, said.veto, order=_ranks(chunks)
    )
    return Grouped(match, clusters)


def load_first(
    hub: Hub,
    act: Act,
    where: Batch,
    staged: tuple[Spool, Sequence[StagedChunk]],
    groups: Grouped,
) -> Iterator[Applied]:
    """Decides and writes grouped arrivals none of which is held; yields what was done.

    Guarantees what the general path guarantees: a batch is written whole or not at all, and a
    rerun continues after the last one that was.
    """
    spool, chunks = staged
    first = _numbered(hub, act, where, groups)
    stretches = np.concatenate([chunk.spans for chunk in chunks])
    with transaction(hub.database, act) as tx:
        for chunk in chunks:
            loads.keep_sealed(tx.connection, spool.sealed(chunk.sealed))
        setting = _setting(hub, tx, where.domain, spool)
    spans = [list(_spans(first, batch)) for batch in range(first.batches)]
    jobs = (_job(first, stretches, span) for batch in spans for span in batch)
    rows = formed(setting, jobs, cores_of(hub.settings))
    with no_cycles_sought():
        for batch, parts in enumerate(spans):
            with transaction(hub.database, act) as tx:
                tx.basis |= basis_of(hub, where.domain) | batch_basis(where)
                applied = _write(tx, first, batch, islice(rows, len(parts)))
            yield applied
    if first.match.over_common:
        yield _report_crowds(hub, act, first)


def _report_crowds(hub: Hub, act: Act, first: FirstLoad) -> Applied:
    """Tasks on the keys that too many records have, the most common first."""
    domain = first.where.domain
    over = sorted(first.match.over_common, key=lambda one: -one.count)
    told = over[:MOST_TASKS]
    with transaction(hub.database, act) as tx:
        ids = [int(first.record_ids[one.example]) for one in told]
        held = gather.held_by_id(tx.connection, ids)
        examples = {number: match_row(domain, held[number].record) for number in ids}
        rules = hub.rules[domain.name]
        opened = report_crowds(tx, domain, rules, [one.key for one in told], examples)
    return Applied(tasks_opened=opened, crowded={one.key for one in over})


def _spans(first: FirstLoad, batch: int) -> Iterator[tuple[int, int]]:
    """Stretches of the order of writing for one worker each: whole groups of one batch."""
    order = first.plan.order
    start, end = np.searchsorted(first.plan.batch[order], [batch, batch + 1]).tolist()
    group = first.plan.group[order[start:end]]
    while start < end:
        last = min(start + JOB, end) - 1
        stop = end - len(group) + int(np.searchsorted(group, group[last - end], side="right"))
        yield start, stop
        start = stop


def _numbered(hub: Hub, act: Act, where: Batch, groups: Grouped) -> FirstLoad:
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
    edge_batch = np.maximum(planned.batch[match.left], planned.batch[match.right])
    first = FirstLoad(
        where=where,
        rules=rules.version,
        plan=planned,
        match=match,
        record_ids=record_ids,
        golden_ids=golden_ids(where.domain.prefix, planned.groups),
        first_no=first_no,
        tasks={},
        keys=slices(planned.batch[match.keys[1]], batches),
        edges=slices(edge_batch, batches),
    )
    _plan_tasks(first, clusters)
    return first


def _ranks(chunks: Sequence[StagedChunk]) -> Ints:
    """The place of every row in the order of crosswalk keys: ties are broken on it."""
    keys = pl.concat([chunk.keys for chunk in chunks])
    ranks = np.empty(len(keys), dtype=np.int64)
    ranks[keys.arg_sort().to_numpy()] = np.arange(len(keys))
    return ranks


def _plan_tasks(first: FirstLoad, clusters: Clusters) -> None:
    """Tasks for possible pairs of different groups, the likeliest of each, and contradictions."""
    group, match = first.plan.group, first.match
    apart = group[match.left] != group[match.right]
    asked = np.flatnonzero(apart & (match.verdicts.verdict >= POSSIBLE))
    best: dict[tuple[str, str], Edge] = {}
    for edge in _edges(first, asked):
        row = edge.left, edge.right
        pair = ordered(*(first.golden_ids[int(group[_row(first, end)])] for end in row))
        if pair not in best or rank(edge) < rank(best[pair]):
            best[pair] = edge
    tasks = [duplicate_task(pair, edge) for pair, edge in best.items()]
    named = [
        Conflict(one.kind, tuple(first.record_ids[list(one.nodes)].tolist()))
        for one in clusters.conflicts
    ]
    for task in (*tasks, *contradiction_tasks(named)):
        last = max(int(first.plan.batch[_row(first, record)]) for record in task.records)
        first.tasks.setdefault(last, []).append(task)


def _row(first: FirstLoad, record_id: int) -> int:
    return int(first.plan.order[record_id - int(first.record_ids[first.plan.order[0]])])


def _edge_rows(first: FirstLoad, numbers: Ints) -> Iterator[tuple[int, int, float, int, bool, str]]:
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
        [said.evidence[number] for number in numbers.tolist()],
        strict=True,
    )


def _edges(first: FirstLoad, numbers: Ints) -> Iterator[Edge]:
    for row in _edge_rows(first, numbers):
        yield Edge(*row, first.rules)


def _job(first: FirstLoad, stretches: Ints, span: tuple[int, int]) -> Job:
    rows = first.plan.order[slice(*span)]
    groups = first.plan.group[rows]
    first_group, last_group = int(groups[0]), int(groups[-1])
    return Job(
        source=first.where.source,
        mapping_version=first.where.mapping_version,
        load_id=first.where.load_id,
        places=[(offset, length) for offset, length in stretches[rows].tolist()],
        groups=(groups - first_group).tolist(),
        first_id=int(first.record_ids[rows[0]]),
        golden_ids=first.golden_ids[first_group : last_group + 1],
        first_no=first.first_no + first_group,
    )


def _setting(hub: Hub, tx: Tx, domain: Domain, spool: Spool) -> Setting:
    return Setting(
        domain=domain.name,
        keys=hub.keys,
        trust=trust_of(tx.connection, hub),
        at=clock.parse_instant(tx.at),
        entities=gather.entities(tx.connection),
        subscriptions=tuple(hub.subscriptions.values()),
        spool=spool.path,
        copied=hub.database.dialect == "postgresql",
    )


def _write(tx: Tx, first: FirstLoad, batch: int, parts: Iterable[Formed]) -> Applied:
    connection, domain = tx.connection, first.where.domain
    numbers = first.keys.of(batch)
    key, row = first.match.keys
    write_sources.insert_keys(connection, key[numbers], first.record_ids[row[numbers]])
    edges = list(_edge_rows(first, first.edges.of(batch)))
    write_sources.insert_edges(connection, edges, first.rules, tx.id)
    applied = Applied()
    found: list[Pairs] = []
    for part in parts:
        _write_rows(tx, domain, part.rows)
        found.append(part.search_keys)
        applied.added += part.records
        applied.golden_added += part.goldens
        tx.entries_written += part.goldens
    keys, goldens = (np.concatenate([pair[side] for pair in found]) for side in (0, 1))
    insert_search_keys(connection, keys, goldens)
    tasks = first.tasks.get(batch, [])
    write_tasks.open_tasks(tx, domain, tasks)
    applied.tasks_opened = len(tasks)
    return applied


def _write_rows(tx: Tx, domain: Domain, told: Mapping[str, Any]) -> None:
    constants: dict[str, int | str] = {
        "tx": tx.id,
        "domain": domain.name,
        "at": tx.at,
        "correlation_id": tx.correlation_id,
    }
    for name, rows in told.items():
        table, columns = TABLES[name]
        own = {c: constants[c] for c in constants if c in table.c and c not in columns}
        if isinstance(rows, bytes):
            insert_copied(tx.connection, table, columns, rows, own)
        else:
            insert_rows(tx.connection, table, columns, rows, constants=own)
