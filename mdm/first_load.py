"""A load of many new records: matched as one batch, its golden records formed on all cores.

It gives what the general path gives, faster. Groups in which every record is new need nothing of
the database: worker processes decide them while this one writes. Whatever touches a record that
the hub holds already takes the general path.
"""

from __future__ import annotations

import secrets
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.cluster import Clusters, Conflict, cluster
from matching.engines.batch import BatchMatch
from matching.engines.local import match_batch
from mdm.domains import DOMAINS
from mdm.golden.decide import (
    POSSIBLE,
    Change,
    Rules,
    Scene,
    contradiction_tasks,
    due_days,
    duplicate_task,
    golden_of,
    ordered,
    rank,
)
from mdm.golden.identity import ALPHABET, Identity
from mdm.golden.state import Edge, Golden, Held, Task
from mdm.intake import Batch, first_version
from mdm.model.domain import Domain
from mdm.model.match_columns import stacked
from mdm.pipeline import Applied
from mdm.publication.subscription import Subscription
from mdm.sealing.keys import Keys
from mdm.staging import Place, Spool, SpoolReader, StagedChunk, cores_of, in_order
from mdm.store import gather, loads, write_sources, write_tasks
from mdm.store.bulk import copy_text, insert_copied, insert_rows
from mdm.store.counters import reserve
from mdm.store.hub import Hub
from mdm.store.publish import TABLES as PUBLICATION_TABLES
from mdm.store.publish import publication_rows
from mdm.store.tables.log import id_ledger
from mdm.store.tables.source import source_record
from mdm.store.transaction import Act, Tx, transaction
from mdm.store.write_golden import LEDGER, golden_row, key_rows_of
from mdm.store.write_golden import TABLES as GOLDEN_TABLES
from mdm.store.write_sources import NEW_RECORD, record_row
from mdm.survivorship import Trust

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
class Setting:
    """What a worker needs for every job: it travels once."""

    domain: str
    keys: Keys
    trust: Trust
    today: date
    regions: Mapping[str, str | None]
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
    records: int
    goldens: int


class Former:
    """Forms the source and golden records of jobs; lives in a worker process."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.spool = SpoolReader(setting.spool)
        self.domain = DOMAINS[setting.domain]
        self.scene = Scene(self.domain, {}, regions=setting.regions)
        self.rules = Rules(setting.trust, setting.today, setting.keys.child_id, lambda: 0, tx=0)
        self.due: list[tuple[object, ...]] = []

    def __call__(self, job: Job) -> Formed:
        """The rows that the job's records and golden records stand in."""
        setting = self.setting
        records = self._records(job)
        goldens = self._goldens(job, records)
        changes = [Change(None, golden, "created") for golden in goldens]
        rows: dict[str, list[tuple[object, ...]]] = {
            "source_record": [record_row(record) for record in records],
            "golden": [golden_row(golden) for golden in goldens],
            "id_ledger": [
                ("assigned", r.own_id, r.id, None) for r in records if r.own_id is not None
            ],
            **key_rows_of(self.domain, setting.keys.match_secret, str(setting.today), goldens),
            **publication_rows(setting.subscriptions, self.domain, changes, {}, setting.today),
        }
        rows["agenda"] += self.due
        said = {name: copy_text(some) for name, some in rows.items()} if setting.copied else rows
        return Formed(said, len(records), len(goldens))

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
            days = due_days(self.rules, group, ())
            self.due += [(str(day), golden_id, self.domain.name) for day in days]
            start = end
        return goldens


TABLES = {
    "source_record": (source_record, NEW_RECORD),
    "id_ledger": (id_ledger, LEDGER),
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


def load_first(
    hub: Hub, act: Act, where: Batch, spool: Spool, chunks: Sequence[StagedChunk]
) -> Iterator[Applied]:
    """Matches, decides and writes staged arrivals none of which is held; yields what was done.

    Guarantees what the general path guarantees: a batch is written whole or not at all, and a
    rerun continues after the last one that was.
    """
    first = _matched(hub, act, where, chunks)
    places = [place for chunk in chunks for place in chunk.places]
    with transaction(hub.database, act) as tx:
        for chunk in chunks:
            loads.keep_sealed(tx.connection, spool.sealed(chunk.sealed))
        setting = _setting(hub, tx, where.domain, spool)
    jobs = (_job(first, places, batch) for batch in range(first.batches))
    for batch, formed in enumerate(_formed(setting, jobs, cores_of(hub.settings))):
        with transaction(hub.database, act) as tx:
            applied = _write(tx, first, batch, formed)
        yield applied


def _matched(hub: Hub, act: Act, where: Batch, chunks: Sequence[StagedChunk]) -> FirstLoad:
    rules = hub.rules[where.domain.name]
    match = match_batch(stacked([chunk.columns_to_match for chunk in chunks]), rules)
    said = match.verdicts
    rows = sum(len(chunk.places) for chunk in chunks)
    left, right = match.left.astype(np.int64), match.right.astype(np.int64)
    clusters = cluster(rows, left, right, said.probability, said.verdict, said.veto)
    planned = plan(clusters.labels)
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


def _edges(first: FirstLoad, numbers: Ints) -> Iterator[Edge]:
    match, said = first.match, first.match.verdicts
    one = first.record_ids[match.left[numbers]]
    other = first.record_ids[match.right[numbers]]
    columns = zip(
        np.minimum(one, other).tolist(),
        np.maximum(one, other).tolist(),
        said.probability[numbers].tolist(),
        said.verdict[numbers].tolist(),
        said.veto[numbers].tolist(),
        numbers.tolist(),
        strict=True,
    )
    for left, right, probability, verdict, veto, number in columns:
        yield Edge(left, right, probability, verdict, veto, said.evidence[number], first.rules)


def _job(first: FirstLoad, places: Sequence[Place], batch: int) -> Job:
    ordered_batch = first.plan.batch[first.plan.order]
    start, end = np.searchsorted(ordered_batch, [batch, batch + 1])
    rows = first.plan.order[start:end]
    groups = first.plan.group[rows]
    first_group, last_group = int(groups[0]), int(groups[-1])
    return Job(
        source=first.where.source,
        mapping_version=first.where.mapping_version,
        load_id=first.where.load_id,
        places=[places[row] for row in rows.tolist()],
        groups=(groups - first_group).tolist(),
        first_id=int(first.record_ids[rows[0]]),
        golden_ids=first.golden_ids[first_group : last_group + 1],
        first_no=first.first_no + first_group,
    )


def _setting(hub: Hub, tx: Tx, domain: Domain, spool: Spool) -> Setting:
    return Setting(
        domain=domain.name,
        keys=hub.keys,
        trust=hub.trust,
        today=date.fromisoformat(tx.at[:10]),
        regions=gather.regions(tx.connection),
        subscriptions=tuple(hub.subscriptions.values()),
        spool=spool.path,
        copied=hub.database.dialect == "postgresql",
    )


_former: Former | None = None


def _start(setting: Setting) -> None:
    global _former  # noqa: PLW0603 - a worker process is set up once, not per job
    _former = Former(setting)


def _form(job: Job) -> Formed:
    assert _former is not None
    return _former(job)


def _formed(setting: Setting, jobs: Iterable[Job], cores: int) -> Iterator[Formed]:
    """What the jobs form, in their order; in worker processes where there are several cores."""
    if cores == 1:
        yield from map(Former(setting), jobs)
        return
    with ProcessPoolExecutor(cores, get_context("spawn"), _start, (setting,)) as pool:
        yield from in_order(pool, _form, jobs, ahead=cores + 1)


def _write(tx: Tx, first: FirstLoad, batch: int, formed: Formed) -> Applied:
    connection, domain = tx.connection, first.where.domain
    numbers = first.keys.of(batch)
    key, row = first.match.keys
    keys = list(zip(key[numbers].tolist(), first.record_ids[row[numbers]].tolist(), strict=True))
    write_sources.replace_keys(connection, (), keys)
    write_sources.replace_edges(connection, (), list(_edges(first, first.edges.of(batch))), tx.id)
    for name, rows in formed.rows.items():
        table, columns = TABLES[name]
        constants: dict[str, int | str] = {
            "tx": tx.id,
            "domain": domain.name,
            "at": tx.at,
            "correlation_id": tx.correlation_id,
        }
        own = {c: constants[c] for c in constants if c in table.c and c not in columns}
        if isinstance(rows, bytes):
            insert_copied(connection, table, columns, rows, own)
        else:
            insert_rows(connection, table, columns, rows, constants=own)
    tasks = first.tasks.get(batch, [])
    write_tasks.open_tasks(tx, domain, tasks)
    return Applied(added=formed.records, golden_added=formed.goldens, tasks_opened=len(tasks))
