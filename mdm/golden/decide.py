"""From what we hold to what is golden: group, survive, compare with what stands. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import numpy as np

from matching.cluster import cluster
from matching.contest import CONTRADICTIONS, Conflict
from mdm.golden.identity import Identity, identify, new_golden_id
from mdm.golden.lifecycle import region_of, status_of, today_of
from mdm.golden.overriding import (
    Overridden,
    Sources,
    Then,
    lifted_tasks,
    member_of,
    survive_overridden,
)
from mdm.golden.periods import period_tasks
from mdm.golden.state import Decision, Edge, Golden, Held, Task
from mdm.model.domain import Domain, Mastering
from mdm.records import Document, Verdict
from mdm.survivorship import ChildId, Override, Survived, Trust

MATCH, POSSIBLE = 2, 1
VERDICTS = (Verdict.NO_MATCH, Verdict.POSSIBLE_MATCH, Verdict.MATCH)


@dataclass(slots=True)
class Scene:
    """All that a decision may look at: whole components, gathered before."""

    domain: Domain
    records: dict[int, Held]
    touched: set[int] = field(default_factory=set)
    edges: list[Edge] = field(default_factory=list)
    outside: list[tuple[Edge, str]] = field(default_factory=list)
    """Pairs with one end elsewhere, and the golden id of that end."""
    decisions: list[Decision] = field(default_factory=list)
    goldens: dict[str, Golden] = field(default_factory=dict)
    regions: Mapping[str, str | None] = field(default_factory=dict)
    """Region of each legal entity, by its code."""
    zones: Mapping[str, str | None] = field(default_factory=dict)
    """Time zone of each legal entity, by its code."""
    overrides: Mapping[int, Sequence[Override]] = field(default_factory=dict)
    """People's values that nobody withdrew, by the record that founded what they were set on."""
    then: Then = field(default_factory=dict)
    """Records as they stood when an override was set that depends on it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a decision follows beside the scene."""

    trust: Trust
    at: datetime
    """The instant that counts: which day it is depends on where a record belongs."""
    child_id: ChildId
    next_no: Callable[[], int]
    tx: int


@dataclass(frozen=True, slots=True)
class Change:
    """A golden record that got a new version, and what happened to it."""

    before: Golden | None
    after: Golden
    happened: str
    merged_from: tuple[str, ...] = ()


@dataclass(slots=True)
class Outcome:
    """What a decision changes; nothing that stays as it is."""

    changes: list[Change] = field(default_factory=list)
    assigned: list[tuple[int, str, str | None]] = field(default_factory=list)
    """Records that now answer with another golden id: (record, golden id, own id)."""
    ledger: list[tuple[str, str, int, str | None]] = field(default_factory=list)
    """Entries of the id ledger: (act, golden id, record, into)."""
    tasks: list[Task] = field(default_factory=list)
    """Every task that should be open for the records of the scene."""
    turned: list[tuple[int, str | None]] = field(default_factory=list)
    """Overrides that hold no more, with the reason, and ones that hold again."""
    due: list[tuple[str, str]] = field(default_factory=list)
    """(day, golden id): when time changes the trust in a value, or ends an override."""


def decide(scene: Scene, rules: Rules) -> Outcome:
    """The golden records of the scene's source records, and how they differ from what stands."""
    groups, conflicts = _groups(scene)
    outcome = Outcome()
    age = {golden_id: golden.no for golden_id, golden in scene.goldens.items()}
    latest = sorted(scene.decisions, key=lambda decision: -decision.id)
    preferred = [decision.survivor for decision in latest if decision.survivor]
    placed: dict[int, str] = {}
    for group in groups:
        identity = identify(group, age, preferred, lambda: new_golden_id(scene.domain.prefix))
        placed.update((record.id, identity.golden_id) for record in group)
        if _affected(scene, group, identity):
            _settle(scene, rules, group, identity, outcome)
    if scene.domain.mastering is Mastering.FUZZY:
        outcome.tasks = _possible_duplicates(scene, placed) + contradiction_tasks(conflicts)
    outcome.tasks += period_tasks(scene.domain, groups)
    outcome.tasks += lifted_tasks(scene.overrides.values(), dict(outcome.turned))
    return outcome


def _groups(scene: Scene) -> tuple[list[list[Held]], Sequence[Conflict]]:
    if scene.domain.mastering is not Mastering.FUZZY:
        return _by_code(scene), ()
    if not scene.edges and not scene.decisions:
        return [[record] for record in scene.records.values()], ()
    ids = sorted(scene.records)
    node = {record_id: number for number, record_id in enumerate(ids)}
    ranks = np.empty(len(ids), dtype=np.int64)
    by_crosswalk = sorted(ids, key=lambda record_id: scene.records[record_id].crosswalk)
    for rank, record_id in enumerate(by_crosswalk):
        ranks[node[record_id]] = rank
    excluded = {i for i, record in scene.records.items() if record.state == "excluded"}
    edges = [e for e in scene.edges if e.left not in excluded and e.right not in excluded]
    clusters = cluster(
        len(ids),
        np.array([node[e.left] for e in edges], dtype=np.int32),
        np.array([node[e.right] for e in edges], dtype=np.int32),
        np.array([e.probability for e in edges], dtype=np.float64),
        np.array([e.verdict for e in edges], dtype=np.uint8),
        np.array([e.veto for e in edges], dtype=np.bool_),
        must=_pairs(scene, node, "same"),
        cannot=_pairs(scene, node, "different"),
        order=ranks,
    )
    groups: dict[int, list[Held]] = {}
    for record_id, label in zip(ids, clusters.labels.tolist(), strict=True):
        groups.setdefault(label, []).append(scene.records[record_id])
    named = [Conflict(c.kind, tuple(ids[n] for n in c.nodes)) for c in clusters.conflicts]
    return list(groups.values()), named


def kind_of(scene: Scene, record_id: int) -> set[int]:
    """The records that the rules alone put together with this one, `same` decisions left out."""
    apart = [decision for decision in scene.decisions if decision.kind != "same"]
    groups, _conflicts = _groups(replace(scene, decisions=apart))
    found = next(group for group in groups if any(one.id == record_id for one in group))
    return {record.id for record in found}


def _pairs(scene: Scene, node: Mapping[int, int], kind: str) -> list[tuple[int, int]]:
    return [
        (node[a], node[b])
        for decision in scene.decisions
        if decision.kind == kind
        for a, b in decision.pairs
        if a in node and b in node
    ]


def code_of(domain: Domain, record: Document) -> str:
    """The code that makes records of a domain mastered by code the same, scope first."""
    return "\x1f".join(str(record.get(name) or "") for name in domain.code)


def _by_code(scene: Scene) -> list[list[Held]]:
    groups: dict[str, list[Held]] = {}
    for record in scene.records.values():
        groups.setdefault(code_of(scene.domain, record.record), []).append(record)
    return list(groups.values())


def _affected(scene: Scene, group: list[Held], identity: Identity) -> bool:
    if identity.assigned:
        return True
    if any(
        record.id in scene.touched or record.golden_id != identity.golden_id for record in group
    ):
        return True
    before = scene.goldens[identity.golden_id]
    return len(before.lineage["members"]) != len(group) or any(
        scene.goldens[retired].merged_into != identity.golden_id for retired in identity.retired
    )


def _settle(
    scene: Scene, rules: Rules, group: list[Held], identity: Identity, outcome: Outcome
) -> None:
    group.sort(key=lambda record: record.crosswalk)
    before = scene.goldens.get(identity.golden_id)
    joined = tuple(i for i in identity.retired if scene.goldens[i].merged_into is None)
    after = _decided(scene, rules, group, (identity, before), outcome)
    if before is None or not before.says_the_same(after):
        outcome.changes.append(Change(before, after, _happened(before, after), joined))
    if identity.assigned:
        outcome.ledger.append(("assigned", identity.golden_id, identity.founder, None))
    if before is not None and before.merged_into is not None:
        outcome.ledger.append(("parted", identity.golden_id, identity.founder, None))
    for retired in identity.retired:
        founder = next(record.id for record in group if record.own_id == retired)
        _retire(scene, rules, (retired, founder), identity.golden_id, outcome)
    for record in group:
        own = identity.golden_id if record.id == identity.founder else record.own_id
        if (record.golden_id, record.own_id) != (identity.golden_id, own):
            outcome.assigned.append((record.id, identity.golden_id, own))


def _retire(
    scene: Scene, rules: Rules, founded: tuple[str, int], into: str, outcome: Outcome
) -> None:
    retired, founder = founded
    before = scene.goldens[retired]
    if before.merged_into == into:
        return
    after = Golden(
        no=before.no,
        golden_id=retired,
        domain=before.domain,
        version=before.version + 1,
        status="merged",
        region=before.region,
        record=before.record,
        lineage=before.lineage,
        merged_into=into,
        tx=rules.tx,
    )
    outcome.changes.append(Change(before, after, "merged"))
    outcome.ledger.append(("joined", retired, founder, into))


def _decided(
    scene: Scene,
    rules: Rules,
    group: list[Held],
    known: tuple[Identity, Golden | None],
    outcome: Outcome,
) -> Golden:
    """The golden record of a group with the overrides that hold, and when time may change it."""
    identity, before = known
    overrides = [one for record in group for one in scene.overrides.get(record.id, ())]
    sources = _sources(scene, rules, group, before)
    done = survive_overridden(sources, group, overrides, scene.then)
    _turn(overrides, done, outcome)
    days = due_days(rules, sources.today, group, overrides)
    outcome.due += [(day.isoformat(), identity.golden_id) for day in days]
    return _stated(scene, rules, group, (*known, sources.today), done.survived)


def golden_of(
    scene: Scene, rules: Rules, group: list[Held], identity: Identity, before: Golden | None
) -> Golden:
    """The golden record of a group, its members in the order of their crosswalk keys."""
    sources = _sources(scene, rules, group, before)
    overrides = [one for record in group for one in scene.overrides.get(record.id, ())]
    done = survive_overridden(sources, group, overrides, scene.then)
    return _stated(scene, rules, group, (identity, before, sources.today), done.survived)


def _sources(scene: Scene, rules: Rules, group: Sequence[Held], before: Golden | None) -> Sources:
    prior = before.record if before else None
    today = today_of(scene.domain, group, rules.at, scene.zones)
    return Sources(scene.domain, rules.trust, today, prior, rules.child_id)


def _stated(
    scene: Scene,
    rules: Rules,
    group: list[Held],
    known: tuple[Identity, Golden | None, date],
    survived: Survived,
) -> Golden:
    identity, before, today = known
    return Golden(
        no=before.no if before else rules.next_no(),
        golden_id=identity.golden_id,
        domain=scene.domain.name,
        version=before.version + 1 if before else 1,
        status=status_of(scene.domain, group, survived.document, today),
        region=region_of(scene.domain, survived.document, scene.regions),
        record=survived.document,
        lineage=survived.lineage,
        merged_into=None,
        tx=rules.tx,
    )


def _turn(overrides: Sequence[Override], done: Overridden, outcome: Outcome) -> None:
    for one in overrides:
        lifted = done.lifted[one.id]
        why = lifted.sentence if lifted else None
        if why != one.lifted:
            outcome.turned.append((one.id, why))


def due_days(
    rules: Rules, today: date, group: Sequence[Held], overrides: Sequence[Override]
) -> list[date]:
    """The days to come on which time alone may change the golden record."""
    days = [one.until for one in overrides if one.until is not None and one.until > today]
    # A record that stands alone gives every value, however old it is.
    if len(group) > 1 and rules.trust.ages:
        loss = rules.trust.next_change([member_of(record) for record in group], today)
        days += [loss] if loss is not None else []
    return days


def _happened(before: Golden | None, after: Golden) -> str:
    if before is None:
        return "created"
    if before.merged_into is not None:
        return "unmerged"
    if after.status == "retired" and before.status != "retired":
        return "retired"
    return "changed"


def _possible_duplicates(scene: Scene, placed: Mapping[int, str]) -> list[Task]:
    decided = {
        ordered(placed[a], placed[b])
        for decision in scene.decisions
        if decision.kind == "different"
        for a, b in decision.pairs
        if a in placed and b in placed
    }
    best: dict[tuple[str, str], Edge] = {}
    for edge, elsewhere in [*((e, "") for e in scene.edges), *scene.outside]:
        pair = ordered(placed.get(edge.left, elsewhere), placed.get(edge.right, elsewhere))
        if pair[0] == pair[1] or edge.verdict < POSSIBLE or _excluded(scene, edge):
            continue
        held = best.get(pair)
        if held is None or rank(edge) < rank(held):
            best[pair] = edge
    return [duplicate_task(pair, edge) for pair, edge in best.items() if pair not in decided]


def ordered(one: str, other: str) -> tuple[str, str]:
    """The two ids, the lower first."""
    return (one, other) if one < other else (other, one)


def rank(edge: Edge) -> tuple[float, int, int]:
    """Sorts pairs, the likeliest first."""
    return (-edge.probability, edge.left, edge.right)


def _excluded(scene: Scene, edge: Edge) -> bool:
    return any(
        end in scene.records and scene.records[end].state == "excluded"
        for end in (edge.left, edge.right)
    )


def duplicate_task(pair: tuple[str, str], edge: Edge) -> Task:
    """The task that asks whether two golden records are the same, by their likeliest pair."""
    return Task(
        kind="possible_duplicate",
        key="|".join(pair),
        records=(edge.left, edge.right),
        priority=edge.probability,
        facts={
            "golden_ids": list(pair),
            "left": edge.left,
            "right": edge.right,
            "probability": round(edge.probability, 6),
            "verdict": VERDICTS[edge.verdict].value,
            "evidence": edge.evidence,
            "rules": edge.rules,
        },
    )


def contradiction_tasks(conflicts: Sequence[Conflict]) -> list[Task]:
    """A task for each contradiction, naming every record in it."""
    return [
        Task(
            kind="contradiction",
            key="|".join(str(record_id) for record_id in sorted(conflict.nodes)),
            records=tuple(sorted(conflict.nodes)),
            priority=1.0,
            facts={"why": conflict.kind, "sentence": CONTRADICTIONS[conflict.kind]},
        )
        for conflict in conflicts
    ]
