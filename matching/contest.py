"""One component of records that scores alone do not settle: joined by average, step by step.

The law is told in `matching.cluster`; nothing here depends on the order of nodes, pairs or steps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import TypeVar

SLIGHT = 1e-9
"""What rounding may take from an average."""
SCALE = 1 << 30
"""Probabilities are added as whole numbers: a sum must not depend on the order of adding."""


CONTRADICTIONS = {
    "tie": "A record is equally near to groups that do not belong together.",
    "veto": "Joining these would put records with different valid identifiers together.",
    "decided_apart": "Joining these would put records together that a person said are different.",
    "two_decisions": "Each of these groups holds a decision; only a person may join them.",
    "decisions_contradict": "Decisions on these records contradict each other.",
}
"""What each kind of contradiction means."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A contradiction: what kind, and every node it names, lowest first."""

    kind: str
    """`tie`, `veto`, `decided_apart`, `two_decisions` or `decisions_contradict`."""
    nodes: tuple[int, ...]


@dataclass(slots=True)
class Contest:
    """A component that scores alone do not settle."""

    members: list[int]
    edges: list[tuple[int, int, int, bool]]
    """left, right, scaled probability, whether it joins."""
    vetoes: list[tuple[int, int]]
    must: list[tuple[int, int]]
    cannot: list[tuple[int, int]]
    guarded: bool = True
    """Whether groups that each hold a must-link are joined only by a must-link."""


@dataclass(slots=True)
class Between:
    """What is known between two groups."""

    score: int = 0
    joins: bool = False
    veto: bool = False
    cannot: bool = False

    def add(self, other: Between) -> Between:
        """Both together, as after a join."""
        return Between(
            self.score + other.score,
            self.joins or other.joins,
            self.veto or other.veto,
            self.cannot or other.cannot,
        )

    def nearest(self, other: Between) -> Between:
        """Both together where they stand between the same two: the nearer score counts."""
        return Between(
            max(self.score, other.score),
            self.joins or other.joins,
            self.veto or other.veto,
            self.cannot or other.cannot,
        )


Links = dict[int, dict[int, Between]]
Part = TypeVar("Part")


def resolve(task: Contest, bar: float) -> tuple[list[list[int]], list[Conflict]]:
    """The groups of one component, and what the law kept apart."""
    state = start(task)
    queue = [
        (-near, one, other)
        for one, others in state.links.items()
        for other, between in others.items()
        if one < other and (near := nearness(one, other, between, state)) >= bar - SLIGHT
    ]
    heapify(queue)
    while ready := nearest(queue, state):
        touched = [group for tied in separate(ready, state) for group in step(tied, state, bar)]
        for group in touched:
            for other, between in state.links.get(group, {}).items():
                near = nearness(group, other, between, state)
                if near >= bar - SLIGHT:
                    heappush(queue, (-near, min(group, other), max(group, other)))
    return united(state), state.conflicts


@dataclass(slots=True)
class State:
    """Groups while they grow: members by group, what stands between groups, what is barred."""

    groups: dict[int, list[int]]
    weight: dict[int, int]
    links: Links
    family: dict[int, int]
    """Of each group that must-links tie to others, its family."""
    kin: dict[int, set[int]]
    """Of each family, its groups."""
    bound: dict[int, list[int]]
    """Of each family, the nodes that must-links name."""
    blocked: defaultdict[int, set[int]]
    """By name of a group or family, the names of those it may no longer join."""
    conflicts: list[Conflict]
    guarded: bool

    def name(self, group: int) -> int:
        """What stands for the group where its family acts as one."""
        family = self.family.get(group)
        return group if family is None else -1 - family

    def kindred(self, group: int) -> Iterable[int]:
        """The groups of its family; itself where it has none."""
        family = self.family.get(group)
        return (group,) if family is None else self.kin[family]

    def adopt(self, group: int, family: int) -> None:
        """Makes the group one more of a family; what was barred for it is barred for them all."""
        self.family[group] = family
        self.kin[family].add(group)
        self.rename(group, -1 - family)

    def unite(self, families: Collection[int]) -> None:
        """Makes several families one, under the lowest number."""
        head = min(families)
        for family in sorted(set(families) - {head}):
            kin = self.kin.pop(family)
            self.family.update(dict.fromkeys(kin, head))
            self.kin[head] |= kin
            self.bound[head] = sorted(self.bound[head] + self.bound.pop(family))
            self.rename(-1 - family, -1 - head)

    def rename(self, before: int, after: int) -> None:
        """Lets another name stand in what is barred."""
        for other in self.blocked.pop(before, ()):
            self.blocked[other].discard(before)
            if other != after:
                self.bar(after, other)

    def bar(self, one: int, other: int) -> None:
        """Keeps those of two names, and whatever they grow into, apart."""
        self.blocked[one].add(other)
        self.blocked[other].add(one)


def start(task: Contest) -> State:
    """Every node for itself, the families that must-links make, and what stands between nodes."""
    parent = {node: node for node in task.members}

    def root(node: int) -> int:
        while parent[node] != node:
            node = parent[node]
        return node

    for one, other in task.must:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    family = {node: root(node) for pair in task.must for node in pair}
    kin: dict[int, set[int]] = defaultdict(set)
    for node, head in family.items():
        kin[head].add(node)
    links: Links = {node: {} for node in task.members}
    facts = [(one, other, Between(score, joins)) for one, other, score, joins in task.edges]
    facts += [(one, other, Between(veto=True)) for one, other in task.vetoes]
    facts += [(one, other, Between(cannot=True)) for one, other in task.cannot]
    for one, other, fact in facts:
        if one != other:
            between = links[one].get(other, Between()).nearest(fact)
            links[one][other] = links[other][one] = between
    groups = {node: [node] for node in task.members}
    weight = dict.fromkeys(groups, 1)
    bound = {head: sorted(nodes) for head, nodes in kin.items()}
    conflicts = contradictions(task, family, bound)
    return State(
        groups, weight, links, family, kin, bound, defaultdict(set), conflicts, task.guarded
    )


def contradictions(
    task: Contest, family: dict[int, int], bound: dict[int, list[int]]
) -> list[Conflict]:
    """Decisions that say both same and different of one pair."""
    return [
        Conflict("decisions_contradict", tuple(bound[family[one]]))
        for one, other in task.cannot
        if one in family and family[one] == family.get(other)
    ]


def united(state: State) -> list[list[int]]:
    """The groups, those of a family as one."""
    found: dict[int, list[int]] = defaultdict(list)
    for group, members in state.groups.items():
        found[state.name(group)].extend(members)
    return list(found.values())


def nearness(one: int, other: int, between: Between, state: State) -> float:
    """Average probability between two groups; -1 where no pair of theirs joins."""
    if not between.joins:
        return -1.0
    return between.score / (state.weight[one] * state.weight[other] * SCALE)


def nearest(queue: list[tuple[float, int, int]], state: State) -> list[tuple[int, int]]:
    """The pairs of groups that may join and are nearest; several where they are equally near.

    What stands in the queue may have been overtaken by a join: then it no longer counts.
    """
    best: float | None = None
    found: dict[tuple[int, int], None] = {}
    while queue and (best is None or -queue[0][0] == best):
        near, one, other = heappop(queue)
        between = state.links.get(one, {}).get(other)
        if between is None or barred(one, other, state):
            continue
        if nearness(one, other, between, state) == -near:
            best = -near
            found[one, other] = None
    return list(found)


def separate(pairs: list[tuple[int, int]], state: State) -> Iterable[list[tuple[int, int]]]:
    """Equally near pairs of groups, those together that only together can be judged.

    Those that share a group; and, so that no order decides, those that share no more than a family
    but would bring into it what does not belong together.
    """
    parts = overlapping([(pair, [pair]) for pair in pairs])
    if not state.family:
        return parts
    sound = []
    found = []
    for part in parts:
        groups = {group for pair in part for group in pair}
        if obstacle(groups, state) is None:
            sound.append((tuple(map(state.name, groups)), [part]))
        else:
            found.append(part)
    for some in overlapping(sound):
        whole = [pair for part in some for pair in part]
        together = {group for pair in whole for group in pair}
        found += some if obstacle(together, state) is None else [whole]
    return found


def overlapping(parts: Iterable[tuple[tuple[int, ...], list[Part]]]) -> list[list[Part]]:
    """What is told of numbers, together where they share one."""
    above: dict[int, int] = {}

    def root(number: int) -> int:
        while (parent := above.setdefault(number, number)) != number:
            above[number] = above[parent]
            number = parent
        return number

    told = list(parts)
    for numbers, _what in told:
        for number in numbers[1:]:
            above[root(numbers[0])] = root(number)
    found: dict[int, list[Part]] = defaultdict(list)
    for numbers, what in told:
        found[root(numbers[0])].extend(what)
    return list(found.values())


def barred(one: int, other: int, state: State) -> bool:
    """Whether the two are one family already, or were found not to belong together."""
    first, second = state.name(one), state.name(other)
    return first == second or second in state.blocked.get(first, ())


def step(tied: list[tuple[int, int]], state: State, bar: float) -> list[int]:
    """Joins what is equally near where all of it belongs together; else keeps apart and says so.

    Returns the groups that have grown.
    """
    together = sorted({group for pair in tied for group in pair})
    reason = obstacle(together, state)
    if reason is None and not scattered(together, state, bar):
        join(together, state)
        return together[:1]
    if reason is None and (adopted := stranger(together, state)) is not None:
        state.adopt(*adopted)
        return []
    named_nodes = {node for group in together for node in state.groups[group]}
    for group in together:
        named_nodes.update(state.bound.get(state.family.get(group, -1), ()))
    kind = reason if reason is not None and len(tied) == 1 else "tie"
    state.conflicts.append(Conflict(kind, tuple(sorted(named_nodes))))
    for one, other in tied:
        state.bar(state.name(one), state.name(other))
    return []


def stranger(together: list[int], state: State) -> tuple[int, int] | None:
    """The one group that is equally near to several of one family, and that family."""
    families = {state.family[group] for group in together if group in state.family}
    strangers = [group for group in together if group not in state.family]
    return (strangers[0], families.pop()) if len(strangers) == len(families) == 1 else None


def obstacle(together: Collection[int], state: State) -> str | None:
    """What forbids that these groups become one, however near they are; None: nothing."""
    names = {state.name(group) for group in together}
    known = [
        between
        for group in together
        for kin in state.kindred(group)
        for other, between in state.links[kin].items()
        if (name := state.name(other)) in names and name != state.name(kin)
    ]
    if any(between.cannot for between in known):
        return "decided_apart"
    if any(between.veto for between in known):
        return "veto"
    if state.guarded and len(families_of(together, state)) > 1:
        return "two_decisions"
    return None


def families_of(groups: Collection[int], state: State) -> set[int]:
    """The families that these groups belong to."""
    return {state.family[group] for group in groups if group in state.family}


def scattered(together: list[int], state: State, bar: float) -> bool:
    """Whether one of these groups is too far from the others, or was kept from one of them."""
    inside = set(together)
    names = {state.name(group) for group in together}
    if any(not names.isdisjoint(state.blocked.get(name, ())) for name in names):
        return True
    weight = sum(state.weight[group] for group in together)
    for group in together:
        score = sum(
            between.score for other, between in state.links[group].items() if other in inside
        )
        size = state.weight[group] * (weight - state.weight[group]) * SCALE
        if score < (bar - SLIGHT) * size:
            return True
    return False


def join(together: list[int], state: State) -> None:
    """Makes the groups one, under the lowest number."""
    keeper = together[0]
    if len(families := families_of(together, state)) > 1:
        state.unite(families)
    families = {state.family.pop(group) for group in together if group in state.family}
    for family in families:
        state.kin[family] -= set(together)
    for group in together[1:]:
        state.groups[keeper].extend(state.groups.pop(group))
        state.weight[keeper] += state.weight.pop(group)
        for other, between in state.links.pop(group).items():
            del state.links[other][group]
            if other != keeper:
                known = state.links[keeper].get(other, Between()).add(between)
                state.links[keeper][other] = state.links[other][keeper] = known
        state.rename(group, keeper)
    for family in families:
        state.adopt(keeper, family)
