"""Loads files of a source: staged whole, then applied batch by batch; a rerun continues."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from mdm.domains import DOMAINS
from mdm.errors import UnknownName
from mdm.inbound.mapping import Feed, Source
from mdm.inbound.readers import open_rows
from mdm.inbound.stage import feed_of
from mdm.model.domain import Domain
from mdm.pipeline import Applied, Batch, apply, end_records, refresh_dependants
from mdm.records import Arrival, Mode, SealedValue
from mdm.staging import Progress, Spool, Staged, Worker, describe, known_of, stage_rows
from mdm.store import loads
from mdm.store.hub import Hub
from mdm.store.transaction import Act, transaction


@dataclass(slots=True)
class LoadReport:
    """What a load did: counts of source records, golden records and tasks."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    ended: int = 0
    golden_added: int = 0
    golden_changed: int = 0
    tasks_opened: int = 0
    seconds: float = 0.0
    unmapped_columns: tuple[str, ...] = ()
    unmapped_codes: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """What to load, how it is meant, and who asks."""

    source: str
    paths: Sequence[Path]
    mode: Mode
    actor: str
    domain: str | None = None


def load(
    hub: Hub, request: LoadRequest, progress: Progress = lambda _what, _rows: None
) -> LoadReport:
    """Stages all files, then applies them.

    Raises UnreadableFile while staging, with nothing applied. A batch that fails leaves nothing;
    the batches before it stand, and the same load run again continues.
    """
    started = time.monotonic()
    source = source_named(hub, request.source)
    act = Act(kind="load", actor=request.actor, facts={"source": source.name})
    report = LoadReport()
    with Spool() as spool:
        staged = list(_staged(hub, source, request, spool, progress))
        files = [describe(one.path) for one in staged]
        load_id = loads.start(hub.database, act, source.name, request.mode, files)
        for one in staged:
            _apply_staged(hub, source, act, (load_id, request.mode), one, spool, report, progress)
    report.seconds = round(time.monotonic() - started, 3)
    loads.finish(hub.database, load_id, asdict(report))
    return report


def source_named(hub: Hub, name: str) -> Source:
    """The activated source of this name; UnknownName lists them all."""
    if name not in hub.sources:
        raise UnknownName.among("source", name, list(hub.sources))
    return hub.sources[name]


def _staged(
    hub: Hub, source: Source, request: LoadRequest, spool: Spool, progress: Progress
) -> Iterator[Staged]:
    """Every file, staged, parents before what refers to them."""
    files = [(path, feed_of(source, path, request.domain)) for path in request.paths]
    order = list(DOMAINS)
    for path, feed in sorted(files, key=lambda file: order.index(file[1].domain)):
        known = known_of(loads.payload_hashes(hub.database, source.name, feed.domain))
        worker = Worker(source, feed, hub.keys, known)
        staged = Staged(feed, path)
        cores = hub.settings.cores or os.cpu_count() or 1
        for rows in stage_rows(
            open_rows(path, feed.format, feed.options), worker, cores, staged, spool
        ):
            progress(f"reading {path.name}", rows)
        yield staged


def _apply_staged(
    hub: Hub,
    source: Source,
    act: Act,
    meant: tuple[int, Mode],
    staged: Staged,
    spool: Spool,
    report: LoadReport,
    progress: Progress,
) -> None:
    load_id, mode = meant
    domain = DOMAINS[staged.feed.domain]
    superseded, notes = _superseded(hub, source, staged)
    report.read += staged.rows
    report.unchanged += len(staged.held)
    done = 0
    for place in staged.chunks:
        arrivals, sealed = spool.read(place)
        current = [a for a in arrivals if (a.source_key, a.line) not in superseded]
        batch = Batch(source.name, domain, source.version, load_id, current)
        _count(report, _apply_batch(hub, act, batch, sealed))
        done += len(arrivals)
        progress(f"applying {staged.path.name}", done)
    _keep_refused(hub, source, act, load_id, staged)
    report.rejected += len(staged.rejects)
    if mode is Mode.FULL:
        notes += _end_absent(hub, source, act, staged, report, load_id)
    report.notes += tuple(notes)
    report.unmapped_columns += tuple(sorted(staged.columns))
    report.unmapped_codes += len(staged.unmapped)


def _apply_batch(hub: Hub, act: Act, batch: Batch, sealed: list[SealedValue]) -> Applied:
    named = Act(
        act.kind, act.actor, batch.domain.name, facts=act.facts, correlation_id=act.correlation_id
    )
    if not batch.arrivals:
        return Applied()
    with transaction(hub.database, named) as tx:
        loads.keep_sealed(tx.connection, sealed)
        applied = apply(tx, hub, batch)
        if not (applied.added or applied.changed):
            tx.cancelled = True
    refresh_dependants(hub, act, batch.domain, applied)
    return applied


def _superseded(hub: Hub, source: Source, staged: Staged) -> tuple[set[tuple[str, int]], list[str]]:
    """Rows of a key that a later row of the same file tells again; the later one counts.

    A source that gives a sequence orders its versions itself: there, every row counts.
    """
    if staged.feed.sequenced:
        return set(), []
    last = _last_held(hub, source, staged)
    again: set[tuple[str, int]] = set()
    for keys, lines in zip(staged.keys, staged.lines, strict=True):
        for key, line in zip(keys, lines, strict=True):
            if key in last:
                again.add((key, min(line, last[key])))
            last[key] = max(line, last.get(key, line))
    return again, [f"{len(again)} rows told a key again; the later row counts."] if again else []


def _last_held(hub: Hub, source: Source, staged: Staged) -> dict[str, int]:
    """Lines of rows whose payload we hold, by key, where the file tells the same key otherwise."""
    if not staged.held or not any(staged.keys):
        return {}
    told = {key for keys in staged.keys for key in keys}
    with hub.database.read() as connection:
        ids = loads.record_ids(connection, source.name, staged.feed.domain, told)
    lines = dict(staged.held)
    return {key: lines[record_id] for key, record_id in ids.items() if record_id in lines}


def _keep_refused(hub: Hub, source: Source, act: Act, load_id: int, staged: Staged) -> None:
    if not staged.rejects and not staged.unmapped:
        return
    domain = staged.feed.domain
    named = Act("refused", act.actor, correlation_id=act.correlation_id)
    with transaction(hub.database, named) as tx:
        refused = loads.Refused(source.name, domain, staged.path.name, load_id, source.version)
        loads.keep_rejects(tx, refused, staged.rejects)
        loads.count_unmapped(tx, refused, staged.unmapped)


def _end_absent(
    hub: Hub, source: Source, act: Act, staged: Staged, report: LoadReport, load_id: int
) -> list[str]:
    """Ends the records that a complete file does not have; rejected rows count as present."""
    if any(reject.source_key is None for reject in staged.rejects):
        return ["A rejected row has no key: what is absent cannot be told, so nothing was ended."]
    present = {key for keys in staged.keys for key in keys}
    present |= {str(reject.source_key) for reject in staged.rejects}
    held = {record_id for record_id, _line in staged.held}
    domain = DOMAINS[staged.feed.domain]
    absent = loads.absent(hub.database, source.name, domain.name, present, held)
    for start in range(0, len(absent), 5000):
        ids = absent[start : start + 5000]
        named = Act("absence", act.actor, domain.name, correlation_id=act.correlation_id)
        with transaction(hub.database, named) as tx:
            applied = end_records(tx, hub, domain, ids, load_id)
        report.ended += len(ids)
        _count(report, applied)
    return []


def _count(report: LoadReport, applied: Applied) -> None:
    report.added += applied.added
    report.changed += applied.changed
    report.unchanged += applied.unchanged
    report.golden_added += applied.golden_added
    report.golden_changed += applied.golden_changed
    report.tasks_opened += applied.tasks_opened
