"""Loads files of a source: staged whole, then applied batch by batch; a rerun continues."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from mdm import stopping
from mdm.absence import absent
from mdm.domains import DOMAINS
from mdm.errors import UnknownName
from mdm.export_pages import missing_pages, require_all_pages
from mdm.first_load import grouped, load_first
from mdm.first_plan import Grouped
from mdm.guarding import Guarded, Part, judged
from mdm.inbound.mapping import Source
from mdm.inbound.readers import Row
from mdm.intake import Batch
from mdm.load_batches import StagedBatch, batches
from mdm.model.domain import Domain, Mastering
from mdm.pipeline import Applied, apply, end_records
from mdm.records import Mode
from mdm.refresh import follow_up
from mdm.staging import (
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
from mdm.stopping import Asked, Inlet
from mdm.store import loads, rejects, stopped
from mdm.store.hub import Hub, source_of
from mdm.store.stopped import Stopped
from mdm.store.transaction import Act, transaction
from mdm.superseded import Superseded, said_again, superseded, tell_twice
from mdm.workers import no_cycles_sought

FIRST_LOAD = 10_000
"""Rows of a source not held yet from which they are matched as one batch."""
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
    encoding: str | None = None
    """None: as the mapping says."""

    def of(self, source: Source) -> Asked:
        """What is asked of the source."""
        return Asked(source, self.paths, self.mode, self.domain, self.encoding)


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
        return replace(self.act, domain=domain.name)


def no_progress(_what: str, _rows: int) -> None:
    """Reports to nobody."""


def load(hub: Hub, request: LoadRequest, progress: Progress = no_progress) -> LoadReport:
    """Stages all files, judges them, then applies them.

    Raises UnreadableFile while staging, LoadStopped where a guard trips: with nothing applied. A
    batch that fails leaves nothing; the batches before it stand, and the same load run again
    continues. What a person released is not judged again.
    """
    source = source_named(hub, request.source)
    asked = request.of(source)
    before = stopping.known(hub, asked)
    if before is not None and before.state == stopped.STOPPED:
        raise stopping.refusal(before)
    released = before.id if before is not None and before.state == stopped.APPLYING else None
    act = Act(kind="load", actor=request.actor)
    inlets = stopping.inlets_of_files(asked)
    with no_cycles_sought(), Spool() as spool:
        loading = Loading(hub, source, request, act, spool, LoadReport(), progress)
        started = time.monotonic()
        parts = _parts(loading, inlets)
        if before is None:
            _judge(loading, parts, inlets)
        return _run(loading, parts, released, started)


def load_released(
    hub: Hub, load: Stopped, act: Act, progress: Progress = no_progress
) -> LoadReport:
    """Applies a load that was stopped and that a person released; run again it continues."""
    source = source_named(hub, load.source)
    request = LoadRequest(load.source, (), load.mode, act.actor)
    with no_cycles_sought(), Spool() as spool:
        loading = Loading(hub, source, request, act, spool, LoadReport(), progress)
        started = time.monotonic()
        parts = _parts(loading, stopping.inlets_of_kept(hub, source, load))
        return _run(loading, parts, load.id, started)


def _run(
    loading: Loading, parts: Sequence[Part], load_id: int | None, started: float
) -> LoadReport:
    """Applies the parts in order and notes what that did."""
    hub, act, request = loading.hub, loading.act, loading.request
    if load_id is None:
        files = [describe(path) for path in request.paths]
        load_id = loads.start(hub.database, act, request.source, request.mode, files)
    follow_up(hub)
    for part in parts:
        _apply_part(loading, load_id, part)
    loading.report.seconds = round(time.monotonic() - started, 3)
    loads.finish(hub.database, act, load_id, asdict(loading.report))
    return loading.report


def source_named(hub: Hub, name: str) -> Source:
    """The activated source of this name, with all codes mapped; UnknownName lists them all."""
    if name not in hub.sources:
        raise UnknownName.among("source", name, list(hub.sources))
    with hub.database.read() as connection:
        return source_of(connection, hub, name)


def _parts(loading: Loading, inlets: Sequence[Inlet]) -> list[Part]:
    """What the load tells, staged whole, by domain: parents before what refers to them."""
    order = list(DOMAINS)
    staged = [
        _staged(loading, inlet)
        for inlet in sorted(inlets, key=lambda inlet: order.index(inlet.feed.domain))
    ]
    by_domain: dict[str, list[Staged]] = {}
    for one in staged:
        by_domain.setdefault(one.feed.domain, []).append(one)
    return [_part(loading, DOMAINS[name], files) for name, files in by_domain.items()]


def _staged(loading: Loading, inlet: Inlet) -> Staged:
    source, feed, path = loading.source, inlet.feed, inlet.path
    known = known_of(loads.payload_hashes(loading.hub.database, source.name, feed.domain))
    worker = Worker(source, feed, loading.hub.keys, matched=not len(known.hashes))
    staged = Staged(feed, path, standing=len(known.hashes), answer=inlet.answer)
    cores = cores_of(loading.hub.settings)
    stage_rows(_reported(loading, inlet), known, worker, cores, (staged, loading.spool))
    return staged


def _reported(loading: Loading, inlet: Inlet) -> Iterator[list[Row]]:
    """The rows of an inlet, counted aloud as they are read."""
    read = 0
    for rows in inlet.rows():
        read += len(rows)
        loading.progress(f"reading {inlet.path.name}", read)
        yield rows


def _part(loading: Loading, domain: Domain, files: list[Staged]) -> Part:
    left_out = superseded(loading.hub, loading.source.name, files)
    if left_out:
        loading.report.notes.append(said_again(domain, files, left_out))
    part = Part(domain, files, left_out)
    if loading.request.mode is Mode.FULL:
        require_all_pages(files)
        part.absent = absent(loading.hub, loading.source, files, loading.report.notes)
    elif said := missing_pages(files):
        loading.report.notes.append(f"{said} Load the others too.")
    if _is_first(loading, part):
        loading.progress("matching", 0)
        part.groups = grouped(loading.hub, domain, part.chunks)
    return part


def _judge(loading: Loading, parts: Sequence[Part], inlets: Sequence[Inlet]) -> None:
    """Raises LoadStopped, with the load kept aside, where a part is over its budget."""
    hub, source, request = loading.hub, loading.source, loading.request
    tripped = []
    for part in parts:
        where = Batch(source.name, part.domain, source.version, None, ())
        guarded = Guarded(
            hub, loading.in_domain(part.domain), loading.spool, where, part, source.guards
        )
        tripped += [(part.domain, one) for one in judged(guarded)]
    if tripped:
        for part in parts:
            _count_staged(loading.report, part)
        asked = request.of(source)
        found = (tripped, asdict(loading.report))
        raise stopping.stop(hub, loading.act, asked, inlets, found)


def _count_staged(report: LoadReport, part: Part) -> None:
    """Counts what is known before anything is applied."""
    for staged in part.files:
        report.read += staged.rows
        report.unchanged += len(staged.held)
        report.rejected += len(staged.rejects)
        report.unmapped_columns += sorted(staged.columns.difference(report.unmapped_columns))
        report.notes += staged.not_kept.values()
        report.unmapped_codes += len(staged.unmapped)
        if not staged.rows:
            report.notes.append(
                f"{staged.path.name} has no rows that can be read as {part.domain.name} records."
            )
        report.notes += [
            f"{count:,} rows passed over: {reason}." for reason, count in staged.skipped.items()
        ]
    report.unchanged += len(part.left_out)


def _apply_part(loading: Loading, load_id: int, part: Part) -> None:
    domain, files = part.domain, part.files
    _count_staged(loading.report, part)
    where = Batch(loading.source.name, domain, loading.source.version, load_id, ())
    if part.groups is not None:
        _apply_first(loading, where, part.chunks, part.groups)
    else:
        _apply_chunks(loading, where, part.chunks, part.left_out)
    for staged in files:
        _keep_refused(loading, load_id, staged)
    _settle_refused(loading, domain, files)
    if part.absent:
        _end_absent(loading, load_id, domain, part.absent)


def _is_first(loading: Loading, part: Part) -> bool:
    """Whether the rows can be matched as one batch: many, each key once, and the domain empty."""
    return (
        part.domain.mastering is Mastering.FUZZY
        and sum(map(len, part.chunks)) >= FIRST_LOAD
        and not part.left_out
        and not tell_twice(part.files)
        and loads.is_empty(loading.hub.database, part.domain.name)
    )


def _apply_first(
    loading: Loading, where: Batch, chunks: list[StagedChunk], groups: Grouped
) -> None:
    act = loading.in_domain(where.domain)
    done = 0
    for applied in load_first(loading.hub, act, where, (loading.spool, chunks), groups):
        loading.count(applied)
        done += applied.added
        loading.progress(f"applying {where.domain.path}", done)
    loading.hub.database.refresh_statistics()


def _apply_chunks(
    loading: Loading, where: Batch, chunks: list[StagedChunk], left_out: Superseded
) -> None:
    done = 0
    for batch in batches(chunks, left_out):
        loading.count(_apply_batch(loading, where, batch))
        done += len(batch.places)
        loading.progress(f"applying {where.domain.path}", done)


def _apply_batch(loading: Loading, where: Batch, batch: StagedBatch) -> Applied:
    arrivals = [loading.spool.arrival(place) for place in batch.places]
    hub, act = loading.hub, loading.in_domain(where.domain)
    with transaction(hub.database, act) as tx:
        for place in batch.sealed:
            loads.keep_sealed(tx.connection, loading.spool.sealed(place))
        applied = apply(tx, hub, where.of(arrivals))
        tx.cancelled = not (applied.added or applied.changed or applied.told_again)
    follow_up(hub)
    return applied


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


def _end_absent(loading: Loading, load_id: int, domain: Domain, absent: list[int]) -> None:
    hub, act = loading.hub, loading.in_domain(domain)
    for start in range(0, len(absent), ENDED):
        ids = absent[start : start + ENDED]
        with transaction(hub.database, act) as tx:
            applied = end_records(tx, hub, domain, ids, load_id)
        follow_up(hub)
        loading.report.ended += len(ids)
        loading.count(applied)
