"""Clusters of records: average link inside components, with must-links and cannot-links.

A function of the scored pairs and the decisions, never of their order. Law:
- only pairs with verdict match join, and only while the average probability between two groups
  (pairs that never met count as 0) stays at or above the bar;
- a vetoed pair or a cannot pair is never together, except where must-links bring it together;
- groups that each hold a must-link are joined only by a must-link;
- what must-links bring together counts as one in every average, as near to another as its nearest
  member: that a person joined two unlike records takes neither of them away from its own kind;
- a group equally near to two that do not belong together joins neither.
What the law keeps apart against the scores is named as a conflict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matching.score import MATCH

Ints = NDArray[np.int64]
SLIGHT = 1e-9
"""What rounding may take from an average."""
SCALE = 1 << 30
"""Probabilities are added as whole numbers: a sum must not depend on the order of adding."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A contradiction: what kind, and every node it names, lowest first."""

    kind: str
    """`tie`, `veto`, `decided_apart`, `two_decisions` or `decisions_contradict`."""
    nodes: tuple[int, ...]


@dataclass(slots=True)
class Clusters:
    """A label per node (the number of its first member) and the contradictions met."""

    labels: NDArray[np.int64]
    conflicts: list[Conflict] = field(default_factory=list)


@dataclass(slots=True)
class Pairs:
    """Pairs of nodes with their scores; every field has one entry per pair."""

    left: Ints
    right: Ints
    probability: NDArray[np.float64]
    verdict: NDArray[np.uint8]
    veto: NDArray[np.bool_]


def cluster(  # noqa: PLR0913, PLR0917 - the columns of a scored pair, and what people decided
    nodes: int,
    left: Sequence[int] | Ints,
    right: Sequence[int] | Ints,
    probability: Sequence[float] | NDArray[np.float64],
    verdict: Sequence[int] | NDArray[np.uint8],
    veto: Sequence[bool] | NDArray[np.bool_],
    must: Iterable[tuple[int, int]] = (),
    cannot: Iterable[tuple[int, int]] = (),
    order: Sequence[int] | Ints | None = None,
    bar: float = 0.5,
) -> Clusters:
    """Groups of the nodes 0..nodes-1; `order` ranks them for naming groups, never for joining."""
    pairs = Pairs(
        np.asarray(left, dtype=np.int64),
        np.asarray(right, dtype=np.int64),
        np.asarray(probability, dtype=np.float64),
        np.asarray(verdict, dtype=np.uint8),
        np.asarray(veto, dtype=np.bool_),
    )
    musts = pair_array(must)
    cannots = pair_array(cannot)
    rank = np.arange(nodes) if order is None else np.asarray(order, dtype=np.int64)
    joins = (pairs.verdict == MATCH) & ~pairs.veto & (pairs.left != pairs.right)
    component = components(nodes, pairs, joins, musts)
    groups = component.copy()
    conflicts: list[Conflict] = []
    fresh = nodes
    for task in contested(component, pairs, joins, (musts, cannots), bar):
        found, told = resolve(task, bar)
        conflicts.extend(told)
        for at, members in enumerate(found):
            groups[members] = fresh + at
        fresh += len(found)
    conflicts.sort(key=lambda each: ([int(rank[node]) for node in each.nodes], each.kind))
    return Clusters(named(groups, rank), conflicts)


def pair_array(pairs: Iterable[tuple[int, int]]) -> Ints:
    """Pairs of nodes as an array of two columns."""
    return np.array(list(pairs), dtype=np.int64).reshape(-1, 2)


def components(nodes: int, pairs: Pairs, joins: NDArray[np.bool_], must: Ints) -> Ints:
    """The number of each node's connected component."""
    one = np.concatenate([pairs.left[joins], must[:, 0]])
    other = np.concatenate([pairs.right[joins], must[:, 1]])
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(nodes, nodes))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def named(groups: Ints, rank: Ints) -> Ints:
    """Each group under the number of its member that ranks first."""
    by_group = np.lexsort((rank, groups))
    if not len(groups):
        return by_group
    starts = np.flatnonzero(np.r_[True, np.diff(groups[by_group]) != 0])
    labels = np.empty(len(groups), dtype=np.int64)
    sizes = np.diff(np.r_[starts, len(groups)]).astype(np.int64)
    labels[by_group] = np.repeat(by_group[starts], sizes)
    return labels


@dataclass(slots=True)
class Contest:
    """A component that scores alone do not settle."""

    members: list[int]
    edges: list[tuple[int, int, int, bool]]
    """left, right, scaled probability, whether it joins."""
    vetoes: list[tuple[int, int]]
    must: list[tuple[int, int]]
    cannot: list[tuple[int, int]]


def contested(
    component: Ints, pairs: Pairs, joins: NDArray[np.bool_], decided: tuple[Ints, Ints], bar: float
) -> Iterable[Contest]:
    """The components that are not simply complete: those to be resolved one by one."""
    must, cannot = decided
    inside = component[pairs.left] == component[pairs.right]
    size = np.bincount(component, minlength=1)
    told = {
        "join": np.bincount(
            component[pairs.left[inside & joins & (pairs.probability >= bar)]], minlength=len(size)
        ),
        "veto": np.bincount(component[pairs.left[inside & pairs.veto]], minlength=len(size)),
        "must": np.bincount(component[must[:, 0]], minlength=len(size)),
    }
    held = component[cannot[:, 0]] == component[cannot[:, 1]]
    barred = np.bincount(component[cannot[held, 0]], minlength=len(size))
    open_ = (told["join"] < size * (size - 1) // 2) | (told["veto"] > 0) | (barred > 0)
    open_ |= told["must"] > 0
    open_ &= size > 1
    if not open_.any():
        return []
    return gathered(component, open_, pairs, joins & inside, inside, must, cannot[held])


def gathered(  # noqa: PLR0913, PLR0917 - columns of pairs and decisions that travel together
    component: Ints,
    open_: NDArray[np.bool_],
    pairs: Pairs,
    joins: NDArray[np.bool_],
    inside: NDArray[np.bool_],
    must: Ints,
    cannot: Ints,
) -> Iterable[Contest]:
    """The open components with all that is known inside each."""
    tasks: dict[int, Contest] = defaultdict(lambda: Contest([], [], [], [], []))
    nodes = np.flatnonzero(open_[component])
    for number, node in zip(component[nodes].tolist(), nodes.tolist(), strict=True):
        tasks[number].members.append(node)
    at = np.flatnonzero(inside & open_[component[pairs.left]])
    scaled = np.rint(pairs.probability[at] * SCALE).astype(np.int64)
    columns = (
        component[pairs.left[at]],
        pairs.left[at],
        pairs.right[at],
        scaled,
        joins[at],
        pairs.veto[at],
    )
    for number, one, other, score, join, veto in zip(*(c.tolist() for c in columns), strict=True):
        tasks[number].edges.append((one, other, score, join))
        if veto:
            tasks[number].vetoes.append((one, other))
    for one, other in must.tolist():
        tasks[int(component[one])].must.append((one, other))
    for one, other in cannot.tolist():
        number = int(component[one])
        if number in tasks:
            tasks[number].cannot.append((one, other))
    return tasks.values()


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


def resolve(task: Contest, bar: float) -> tuple[list[list[int]], list[Conflict]]:
    """The groups of one component, and what the law kept apart."""
    groups, links = start(task)
    holder = {node: group for group, members in groups.items() for node in members}
    decided = {holder[one] for one, _ in task.must}
    state = State(
        groups,
        dict.fromkeys(groups, 1),
        links,
        decided,
        defaultdict(set),
        contradictions(task, holder, groups),
    )
    queue = [
        (-near, one, other)
        for one, others in links.items()
        for other, between in others.items()
        if one < other and (near := nearness(one, other, between, state)) >= bar - SLIGHT
    ]
    heapify(queue)
    while ready := nearest(queue, state):
        touched = [group for tied in overlapping(ready) for group in step(tied, state, bar)]
        for group in touched:
            for other, between in state.links.get(group, {}).items():
                near = nearness(group, other, between, state)
                if near >= bar - SLIGHT:
                    heappush(queue, (-near, min(group, other), max(group, other)))
    return list(state.groups.values()), state.conflicts


@dataclass(slots=True)
class State:
    """Groups while they grow: members by group, what stands between groups, what is barred."""

    groups: dict[int, list[int]]
    weight: dict[int, int]
    """What each group counts in an average: 1 for all that must-links brought together."""
    links: Links
    decided: set[int]
    blocked: defaultdict[int, set[int]]
    """By group, the groups it may no longer join."""
    conflicts: list[Conflict]


def start(task: Contest) -> tuple[dict[int, list[int]], Links]:
    """Groups as must-links make them, and what stands between them."""
    parent = {node: node for node in task.members}

    def root(node: int) -> int:
        while parent[node] != node:
            node = parent[node]
        return node

    for one, other in task.must:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    groups: dict[int, list[int]] = defaultdict(list)
    holder = {node: root(node) for node in task.members}
    for node in task.members:
        groups[holder[node]].append(node)
    links: Links = {group: {} for group in groups}
    facts = [(one, other, Between(score, joins)) for one, other, score, joins in task.edges]
    facts += [(one, other, Between(veto=True)) for one, other in task.vetoes]
    facts += [(one, other, Between(cannot=True)) for one, other in task.cannot]
    for one, other, fact in facts:
        left, right = holder[one], holder[other]
        if left != right:
            between = links[left].get(right, Between()).nearest(fact)
            links[left][right] = links[right][left] = between
    return dict(groups), links


def contradictions(
    task: Contest, holder: dict[int, int], groups: dict[int, list[int]]
) -> list[Conflict]:
    """Decisions that say both same and different of one pair."""
    return [
        Conflict("decisions_contradict", tuple(sorted(groups[holder[one]])))
        for one, other in task.cannot
        if holder[one] == holder[other]
    ]


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
        if between is None or other in state.blocked.get(one, ()):
            continue
        if nearness(one, other, between, state) == -near:
            best = -near
            found[one, other] = None
    return list(found)


def overlapping(pairs: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Equally near pairs of groups, those that share a group together."""
    above: dict[int, int] = {}

    def root(group: int) -> int:
        while (parent := above.setdefault(group, group)) != group:
            above[group] = above[parent]
            group = parent
        return group

    for one, other in pairs:
        above[root(one)] = root(other)
    parts: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pair in pairs:
        parts[root(pair[0])].append(pair)
    return list(parts.values())


def step(tied: list[tuple[int, int]], state: State, bar: float) -> list[int]:
    """Joins what is equally near where all of it belongs together; else keeps apart and says so.

    Returns the groups that have grown.
    """
    together = sorted({group for pair in tied for group in pair})
    reason = obstacle(together, state, bar)
    if reason is None:
        join(together, state)
        return together[:1]
    named_nodes = sorted(node for group in together for node in state.groups[group])
    state.conflicts.append(Conflict(reason if len(tied) == 1 else "tie", tuple(named_nodes)))
    for one, other in tied:
        block(one, other, state)
    return []


def obstacle(together: list[int], state: State, bar: float) -> str | None:
    """Why these groups may not become one; None where they may."""
    inside = set(together)
    known = {
        group: [between for other, between in state.links[group].items() if other in inside]
        for group in together
    }
    between_all = list(chain.from_iterable(known.values()))
    if any(between.cannot for between in between_all):
        return "decided_apart"
    if any(between.veto for between in between_all):
        return "veto"
    if sum(group in state.decided for group in together) > 1:
        return "two_decisions"
    if any(not inside.isdisjoint(state.blocked.get(group, ())) for group in together):
        return "tie"
    weight = sum(state.weight[group] for group in together)
    for group in together:
        score = sum(between.score for between in known[group])
        size = state.weight[group] * (weight - state.weight[group]) * SCALE
        if score < (bar - SLIGHT) * size:
            return "tie"
    return None


def join(together: list[int], state: State) -> None:
    """Makes the groups one, under the lowest number."""
    keeper = together[0]
    for group in together[1:]:
        state.groups[keeper].extend(state.groups.pop(group))
        state.weight[keeper] += state.weight.pop(group)
        for other, between in state.links.pop(group).items():
            del state.links[other][group]
            if other != keeper:
                known = state.links[keeper].get(other, Between()).add(between)
                state.links[keeper][other] = state.links[other][keeper] = known
        if group in state.decided:
            state.decided.add(keeper)
        for other in state.blocked.pop(group, ()):
            state.blocked[other].discard(group)
            if other != keeper:
                block(keeper, other, state)


def block(one: int, other: int, state: State) -> None:
    """Keeps two groups, and whatever they grow into, apart."""
    state.blocked[one].add(other)
    state.blocked[other].add(one)
