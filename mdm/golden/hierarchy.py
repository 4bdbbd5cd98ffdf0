"""Hierarchies: one parent per record and day, never a cycle. Pure.

A parent is what a person said, else what a source tells. Where records were merged, what was said
of the record that answers counts before what was said of those that lead to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from mdm.errors import HierarchyCycle, InvertedPeriod, OverlappingParents

START, END = "", "9999-99-99"
"""Before and after every ISO date."""


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A named hierarchy: what may stand in it, and the fields by which sources tell parents."""

    name: str
    meaning: str
    told: tuple[tuple[str, tuple[str, ...]], ...]
    """(domain, fields), the field that counts first first; a domain without any is placed only."""

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains whose records may stand in it."""
        return tuple(domain for domain, _fields in self.told)

    def fields_of(self, domain: str) -> tuple[str, ...]:
        """The fields of a domain that tell a parent."""
        return dict(self.told).get(domain, ())


HIERARCHIES = {
    one.name: one
    for one in (
        Hierarchy(
            "legal",
            "Who owns whom: legal entities under their owners, as sources tell them.",
            (("legal_entity", ("parent",)),),
        ),
        Hierarchy(
            "management",
            "Who answers for what: projects under cost centers under legal entities, and those"
            " where stewards place them.",
            (
                ("legal_entity", ()),
                ("cost_center", ("legal_entity",)),
                ("project", ("cost_center", "legal_entity")),
            ),
        ),
        Hierarchy(
            "tax",
            "Who is taxed together: legal entities as stewards place them.",
            (("legal_entity", ()),),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Edge:
    """A parent of a record for a period; None as parent: a root, whatever sources tell."""

    child: str
    parent: str | None
    start: str = START
    end: str = END
    rank: int = 0
    """Whose word it is, the lowest counts: said of this record, of one that leads to it, told."""
    number: int = 0
    """Of what a person said."""

    def holds_on(self, day: str) -> bool:
        """Whether the day lies in its period."""
        return self.start <= day < self.end


SAID, REDIRECTED, TOLD = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Tree:
    """The parents of one day, and the edges left out because they would close a cycle."""

    parent: Mapping[str, str]
    left_out: tuple[Edge, ...] = ()

    def path(self, node: str) -> list[str]:
        """From the root down to the node."""
        found = [node]
        while (above := self.parent.get(found[-1])) is not None:
            found.append(above)
        return found[::-1]

    def below(self, node: str) -> Iterator[tuple[str, int]]:
        """The node and all below it, each before its own children, with its depth."""
        children: dict[str, list[str]] = {}
        for child, parent in self.parent.items():
            children.setdefault(parent, []).append(child)
        waiting = [(node, 0)]
        while waiting:
            one, depth = waiting.pop()
            yield one, depth
            waiting += [(child, depth + 1) for child in sorted(children.get(one, ()), reverse=True)]


def tree_on(edges: Iterable[Edge], day: str) -> Tree:
    """The tree of a day: of several parents the one that counts, of every cycle one edge less."""
    counting: dict[str, Edge] = {}
    for edge in edges:
        held = counting.get(edge.child)
        if edge.holds_on(day) and (held is None or _order(edge) < _order(held)):
            counting[edge.child] = edge
    left_out = [max((counting[one] for one in cycle), key=_order) for cycle in _cycles(counting)]
    for edge in left_out:
        del counting[edge.child]
    parent = {edge.child: edge.parent for edge in counting.values() if edge.parent is not None}
    return Tree(parent, tuple(left_out))


def _order(edge: Edge) -> tuple[int, int, str, str]:
    """The weakest word comes last: told by a source, of another record, said later."""
    return (edge.rank, edge.number, edge.child, edge.parent or "")


def _cycles(counting: Mapping[str, Edge]) -> list[list[str]]:
    """Every cycle once; a record has one parent, so no record is in two."""
    found: list[list[str]] = []
    seen: set[str] = set()
    for start in sorted(counting):
        trail: dict[str, int] = {}
        node: str | None = start
        while node is not None and node in counting and node not in seen and node not in trail:
            trail[node] = len(trail)
            node = counting[node].parent
        if node is not None and node in trail:
            found.append(list(trail)[trail[node] :])
        seen |= trail.keys()
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not the same in the trees of two days."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    moved: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    """(record, its parent before, its parent after)."""


def compare(before: Tree, after: Tree, node: str) -> Difference:
    """How what stands below a node differs between two trees."""
    one = {name for name, _depth in before.below(node)}
    other = {name for name, _depth in after.below(node)}
    moved = [
        (name, before.parent.get(name), after.parent.get(name))
        for name in sorted((one & other) - {node})
        if before.parent.get(name) != after.parent.get(name)
    ]
    return Difference(sorted(other - one), sorted(one - other), moved)


@dataclass(frozen=True, slots=True)
class Placed:
    """What a move changes of what was said of a record: numbers that end, edges that begin."""

    ended: list[int]
    begun: list[Edge]


def place(said: Sequence[Edge], move: Edge) -> Placed:
    """The record under its new parent for the period; before and after it, what was said stays.

    Without an end it holds until the next move that is planned already. Raises InvertedPeriod, and
    OverlappingParents where it would reach into a planned one.
    """
    if move.start >= move.end:
        raise InvertedPeriod(
            f"The move of {move.child} ends on {move.end}, not after it starts on"
            f" {move.start or 'the first day'}; `valid_to` is the first day it no longer holds.",
            field="valid_to",
        )
    planned = [edge for edge in said if move.start < edge.start < move.end]
    if planned:
        first = min(planned, key=lambda edge: edge.start)
        if move.end != END:
            raise OverlappingParents(
                f"{move.child} would have two parents on {first.start}: {move.parent or 'none'} by"
                f" this move and {first.parent or 'none'} by one that is planned from that day."
                f" End this move on {first.start}, or change the planned one.",
                field="valid_to",
            )
        move = replace(move, end=first.start)
    cut = [edge for edge in said if edge.start < move.end and move.start < edge.end]
    begun = [move]
    for edge in cut:
        begun += [replace(edge, end=move.start)] if edge.start < move.start else []
        begun += [replace(edge, start=move.end)] if move.end < edge.end else []
    return Placed([edge.number for edge in cut], begun)


def refuse_overlaps(moves: Sequence[Edge]) -> None:
    """Raises OverlappingParents where two of these moves place one record on one day."""
    ordered = sorted(moves, key=lambda move: (move.child, move.start))
    for one, other in pairwise(ordered):
        if one.child == other.child and other.start < one.end:
            raise OverlappingParents(
                f"{one.child} would have two parents on {other.start or 'the first day'}:"
                f" {one.parent or 'none'} and {other.parent or 'none'}. End the first move there.",
                field="moves",
            )


def refuse_cycle(edges: Iterable[Edge], move: Edge) -> None:
    """Raises HierarchyCycle where the moved record would stand above itself on a day."""
    by_child: dict[str, list[Edge]] = {}
    for edge in edges:
        by_child.setdefault(edge.child, []).append(edge)
    days = {edge.start for some in by_child.values() for edge in some}
    days |= {edge.end for some in by_child.values() for edge in some}
    for day in sorted({move.start, *(day for day in days if move.start < day < move.end)}):
        trail = [move.child]
        above = move.parent
        while above is not None and above not in trail:
            trail.append(above)
            above = _parent_on(by_child.get(above, ()), day)
        if above == move.child:
            raise HierarchyCycle(
                f"From {day or 'the first day'} on these would stand above each other:"
                f" {' under '.join([*trail, move.child])}. Choose another parent, or first move"
                f" {trail[-1]} elsewhere.",
                field="parent",
                nodes=trail,
                day=day,
            )


def _parent_on(edges: Sequence[Edge], day: str) -> str | None:
    holding = [edge for edge in edges if edge.holds_on(day)]
    return min(holding, key=_order).parent if holding else None
