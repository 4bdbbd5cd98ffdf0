"""The path of a record: arrive -> gather -> decide -> write, one transaction per batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mdm import clock
from mdm.golden.decide import Change, Outcome, Rules, Scene, code_of, decide
from mdm.golden.state import Held
from mdm.intake import Batch, Taken, rounds, take
from mdm.model.domain import Domain, Mastering
from mdm.pairing import pair, pair_by_code
from mdm.store import follow_ups, gather, overrides, write_golden, write_sources, write_tasks
from mdm.store.counters import numbers
from mdm.store.hub import Hub, trust_of
from mdm.store.publish import publish
from mdm.store.transaction import Tx
from mdm.survivorship import Override


@dataclass(slots=True)
class Applied:
    """What a batch changed; counts of source records, golden records and tasks."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    told_again: int = 0
    """Of the unchanged, those that their source told later than before: that is kept."""
    golden_added: int = 0
    golden_changed: int = 0
    tasks_opened: int = 0
    overrides_turned: int = 0
    crowded: set[int] = field(default_factory=set)
    """Match keys that hold more records than their cap."""
    changes: list[Change] = field(default_factory=list)

    def add(self, other: Applied) -> None:
        """Counts the other in."""
        self.added += other.added
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.told_again += other.told_again
        self.golden_added += other.golden_added
        self.golden_changed += other.golden_changed
        self.tasks_opened += other.tasks_opened
        self.overrides_turned += other.overrides_turned
        self.crowded |= other.crowded
        self.changes += other.changes


def apply(tx: Tx, hub: Hub, batch: Batch) -> Applied:
    """Applies arrivals inside an open transaction; versions of one record in their order."""
    applied = Applied()
    tx.basis |= batch_basis(batch)
    for arrivals in rounds(batch.arrivals):
        taken = take(tx, batch.of(arrivals))
        if taken.added or taken.changed:
            applied.add(settle(tx, hub, batch.domain, taken))
        applied.added += len(taken.added)
        applied.changed += len(taken.changed)
        applied.unchanged += taken.unchanged
        applied.told_again += len(taken.told_again)
        write_sources.note_told_again(tx.connection, taken.told_again)
    return applied


def settle(tx: Tx, hub: Hub, domain: Domain, taken: Taken) -> Applied:
    """Gathers what new and changed records concern, decides, and writes it all."""
    applied = Applied()
    added, changed = taken.added, taken.changed
    fresh = {record.id: record for record in (*added, *(after for _before, after in changed))}
    if domain.mastering is Mastering.FUZZY:
        applied.crowded = pair(tx, hub, domain, added, changed)
        within = gather.component(tx.connection, fresh)
    else:
        within = pair_by_code(tx, hub, domain, added, changed)
    scene = gather_scene(tx, domain, within, fresh)
    versions = (added, [after for _before, after in changed])
    applied.add(_settle_scene(tx, hub, scene, versions))
    return applied


def _settle_scene(
    tx: Tx, hub: Hub, scene: Scene, versions: tuple[Sequence[Held], Sequence[Held]]
) -> Applied:
    tx.basis |= basis_of(hub, scene.domain)
    outcome = decide(scene, _rules(tx, hub, block=max(1, len(versions[0]))))
    _write(tx, hub, scene, outcome, versions)
    applied = Applied(changes=outcome.changes)
    applied.golden_added = sum(change.before is None for change in outcome.changes)
    applied.golden_changed = len(outcome.changes) - applied.golden_added
    applied.overrides_turned = len(outcome.turned)
    if scene.domain.mastering is Mastering.FUZZY or scene.domain.dated or scene.overrides:
        applied.tasks_opened = write_tasks.settle_tasks(
            tx, scene.domain, list(scene.records), outcome.tasks, "overtaken"
        )
    return applied


def basis_of(hub: Hub, domain: Domain) -> dict[str, Any]:
    """The versions of the rules and mappings that a decision rests on, for the audit."""
    rules = hub.rules.get(domain.name)
    sources = {source.name: source.version for source in hub.sources.values()}
    return {"sources": sources} | ({"rules": rules.version} if rules else {})


def batch_basis(batch: Batch) -> dict[str, Any]:
    """Where the records of a batch come from, for the audit."""
    said = {"source": batch.source, "mapping": batch.mapping_version, "load": batch.load_id}
    return {name: value for name, value in said.items() if value is not None}


def gather_scene(tx: Tx, domain: Domain, within: set[int], fresh: dict[int, Held]) -> Scene:
    """All that a decision on these records may look at; fresh versions stand for stored ones."""
    connection = tx.connection
    records = gather.held_by_id(connection, within - fresh.keys())
    records.update(fresh)
    fuzzy = domain.mastering is Mastering.FUZZY
    edges, outside = gather.edges_of(connection, records) if fuzzy else ([], [])
    said = overrides.of_records(connection, records)
    own = {record.own_id for record in records.values() if record.own_id}
    answering = {record.golden_id for record in records.values() if record.golden_id}
    entities = gather.entities(connection)
    return Scene(
        domain=domain,
        records=records,
        touched=set(fresh),
        edges=edges,
        outside=outside,
        decisions=gather.decisions_of(connection, records) if fuzzy else [],
        goldens=gather.goldens_by_id(connection, own | answering),
        regions=entities.regions,
        zones=entities.zones,
        overrides=said,
        then=_then(tx, domain, records, said),
    )


def _then(
    tx: Tx, domain: Domain, records: Mapping[int, Held], said: Mapping[int, Sequence[Override]]
) -> dict[int, dict[int, Held]]:
    """What may share a group with an override's record, as it stood when the override was set."""
    found: dict[int, dict[int, Held]] = {}
    for record_id, some in said.items():
        listening = {one.tx for one in some if one.listens}
        if listening:
            around = _around(tx, domain, records, record_id)
            for number in listening:
                stood = gather.held_then(tx.connection, around, number)
                found.setdefault(number, {}).update(stood)
    return found


def _around(tx: Tx, domain: Domain, records: Mapping[int, Held], record_id: int) -> set[int]:
    if domain.mastering is Mastering.FUZZY:
        return gather.component(tx.connection, {record_id}) & records.keys()
    code = code_of(domain, records[record_id].record)
    return {one.id for one in records.values() if code_of(domain, one.record) == code}


def _rules(tx: Tx, hub: Hub, block: int) -> Rules:
    return Rules(
        trust=trust_of(tx.connection, hub),
        at=clock.parse_instant(tx.at),
        child_id=hub.keys.child_id,
        next_no=numbers(tx.connection, "golden", block),
        tx=tx.id,
    )


def _write(
    tx: Tx,
    hub: Hub,
    scene: Scene,
    outcome: Outcome,
    versions: tuple[Sequence[Held], Sequence[Held]],
) -> None:
    added, changed = versions
    domain = scene.domain
    fresh = {record.id for record in (*added, *changed)}
    elsewhere, moves = [], []
    for record_id, golden_id, own_id in outcome.assigned:
        record = scene.records[record_id]
        if record.golden_id and record.golden_id != golden_id:
            moves.append((record_id, record.golden_id))
        record.golden_id, record.own_id = golden_id, own_id
        if record_id not in fresh:
            elsewhere.append((record_id, golden_id, own_id))
    write_sources.insert_records(tx.connection, added, tx.id)
    write_sources.update_records(tx.connection, changed)
    write_sources.assign_goldens(tx.connection, elsewhere)
    write_sources.note_moves(tx.connection, moves, tx.id)
    write_golden.write_goldens(tx, domain, hub.keys, outcome.changes)
    write_golden.write_due(tx, domain, outcome.due)
    follow_ups.add(tx, domain, outcome.changes)
    write_golden.write_ledger(tx, domain, outcome.ledger)
    overrides.turn(tx, outcome.turned)
    publish(tx, hub.subscriptions.values(), domain, outcome.changes)


def end_records(
    tx: Tx, hub: Hub, domain: Domain, ids: Sequence[int], load_id: int | None
) -> Applied:
    """Ends source records that their source no longer has; golden records keep what they know."""
    changed = []
    for held in gather.held_by_id(tx.connection, ids).values():
        after = replace(
            held,
            state="ended",
            version=held.version + 1,
            raw=gather.raw_of(tx.connection, held.id),
            load_id=load_id,
            line=None,
            tx=tx.id,
        )
        changed.append((held, after))
    return settle(tx, hub, domain, Taken(changed=changed))


def decide_within(tx: Tx, hub: Hub, domain: Domain, within: set[int]) -> Applied:
    """Decides whole components around these stored records anew, and writes what differs."""
    if domain.mastering is Mastering.FUZZY:
        within = gather.component(tx.connection, within)
    scene = gather_scene(tx, domain, within, {})
    scene.touched = set(scene.records)
    return _settle_scene(tx, hub, scene, ((), ()))
