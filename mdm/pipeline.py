"""The path of a record: arrive -> gather -> decide -> write, one transaction per batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from mdm.golden.decide import Outcome, Rules, Scene, decide
from mdm.golden.state import Held
from mdm.golden.versions import (
    Told,
    fold,
    is_late,
    is_unchanged,
    laid_over,
    pack_told,
    unpack_told,
)
from mdm.model.domain import Domain, Mastering
from mdm.pairing import pair, pair_by_code
from mdm.records import Arrival, Document
from mdm.store import gather, write_golden, write_sources, write_tasks
from mdm.store.counters import numbers, reserve
from mdm.store.hub import Hub
from mdm.store.publish import publish
from mdm.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Batch:
    """Arrivals of one source and domain that are applied together."""

    source: str
    domain: Domain
    mapping_version: str
    load_id: int | None
    arrivals: Sequence[Arrival]


@dataclass(slots=True)
class Applied:
    """What a batch changed; counts of source records, golden records and tasks."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    golden_added: int = 0
    golden_changed: int = 0
    tasks_opened: int = 0
    crowded: set[int] = field(default_factory=set)
    """Match keys that hold more records than their cap."""

    def add(self, other: Applied) -> None:
        """Counts the other in."""
        self.added += other.added
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.golden_added += other.golden_added
        self.golden_changed += other.golden_changed
        self.tasks_opened += other.tasks_opened
        self.crowded |= other.crowded


def apply(tx: Tx, hub: Hub, batch: Batch) -> Applied:
    """Applies arrivals inside an open transaction; versions of one record in their order."""
    applied = Applied()
    for arrivals in _rounds(batch.arrivals):
        applied.add(_apply_round(tx, hub, batch, arrivals))
    return applied


def _rounds(arrivals: Sequence[Arrival]) -> list[list[Arrival]]:
    """Each round holds a record once, so that a round sees what the one before it wrote."""
    rounds: list[list[Arrival]] = []
    seen: dict[str, int] = {}
    for arrival in arrivals:
        place = seen.get(arrival.source_key, 0)
        seen[arrival.source_key] = place + 1
        if place == len(rounds):
            rounds.append([])
        rounds[place].append(arrival)
    return rounds


def _apply_round(tx: Tx, hub: Hub, batch: Batch, arrivals: Sequence[Arrival]) -> Applied:
    keys = [arrival.source_key for arrival in arrivals]
    held = gather.held_by_key(tx.connection, batch.domain.name, batch.source, keys)
    applied = Applied()
    added: list[Held] = []
    changed: list[tuple[Held, Held]] = []
    for arrival in arrivals:
        before = held.get(arrival.source_key)
        if before is None:
            added.append(first_version(tx, batch, arrival))
        elif is_late(before, arrival):
            _take_late(tx, batch, before, arrival, changed, applied)
        elif is_unchanged(before, arrival):
            applied.unchanged += 1
        else:
            changed.append((before, next_version(tx, batch, before, arrival)))
    if not added and not changed:
        return applied
    first = reserve(tx.connection, "record", len(added)) if added else 0
    for place, record in enumerate(added):
        record.id = first + place
    applied.added += len(added)
    applied.changed += len(changed)
    applied.add(settle(tx, hub, batch.domain, added, changed))
    return applied


def first_version(tx: Tx, batch: Batch, arrival: Arrival) -> Held:
    """The record of a key that was never seen; its id is given when it is written."""
    record = laid_over(batch.domain, {}, arrival.told)
    return _version(tx, batch, arrival, record)


def next_version(tx: Tx, batch: Batch, before: Held, arrival: Arrival) -> Held:
    """The record after a further version."""
    record = laid_over(batch.domain, before.record, arrival.told)
    after = _version(tx, batch, arrival, record)
    after.id, after.version = before.id, before.version + 1
    after.golden_id, after.own_id = before.golden_id, before.own_id
    if before.state == "excluded" and not arrival.ended:
        after.state = "excluded"
    after.sequence = arrival.sequence or before.sequence
    return after


def _version(tx: Tx, batch: Batch, arrival: Arrival, record: Document) -> Held:
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
        tx=tx.id,
    )


def _mastered(record: Document) -> str:
    """A collective account for one-time vendors stands for nobody: it is kept out of matching."""
    return "excluded" if record.get("one_time") else "active"


def _take_late(
    tx: Tx,
    batch: Batch,
    held: Held,
    arrival: Arrival,
    changed: list[tuple[Held, Held]],
    applied: Applied,
) -> None:
    """Puts an older version in its place and folds what followed it again."""
    versions = gather.versions_of(tx.connection, held.id)
    if any(
        v.sequence == arrival.sequence and v.content_hash == arrival.content_hash for v in versions
    ):
        applied.unchanged += 1
        return
    told = [Told(v.sequence, v.version, unpack_told(v.record, v.told)) for v in versions]
    told.append(Told(held.sequence, held.version, unpack_told(held.record, held.told)))
    told.append(Told(arrival.sequence, held.version + 1, arrival.told))
    late = next_version(tx, batch, held, arrival)
    late.record = laid_over(batch.domain, {}, arrival.told)
    late.told = pack_told(late.record, arrival.told)
    late.sequence = arrival.sequence
    after = replace(held, raw=gather.raw_of(tx.connection, held.id))
    after.record = fold(batch.domain, told)
    after.told = pack_told(after.record, unpack_told(held.record, held.told))
    after.version, after.tx = held.version + 2, tx.id
    write_sources.insert_version(tx.connection, late)
    changed.append((held, after))


def settle(
    tx: Tx,
    hub: Hub,
    domain: Domain,
    added: Sequence[Held],
    changed: Sequence[tuple[Held, Held]],
    closed_as: str = "overtaken",
) -> Applied:
    """Gathers what new and changed records concern, decides, and writes it all."""
    applied = Applied()
    fresh = {record.id: record for record in (*added, *(after for _before, after in changed))}
    if domain.mastering is Mastering.FUZZY:
        applied.crowded = pair(tx, hub, domain, added, changed)
        within = gather.component(tx.connection, fresh)
    else:
        within = pair_by_code(tx, hub, domain, added, changed)
    scene = gather_scene(tx, domain, within, fresh)
    outcome = decide(scene, _rules(tx, hub, block=max(1, len(added))))
    _write(tx, hub, domain, scene, outcome, (added, [after for _before, after in changed]))
    applied.golden_added = sum(change.before is None for change in outcome.changes)
    applied.golden_changed = len(outcome.changes) - applied.golden_added
    if domain.mastering is Mastering.FUZZY:
        applied.tasks_opened = write_tasks.settle_tasks(
            tx, domain, list(scene.records), outcome.tasks, closed_as
        )
    return applied


def gather_scene(tx: Tx, domain: Domain, within: set[int], fresh: dict[int, Held]) -> Scene:
    """All that a decision on these records may look at; fresh versions stand for stored ones."""
    connection = tx.connection
    records = gather.held_by_id(connection, within - fresh.keys())
    records.update(fresh)
    fuzzy = domain.mastering is Mastering.FUZZY
    edges, outside = gather.edges_of(connection, records) if fuzzy else ([], [])
    own = {record.own_id for record in records.values() if record.own_id}
    answering = {record.golden_id for record in records.values() if record.golden_id}
    return Scene(
        domain=domain,
        records=records,
        touched=set(fresh),
        edges=edges,
        outside=outside,
        decisions=gather.decisions_of(connection, records) if fuzzy else [],
        goldens=gather.goldens_by_id(connection, own | answering),
        regions=gather.regions(connection),
    )


def _rules(tx: Tx, hub: Hub, block: int) -> Rules:
    return Rules(
        trust=hub.trust,
        today=date.fromisoformat(tx.at[:10]),
        child_id=hub.keys.child_id,
        next_no=numbers(tx.connection, "golden", block),
        tx=tx.id,
    )


def _write(
    tx: Tx,
    hub: Hub,
    domain: Domain,
    scene: Scene,
    outcome: Outcome,
    versions: tuple[Sequence[Held], Sequence[Held]],
) -> None:
    added, changed = versions
    fresh = {record.id for record in (*added, *changed)}
    elsewhere = []
    for record_id, golden_id, own_id in outcome.assigned:
        record = scene.records[record_id]
        record.golden_id, record.own_id = golden_id, own_id
        if record_id not in fresh:
            elsewhere.append((record_id, golden_id, own_id))
    write_sources.insert_records(tx.connection, added)
    write_sources.update_records(tx.connection, changed)
    write_sources.assign_goldens(tx.connection, elsewhere)
    write_golden.write_goldens(tx, domain, hub.keys.match_secret, outcome.changes)
    write_golden.write_ledger(tx, domain, outcome.ledger)
    publish(tx, hub.subscriptions.values(), domain, outcome.changes)
