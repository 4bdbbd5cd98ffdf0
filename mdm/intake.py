"""Turns arrivals into versions of source records: first, next, or late in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mdm.golden.state import Held
from mdm.golden.versions import (
    Told,
    fold,
    is_late,
    is_said_later,
    is_unchanged,
    laid_over,
    pack_told,
    preceding,
    unpack_told,
)
from mdm.model.domain import Domain
from mdm.records import Arrival, Document
from mdm.store import gather, write_sources
from mdm.store.counters import reserve
from mdm.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Batch:
    """Arrivals of one source and domain that are applied together."""

    source: str
    domain: Domain
    mapping_version: str
    load_id: int | None
    arrivals: Sequence[Arrival]

    def of(self, arrivals: Sequence[Arrival]) -> Batch:
        """A batch of these arrivals from the same place."""
        return replace(self, arrivals=arrivals)


@dataclass(slots=True)
class Taken:
    """What arrivals make of the records we hold: new ones, and (before, after) of changed ones."""

    added: list[Held] = field(default_factory=list)
    changed: list[tuple[Held, Held]] = field(default_factory=list)
    unchanged: int = 0
    told_again: list[tuple[str, int, int]] = field(default_factory=list)
    """(sequence, record, version): versions that their source told again, later than before."""


def rounds(arrivals: Sequence[Arrival]) -> list[list[Arrival]]:
    """Each round holds a record once, so that a round sees what the one before it wrote."""
    found: list[list[Arrival]] = []
    seen: dict[str, int] = {}
    for arrival in arrivals:
        place = seen.get(arrival.source_key, 0)
        seen[arrival.source_key] = place + 1
        if place == len(found):
            found.append([])
        found[place].append(arrival)
    return found


def take(tx: Tx, batch: Batch) -> Taken:
    """The versions that these arrivals, each of another record, make; new records get their ids."""
    keys = [arrival.source_key for arrival in batch.arrivals]
    held = gather.held_by_key(tx.connection, batch.domain.name, batch.source, keys)
    taken = Taken()
    for arrival in batch.arrivals:
        before = held.get(arrival.source_key)
        if before is None:
            taken.added.append(first_version(tx.id, batch, arrival))
        elif is_late(before, arrival):
            _take_late(tx, batch, before, arrival, taken)
        elif is_unchanged(before, arrival):
            _told_again(before, arrival, taken)
        else:
            taken.changed.append((before, next_version(tx.id, batch, before, arrival)))
    if taken.added:
        first = reserve(tx.connection, "record", len(taken.added))
        for place, record in enumerate(taken.added):
            record.id = first + place
    return taken


def first_version(tx: int, batch: Batch, arrival: Arrival) -> Held:
    """The record of a key that was never seen; its id is given when it is written."""
    return _version(tx, batch, arrival, laid_over(batch.domain, {}, arrival.told))


def next_version(tx: int, batch: Batch, before: Held, arrival: Arrival) -> Held:
    """The record after a further version."""
    record = laid_over(batch.domain, before.record, arrival.told)
    after = _version(tx, batch, arrival, record)
    after.id, after.version = before.id, before.version + 1
    after.golden_id, after.own_id = before.golden_id, before.own_id
    after.sequence = arrival.sequence or before.sequence
    return after


def _version(tx: int, batch: Batch, arrival: Arrival, record: Document) -> Held:
    return Held(
        id=0,
        domain=batch.domain.name,
        source=batch.source,
        source_key=arrival.source_key,
        golden_id=None,
        own_id=None,
        state="ended" if arrival.ended else _mastered(record),
        version=1,
        record=record,
        told=pack_told(record, arrival.told),
        findings=arrival.findings,
        raw=arrival.raw,
        content_hash=arrival.content_hash,
        raw_hash=arrival.raw_hash,
        sequence=arrival.sequence,
        source_time=arrival.source_time,
        mapping_version=batch.mapping_version,
        load_id=batch.load_id,
        line=arrival.line,
        tx=tx,
    )


def _mastered(record: Document) -> str:
    """A collective account for one-time vendors stands for nobody: it is kept out of matching."""
    return "excluded" if record.get("one_time") else "active"


def _told_again(version: Held, arrival: Arrival, taken: Taken) -> None:
    """Counts an arrival that says the same; what its source says in between is older than it."""
    taken.unchanged += 1
    if arrival.sequence is not None and arrival.sequence > (version.sequence or ""):
        taken.told_again.append((arrival.sequence, version.id, version.version))


def _take_late(tx: Tx, batch: Batch, held: Held, arrival: Arrival, taken: Taken) -> None:
    """Puts an older version in its place and folds what followed it again."""
    versions = gather.versions_of(tx.connection, held.id)
    same = (arrival.sequence, arrival.content_hash)
    if any((version.sequence, version.content_hash) == same for version in versions):
        taken.unchanged += 1
        return
    if is_said_later((*versions, held), arrival):
        taken.unchanged += 1
        return
    before = preceding(versions, arrival)
    if before is not None and is_unchanged(before, arrival):
        _told_again(replace(before, id=held.id), arrival, taken)
        return
    told = [Told(v.sequence, v.version, unpack_told(v.record, v.told)) for v in (*versions, held)]
    told.append(Told(arrival.sequence, held.version + 1, arrival.told))
    late = next_version(tx.id, batch, held, arrival)
    late.record = laid_over(batch.domain, {}, arrival.told)
    late.told = pack_told(late.record, arrival.told)
    write_sources.insert_version(tx.connection, late)
    record = fold(batch.domain, told)
    after = replace(
        held,
        record=record,
        told=pack_told(record, unpack_told(held.record, held.told)),
        raw=gather.raw_of(tx.connection, held.id),
        version=held.version + 2,
        tx=tx.id,
    )
    taken.changed.append((held, after))
