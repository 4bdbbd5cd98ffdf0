"""The path of a record: arrive -> gather -> decide -> write, one transaction per batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from mdm import clock
from mdm.domains import DOMAINS
from mdm.errors import BadRequest, Conflict, NotFound
from mdm.golden.decide import Change, Outcome, Rules, Scene, decide
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
from mdm.store import decisions, gather, write_golden, write_sources, write_tasks
from mdm.store.counters import numbers, reserve
from mdm.store.hub import Hub
from mdm.store.publish import publish
from mdm.store.transaction import Act, Tx, transaction

REFRESH = 5000
"""Golden records decided anew in one transaction."""


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
    changes: list[Change] = field(default_factory=list)

    def add(self, other: Applied) -> None:
        """Counts the other in."""
        self.added += other.added
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.golden_added += other.golden_added
        self.golden_changed += other.golden_changed
        self.tasks_opened += other.tasks_opened
        self.crowded |= other.crowded
        self.changes += other.changes


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
            added.append(first_version(tx.id, batch, arrival))
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


def first_version(tx: int, batch: Batch, arrival: Arrival) -> Held:
    """The record of a key that was never seen; its id is given when it is written."""
    record = laid_over(batch.domain, {}, arrival.told)
    return _version(tx, batch, arrival, record)


def next_version(tx: Tx, batch: Batch, before: Held, arrival: Arrival) -> Held:
    """The record after a further version."""
    record = laid_over(batch.domain, before.record, arrival.told)
    after = _version(tx.id, batch, arrival, record)
    after.id, after.version = before.id, before.version + 1
    after.golden_id, after.own_id = before.golden_id, before.own_id
    if before.state == "excluded" and not arrival.ended:
        after.state = "excluded"
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
    versions = (added, [after for _before, after in changed])
    applied.add(_settle_scene(tx, hub, scene, versions, closed_as))
    return applied


def _settle_scene(
    tx: Tx, hub: Hub, scene: Scene, versions: tuple[Sequence[Held], Sequence[Held]], closed_as: str
) -> Applied:
    outcome = decide(scene, _rules(tx, hub, block=max(1, len(versions[0]))))
    _write(tx, hub, scene, outcome, versions)
    applied = Applied(changes=outcome.changes)
    applied.golden_added = sum(change.before is None for change in outcome.changes)
    applied.golden_changed = len(outcome.changes) - applied.golden_added
    if scene.domain.mastering is Mastering.FUZZY:
        applied.tasks_opened = write_tasks.settle_tasks(
            tx, scene.domain, list(scene.records), outcome.tasks, closed_as
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
    scene: Scene,
    outcome: Outcome,
    versions: tuple[Sequence[Held], Sequence[Held]],
) -> None:
    added, changed = versions
    domain = scene.domain
    fresh = {record.id for record in (*added, *changed)}
    elsewhere = []
    for record_id, golden_id, own_id in outcome.assigned:
        record = scene.records[record_id]
        record.golden_id, record.own_id = golden_id, own_id
        if record_id not in fresh:
            elsewhere.append((record_id, golden_id, own_id))
    write_sources.insert_records(tx.connection, added, tx.id)
    write_sources.update_records(tx.connection, changed)
    write_sources.assign_goldens(tx.connection, elsewhere)
    write_golden.write_goldens(tx, domain, hub.keys.match_secret, outcome.changes)
    write_golden.write_ledger(tx, domain, outcome.ledger)
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
    return settle(tx, hub, domain, (), changed)


def refresh(hub: Hub, act: Act, domain: Domain, golden_ids: Sequence[str]) -> Applied:
    """Decides these golden records anew: the calendar or a parent may have changed them."""
    with transaction(hub.database, replace(act, domain=domain.name)) as tx:
        within = gather.records_of_goldens(tx.connection, golden_ids)
        applied = decide_within(tx, hub, domain, within)
        tx.cancelled = not applied.golden_added and not applied.golden_changed
    return applied


def decide_within(
    tx: Tx, hub: Hub, domain: Domain, within: set[int], closed_as: str = "overtaken"
) -> Applied:
    """Decides whole components around these stored records anew, and writes what differs."""
    if domain.mastering is Mastering.FUZZY:
        within = gather.component(tx.connection, within)
    scene = gather_scene(tx, domain, within, {})
    scene.touched = set(scene.records)
    return _settle_scene(tx, hub, scene, ((), ()), closed_as)


def refresh_dependants(hub: Hub, act: Act, domain: Domain, applied: Applied) -> None:
    """Decides anew what refers to the golden records that changed: a region may have moved."""
    codes = {
        f"{domain.name}:{state['code']}"
        for change in applied.changes
        for version in (change.before, change.after)
        if domain.mastering is Mastering.BY_CODE and version is not None
        for state in version.record["slices"]
    }
    if not codes:
        return
    with hub.database.read() as connection:
        dependants = gather.dependants(connection, codes)
    for name, golden_ids in sorted(dependants.items()):
        for start in range(0, len(golden_ids), REFRESH):
            refresh(hub, act, DOMAINS[name], golden_ids[start : start + REFRESH])


def tick(hub: Hub, at: datetime, actor: str) -> Applied:
    """Lets time pass up to an instant: slices start and end on their days."""
    act = Act(kind="tick", actor=actor, at=at)
    total = Applied()
    with hub.database.read() as connection:
        due = gather.due(connection, clock.iso(at)[:10])
    for name, golden_ids in sorted(due.items()):
        for start in range(0, len(golden_ids), REFRESH):
            some = golden_ids[start : start + REFRESH]
            with transaction(hub.database, replace(act, domain=name)) as tx:
                within = gather.records_of_goldens(tx.connection, some)
                applied = decide_within(tx, hub, DOMAINS[name], within)
                publish_again(tx, hub, DOMAINS[name], some)
                write_golden.turn_agenda(tx, some)
            refresh_dependants(hub, act, DOMAINS[name], applied)
            total.add(applied)
    return total


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of two sets of source records of a domain."""

    kind: str
    """`same` or `different`."""
    domain: Domain
    left: tuple[int, ...]
    right: tuple[int, ...]
    reason: str | None = None
    survivor: str | None = None
    task_id: int | None = None
    simulated: bool = False


def say(tx: Tx, hub: Hub, said: Said) -> int:
    """Keeps a decision and lets it take effect; returns its number.

    Raises Conflict where a decision in force says the opposite of the same records, BadRequest
    where a record is named on both sides.
    """
    if set(said.left) & set(said.right) or not said.left or not said.right:
        raise BadRequest("A decision names two different sets of source records.")
    _refuse_contradiction(tx, said)
    values = {
        "kind": said.kind,
        "domain": said.domain.name,
        "simulated": said.simulated,
        "reason": said.reason,
        "task_id": said.task_id,
        "survivor": said.survivor,
    }
    number = decisions.add_decision(tx, values, said.left, said.right)
    if said.task_id is not None:
        decisions.close_task(tx, said.task_id, said.kind)
    decide_within(tx, hub, said.domain, {*said.left, *said.right})
    return number


def _refuse_contradiction(tx: Tx, said: Said) -> None:
    pairs = {frozenset((a, b)) for a in said.left for b in said.right}
    for standing in gather.decisions_of(tx.connection, (*said.left, *said.right)):
        if standing.kind != said.kind and pairs & {frozenset(pair) for pair in standing.pairs}:
            raise Conflict(
                f"Decision {standing.id} says that these records are {standing.kind}."
                " Withdraw it first, then decide again.",
                decision=standing.id,
            )


def unsay(tx: Tx, hub: Hub, number: int) -> None:
    """Withdraws a decision and lets that take effect; NotFound where none is in force."""
    domain = decisions.domain_of_decision(tx, number)
    bound = decisions.withdraw_decision(tx, number)
    if domain is None or bound is None:
        raise NotFound(f"There is no decision {number} in force.")
    decide_within(tx, hub, DOMAINS[domain], set(bound))
