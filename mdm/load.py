"""Loads files of a source: staged whole, then applied batch by batch; a rerun continues."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mdm.domains import DOMAINS
from mdm.errors import UnknownName
from mdm.first_load import load_first
from mdm.inbound.mapping import Source
from mdm.inbound.readers import open_rows
from mdm.inbound.stage import feed_of
from mdm.intake import Batch
from mdm.model.domain import Domain, Mastering
from mdm.pipeline import Applied, apply, end_records
from mdm.records import Mode
from mdm.refresh import refresh_dependants
from mdm.staging import (
    Place,
    Progress,
    Spool,
    Staged,
    StagedChunk,
    Worker,
    cores_of,
    describe,
    known_of,
    stage_rows,
)
from mdm.store import loads, rejects
from mdm.store.hub import Hub
from mdm.store.transaction import Act, transaction

FIRST_LOAD = 10_000
"""Rows of a source not held yet from which they are matched as one batch."""
BATCH = 4_000
"""Source records from which a transaction is full."""
ENDED = 5_000
"""Source records ended in one transaction."""


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
    unmapped_columns: list[str] = field(default_factory=list)
    unmapped_codes: int = 0
    over_common_keys: int = 0
    """Match keys that more records have than may be compared by them."""
    notes: list[str] = field(default_factory=list)

    def count(self, applied: Applied) -> None:
        """Counts a batch in."""
        self.added += applied.added
        self.changed += applied.changed
        self.unchanged += applied.unchanged
        self.golden_added += applied.golden_added
        self.golden_changed += applied.golden_changed
        self.tasks_opened += applied.tasks_opened


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """What to load, how it is meant, and who asks."""

    source: str
    paths: Sequence[Path]
    mode: Mode
    actor: str
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Loading:
    """A load underway."""

    hub: Hub
    source: Source
    request: LoadRequest
    act: Act
    spool: Spool
    report: LoadReport
    progress: Progress
    crowded: set[int] = field(default_factory=set)

    def count(self, applied: Applied) -> None:
        """Counts a batch in; a key that is too common counts once."""
        self.report.count(applied)
        self.crowded.update(applied.crowded)
        self.report.over_common_keys = len(self.crowded)

    def in_domain(self, domain: Domain) -> Act:
        """The load's act on one domain."""
        return Act("load", self.act.actor, domain.name, correlation_id=self.act.correlation_id)


def no_progress(_what: str, _rows: int) -> None:
    """Reports to nobody."""


def load(hub: Hub, request: LoadRequest, progress: Progress = no_progress) -> LoadReport:
    """Stages all files, then applies them.

    Raises UnreadableFile while staging, with nothing applied. A batch that fails leaves nothing;
    the batches before it stand, and the same load run again continues.
    """
    started = time.monotonic()
    act = Act(kind="load", actor=request.actor)
    with Spool() as spool:
        loading = Loading(
            hub, source_named(hub, request.source), request, act, spool, LoadReport(), progress
        )
        staged = list(_staged(loading))
        files = [describe(one.path) for one in staged]
        load_id = loads.start(hub.database, act, request.source, request.mode, files)
        for name in DOMAINS:
            told = [one for one in staged if one.feed.domain == name]
            if told:
                _apply_domain(loading, load_id, DOMAINS[name], told)
    loading.report.seconds = round(time.monotonic() - started, 3)
    loads.finish(hub.database, act, load_id, asdict(loading.report))
    return loading.report


def source_named(hub: Hub, name: str) -> Source:
    """The activated source of this name; UnknownName lists them all."""
    if name not in hub.sources:
        raise UnknownName.among("source", name, list(hub.sources))
    return hub.sources[name]


def _staged(loading: Loading) -> Iterator[Staged]:
    """Every file, staged, parents before what refers to them."""
    request, source = loading.request, loading.source
    order = list(DOMAINS)
    files = [(path, feed_of(source, path, request.domain)) for path in request.paths]
    for path, feed in sorted(files, key=lambda file: order.index(file[1].domain)):
        hashes = loads.payload_hashes(loading.hub.database, source.name, feed.domain)
        worker = Worker(source, feed, loading.hub.keys, known_of(hashes))
        staged = Staged(feed, path)
        rows = open_rows(path, feed.format, feed.options)
        cores = cores_of(loading.hub.settings)
        for count in stage_rows(rows, worker, cores, staged, loading.spool):
            loading.progress(f"reading {path.name}", count)
        yield staged


Superseded = set[tuple[int, int]]
"""(chunk, place in it) of arrivals that a later row of the same load tells again."""


def _apply_domain(loading: Loading, load_id: int, domain: Domain, files: list[Staged]) -> None:
    report = loading.report
    chunks = [chunk for staged in files for chunk in staged.chunks]
    superseded = _superseded(loading, files)
    report.read += sum(staged.rows for staged in files)
    report.unchanged += sum(len(staged.held) for staged in files) + len(superseded)
    where = Batch(loading.source.name, domain, loading.source.version, load_id, ())
    if _is_first(loading, domain, chunks, superseded):
        _apply_first(loading, where, chunks)
    else:
        _apply_chunks(loading, where, chunks, superseded)
    for staged in files:
        _keep_refused(loading, load_id, staged)
        report.rejected += len(staged.rejects)
        report.unmapped_columns += sorted(staged.columns)
        report.unmapped_codes += len(staged.unmapped)
        report.notes += [
            f"{count:,} rows passed over: {reason}." for reason, count in staged.skipped.items()
        ]
    _settle_refused(loading, domain, files)
    if loading.request.mode is Mode.FULL:
        _end_absent(loading, load_id, domain, files)


def _is_first(
    loading: Loading, domain: Domain, chunks: list[StagedChunk], superseded: Superseded
) -> bool:
    """Whether the rows can be matched as one batch: many, each key once, and the domain empty."""
    return (
        domain.mastering is Mastering.FUZZY
        and sum(len(chunk.places) for chunk in chunks) >= FIRST_LOAD
        and not superseded
        and loads.is_empty(loading.hub.database, domain.name)
    )


def _apply_first(loading: Loading, where: Batch, chunks: list[StagedChunk]) -> None:
    act = loading.in_domain(where.domain)
    done = 0
    loading.progress("matching", 0)
    for applied in load_first(loading.hub, act, where, loading.spool, chunks):
        loading.count(applied)
        done += applied.added
        loading.progress(f"applying {where.domain.path}", done)


def _apply_chunks(
    loading: Loading, where: Batch, chunks: list[StagedChunk], superseded: Superseded
) -> None:
    done = 0
    for batch in _batches(chunks, superseded):
        loading.count(_apply_batch(loading, where, batch))
        done += len(batch.places)
        loading.progress(f"applying {where.domain.path}", done)


@dataclass(slots=True)
class StagedBatch:
    """Staged arrivals that are applied together, and where their protected values lie."""

    places: list[Place] = field(default_factory=list)
    sealed: list[Place] = field(default_factory=list)


def _batches(chunks: list[StagedChunk], superseded: Superseded) -> Iterator[StagedBatch]:
    """The arrivals that count, BATCH at a time: of a mostly unchanged file, many chunks' few."""
    batch = StagedBatch()
    for number, chunk in enumerate(chunks):
        left_out = {place for of, place in superseded if of == number} if superseded else ()
        batch.places += [p for place, p in enumerate(chunk.places) if place not in left_out]
        batch.sealed.append(chunk.sealed)
        if len(batch.places) >= BATCH:
            yield batch
            batch = StagedBatch()
    if batch.places:
        yield batch


def _apply_batch(loading: Loading, where: Batch, batch: StagedBatch) -> Applied:
    arrivals = [loading.spool.arrival(place) for place in batch.places]
    hub, act = loading.hub, loading.in_domain(where.domain)
    with transaction(hub.database, act) as tx:
        for place in batch.sealed:
            loads.keep_sealed(tx.connection, loading.spool.sealed(place))
        applied = apply(tx, hub, where.of(arrivals))
        tx.cancelled = not (applied.added or applied.changed)
    refresh_dependants(hub, act, where.domain, applied)
    return applied


def _superseded(loading: Loading, files: list[Staged]) -> Superseded:
    """Arrivals whose key a later row of the same load tells again; the later one counts.

    A source that gives a sequence orders its versions itself: there, every row counts.
    """
    last: dict[str, tuple[int, int, int, int]] = {}
    again: Superseded = set()
    chunk_number = 0
    for file_number, staged in enumerate(files):
        held = _lines_held(loading, staged)
        for chunk in staged.chunks:
            if staged.feed.sequence is None:
                for place, key in enumerate(chunk.keys):
                    if key in last:
                        again.add(last[key][2:])
                    last[key] = (file_number, chunk.lines[place], chunk_number, place)
            chunk_number += 1
        for key, line in held.items():
            if key in last and last[key][:2] < (file_number, line):
                again.add(last[key][2:])
    if again:
        loading.report.notes.append(f"{len(again)} rows told a key again; the later row counts.")
    return again


def _lines_held(loading: Loading, staged: Staged) -> dict[str, int]:
    """Lines of rows whose payload we hold, by key, where the file tells the same key otherwise."""
    if not staged.held or not any(chunk.keys for chunk in staged.chunks):
        return {}
    told = {key for chunk in staged.chunks for key in chunk.keys}
    with loading.hub.database.read() as connection:
        ids = loads.record_ids(connection, loading.source.name, staged.feed.domain, told)
    lines = dict(staged.held)
    return {key: lines[record_id] for key, record_id in ids.items() if record_id in lines}


def _settle_refused(loading: Loading, domain: Domain, files: list[Staged]) -> None:
    """Closes earlier refusals of records whose rows this load brought in order."""
    hub, source = loading.hub, loading.source.name
    refused = {reject.source_key for staged in files for reject in staged.rejects}
    with hub.database.read() as connection:
        waiting = rejects.open_keys(connection, source, domain.name) - refused
        if not waiting:
            return
        taken = {k for staged in files for c in staged.chunks for k in c.keys if k in waiting}
        settled = rejects.overtaken(connection, source, domain.name, taken)
    if settled:
        with transaction(hub.database, loading.in_domain(domain)) as tx:
            rejects.settle(tx, settled, rejects.SUPERSEDED)


def _keep_refused(loading: Loading, load_id: int, staged: Staged) -> None:
    if not staged.rejects and not staged.unmapped:
        return
    source = loading.source
    where = loads.Refused(
        source.name, staged.feed.domain, staged.path.name, load_id, source.version
    )
    act = Act("refused", loading.act.actor, correlation_id=loading.act.correlation_id)
    with transaction(loading.hub.database, act) as tx:
        kept = loads.keep_rejects(tx, where, staged.rejects)
        loads.count_unmapped(tx, where, staged.unmapped)
        tx.cancelled = not kept and not staged.unmapped


def _end_absent(loading: Loading, load_id: int, domain: Domain, files: list[Staged]) -> None:
    """Ends the records that a complete load does not have; rejected rows count as present."""
    refused = [reject for staged in files for reject in staged.rejects]
    if any(reject.source_key is None for reject in refused):
        loading.report.notes.append(
            "A rejected row has no key, so what is absent cannot be told: nothing was ended."
        )
        return
    present = {key for staged in files for chunk in staged.chunks for key in chunk.keys}
    present |= {str(reject.source_key) for reject in refused}
    held = {record_id for staged in files for record_id, _line in staged.held}
    hub, act = loading.hub, loading.in_domain(domain)
    absent = loads.absent(hub.database, loading.source.name, domain.name, present, held)
    for start in range(0, len(absent), ENDED):
        ids = absent[start : start + ENDED]
        with transaction(hub.database, act) as tx:
            applied = end_records(tx, hub, domain, ids, load_id)
        refresh_dependants(hub, act, domain, applied)
        loading.report.ended += len(ids)
        loading.count(applied)
