"""A load of many new records: matched as one batch, its golden records formed on all cores.

It gives what the general path gives, faster. Groups in which every record is new need nothing of
the database: worker processes decide them while this one writes. Whatever touches a record that
the hub holds already takes the general path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import polars as pl

from matching.cluster import cluster
from matching.engines.local import match_batch
from mdm import clock
from mdm.crowding import report_crowds
from mdm.first_plan import FirstLoad, Grouped, Ints, edge_rows, numbered, tasks_of
from mdm.forming import Formed, Job, Pairs, Setting, formed
from mdm.intake import Batch
from mdm.model.domain import Domain
from mdm.model.match_columns import stacked
from mdm.model.match_row import match_row
from mdm.pipeline import Applied, basis_of, batch_basis
from mdm.staging import Spool, StagedChunk, cores_of
from mdm.store import gather, loads, write_sources, write_tasks
from mdm.store.bulk import Constants, insert_copied, insert_rows
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
from mdm.workers import give_back_memory

JOB = 2_500
"""Source records formed at a time by one worker."""


TABLES = {
    "source_record": (source_record, NEW_RECORD),
    "id_ledger": (id_ledger, LEDGER),
    "audit": (audit, ENTRY),
    **GOLDEN_TABLES,
    **PUBLICATION_TABLES,
}
"""Every table a formed record stands in, with the columns of its rows."""


def grouped(hub: Hub, domain: Domain, chunks: Sequence[StagedChunk]) -> Grouped:
    """Matches staged arrivals none of which is held; nothing is written."""
    columns = [stacked([chunk.columns_to_match for chunk in chunks])]
    for chunk in chunks:
        chunk.columns_to_match = b""  # a third of what a million staged rows take
    give_back_memory()
    match = match_batch(columns.pop(), hub.rules[domain.name])
    said = match.verdicts
    rows = sum(map(len, chunks))
    left, right = match.left.astype(np.int64), match.right.astype(np.int64)
    clusters = cluster(
        rows, left, right, said.probability, said.verdict, said.veto, order=_ranks(chunks)
    )
    give_back_memory()
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
    first = numbered(hub, act, where, groups)
    stretches = np.concatenate([chunk.spans for chunk in chunks])
    with transaction(hub.database, act) as tx:
        for chunk in chunks:
            loads.keep_sealed(tx.connection, spool.sealed(chunk.sealed))
        setting = _setting(hub, tx, where.domain, spool)
    spans = [list(_spans(first, batch)) for batch in range(first.batches)]
    jobs = (_job(first, stretches, span) for batch in spans for span in batch)
    rows = formed(setting, jobs, cores_of(hub.settings))
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


def _ranks(chunks: Sequence[StagedChunk]) -> Ints:
    """The place of every row in the order of crosswalk keys: ties are broken on it."""
    keys = pl.concat([chunk.keys for chunk in chunks])
    ranks = np.empty(len(keys), dtype=np.int64)
    ranks[keys.arg_sort().to_numpy()] = np.arange(len(keys))
    return ranks


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
    edges = list(edge_rows(first, first.edges.of(batch)))
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
    tasks = list(tasks_of(first, batch))
    write_tasks.open_tasks(tx, domain, tasks)
    applied.tasks_opened = len(tasks)
    return applied


def _write_rows(tx: Tx, domain: Domain, told: Mapping[str, Any]) -> None:
    constants: Constants = {"tx": tx.id, "domain": domain.name}
    for name, rows in told.items():
        table, columns = TABLES[name]
        own = {c: constants[c] for c in constants if c in table.c and c not in columns}
        if isinstance(rows, bytes):
            insert_copied(tx.connection, table, columns, rows, own)
        else:
            insert_rows(tx.connection, table, columns, rows, constants=own)
