"""Clusters of records: average link inside components, with must-links and cannot-links.

A function of the scored pairs and the decisions, never of their order. Law:
- only pairs with verdict match join, and only while the average probability between two groups
  (pairs that never met count as 0) stays at or above the bar;
- a vetoed pair or a cannot pair is never together, except where must-links bring it together;
- where decisions are guarded, as in a hub, groups that each hold a must-link are joined only by a
  must-link; elsewhere more decisions must not keep more records apart;
- what must-links bring together is a family: each of its records gathers its own kind, with
  averages of its own, and the kinds are one group. That a person joined two unlike records takes
  neither of them, nor anybody else, away from its own kind;
- a group equally near to two that do not belong together joins neither.
What the law keeps apart against the scores is named as a conflict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matching.contest import SCALE, Conflict, Contest, resolve
from matching.score import MATCH

Ints = NDArray[np.int64]


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
    guarded: bool = True,
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
        task.guarded = guarded
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
    return linked(nodes, one, other)


def linked(nodes: int, one: Ints, other: Ints) -> Ints:
    """The component of each node, by its lowest node, where `one[i]` and `other[i]` are linked.

    scipy has this too, but takes longer to be imported than a hundred thousand records to be read.
    """
    lowest = np.arange(nodes, dtype=np.int64)
    while True:
        left, right = lowest[one], lowest[other]
        apart = left != right
        if not apart.any():
            return lowest
        left, right = left[apart], right[apart]
        one, other = one[apart], other[apart]
        np.minimum.at(lowest, np.maximum(left, right), np.minimum(left, right))
        while True:
            further = lowest[lowest]
            if (further == lowest).all():
                break
            lowest = further


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
