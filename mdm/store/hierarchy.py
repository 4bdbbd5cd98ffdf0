"""Hierarchies in the database: what persons said is stored, what sources tell is in records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection

from mdm.domains import DOMAINS
from mdm.golden.hierarchy import END, REDIRECTED, SAID, START, TOLD, Edge, Hierarchy, tree_on
from mdm.records import Document
from mdm.store.bulk import insert_rows, run_many
from mdm.store.find import Stored, goldens_by_id
from mdm.store.known import Moment, goldens_by_key, goldens_then
from mdm.store.named import Name, in_scope, living_by_name
from mdm.store.search_keys import search_key
from mdm.store.statements import text
from mdm.store.tables.golden import hierarchy_edge
from mdm.store.transaction import Tx, lock_domain

EDGE = ("hierarchy", "child", "parent", "valid_from", "valid_to")
CHAIN = 32
"""Merges that are followed."""


@dataclass(slots=True)
class Gathered:
    """Records of a hierarchy with the edges that lead up from them."""

    stored: dict[str, Stored] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where edges are read: a hierarchy in a database, as known at a moment."""

    connection: Connection
    secret: bytes
    hierarchy: Hierarchy
    moment: Moment | None = None


def gather_up(reach: Reach, ids: Collection[str]) -> Gathered:
    """These records and all that stands above them on any day."""
    said = _by(lambda edge: edge.child, _said(reach))
    gathered = Gathered()
    frontier = set(ids)
    while frontier:
        stored = _versions(reach, frontier)
        edges = [edge for one in frontier for edge in said.get(one, ())]
        edges += _told(reach, stored.values())
        gathered.stored.update(stored)
        gathered.edges += edges
        frontier = {edge.parent for edge in edges if edge.parent} - gathered.stored.keys()
    return gathered


def gather_down(reach: Reach, node: str, day: str) -> Gathered:
    """A record, all that stands below it on a day, and all that stands above it."""
    gathered = gather_up(reach, [node])
    said = _said(reach)
    by_child, by_parent = _by(lambda edge: edge.child, said), _by(lambda edge: edge.parent, said)
    # What stands above the record on another day may stand below it on this one.
    seen, frontier = {node}, {node}
    while frontier:
        told = _told_children(reach, [gathered.stored[one] for one in frontier])
        placed = {edge.child for one in frontier for edge in by_parent.get(one, ())} - told.keys()
        below = {**told, **_versions(reach, placed - seen)}
        below = {name: one for name, one in below.items() if name not in seen}
        edges = [edge for name in below for edge in by_child.get(name, ())]
        edges += _told(reach, below.values())
        gathered.stored.update(below)
        gathered.edges += edges
        counting = tree_on(edges, day).parent
        within = frontier
        frontier = {name for name in below if counting.get(name) in within}
        seen |= frontier
    return gathered


def write_placed(tx: Tx, hierarchy: Hierarchy, ended: Sequence[int], begun: Iterable[Edge]) -> None:
    """Ends what was said under these numbers and adds what is said now."""
    run_many(
        tx.connection,
        "UPDATE hierarchy_edge SET until_tx = ? WHERE id = ?",
        [(tx.id, number) for number in ended],
    )
    rows = [
        (
            hierarchy.name,
            edge.child,
            edge.parent,
            edge.start or None,
            None if edge.end == END else edge.end,
        )
        for edge in begun
    ]
    insert_rows(tx.connection, hierarchy_edge, EDGE, rows, constants={"tx": tx.id})


def said_of(connection: Connection, hierarchy: Hierarchy, child: str) -> list[Edge]:
    """What persons say now of the parent of this very record."""
    rows = connection.execute(
        text(
            "SELECT id, child, parent, valid_from, valid_to FROM hierarchy_edge"
            " WHERE hierarchy = :name AND child = :child AND until_tx IS NULL ORDER BY id"
        ),
        {"name": hierarchy.name, "child": child},
    )
    return [_edge(row) for row in rows]


def last_change(connection: Connection, hierarchy: Hierarchy) -> int:
    """The last transaction that moved anything in it; 0: none did."""
    found = connection.scalar(
        text("SELECT max(tx) FROM hierarchy_edge WHERE hierarchy = :name"),
        {"name": hierarchy.name},
    )
    return int(found or 0)


def lock_hierarchy(tx: Tx, hierarchy: Hierarchy) -> None:
    """Lets nobody else move anything in it until the transaction ends."""
    if tx.connection.dialect.name == "postgresql":
        lock_domain(tx.connection, f"hierarchy:{hierarchy.name}")


def answering(reach: Reach, ids: Collection[str]) -> dict[str, str]:
    """The id that answers for each of these, merges followed as they stood."""
    leads: dict[str, str | None] = {}
    frontier = set(ids)
    for _step in range(CHAIN):
        if not frontier:
            break
        leads.update((name, one.merged_into) for name, one in _versions(reach, frontier).items())
        frontier = {name for name in leads.values() if name is not None} - leads.keys()
    found: dict[str, str] = {}
    for name in ids:
        last = name
        while (further := leads.get(last)) is not None:
            last = further
        found[name] = last
    return found


def _said(reach: Reach) -> list[Edge]:
    """What persons said, of the records that answer: what would stand under itself is left out."""
    edges = [_edge(row) for row in _said_rows(reach)]
    named = {name for edge in edges for name in (edge.child, edge.parent) if name is not None}
    leads = answering(reach, named)
    found = []
    for edge in edges:
        child = leads[edge.child]
        parent = leads[edge.parent] if edge.parent is not None else None
        rank = SAID if child == edge.child else REDIRECTED
        if child != parent:
            found.append(Edge(child, parent, edge.start, edge.end, rank, edge.number))
    return found


def _said_rows(reach: Reach) -> Sequence[Any]:
    names = "version.id, version.child, version.parent, version.valid_from, version.valid_to"
    moment = reach.moment
    if moment is None:
        sql, limit = "WHERE version.until_tx IS NULL", {}
    else:
        limit = {"moment": moment.limit}
        sql = (
            "JOIN hub_transaction AS known ON known.id = version.tx"
            " LEFT JOIN hub_transaction AS later ON later.id = version.until_tx"
            f" WHERE known.{moment.column} <= :moment"
            f" AND (later.{moment.column} IS NULL OR later.{moment.column} > :moment)"
        )
    return reach.connection.execute(
        text(
            f"SELECT {names} FROM hierarchy_edge AS version {sql}"
            " AND version.hierarchy = :name ORDER BY version.id"
        ),
        {"name": reach.hierarchy.name, **limit},
    ).all()


def _edge(row: Any) -> Edge:
    number, child, parent, start, end = row
    return Edge(child, parent, start or START, end or END, SAID, number)


def _by(name: Callable[[Edge], str | None], edges: Iterable[Edge]) -> dict[str | None, list[Edge]]:
    found: dict[str | None, list[Edge]] = {}
    for edge in edges:
        found.setdefault(name(edge), []).append(edge)
    return found


def _versions(reach: Reach, ids: Collection[str]) -> dict[str, Stored]:
    if not ids:
        return {}
    if reach.moment is None:
        return goldens_by_id(reach.connection, ids)
    return goldens_then(reach.connection, ids, reach.moment)


def _told(reach: Reach, stored: Iterable[Stored]) -> list[Edge]:
    """The parents that the records' sources tell, slice by slice."""
    told = [(one.golden_id, state, name) for one in stored for state, name in _names(reach, one)]
    names = {name for _child, _state, name in told}
    if not names:
        return []
    living = living_by_name(reach.connection, reach.secret, names, reach.moment)
    slices = {
        one.golden_id: msgspec.json.decode(one.record)["slices"]
        for some in living.values()
        for one in some
    }
    edges = []
    for child, state, name in told:
        start, end = state.get("valid_from") or START, state.get("valid_to") or END
        for one in living[name]:
            if one.golden_id != child and in_scope(DOMAINS[name[0]], slices[one.golden_id], state):
                edges.append(Edge(child, one.golden_id, start, end, TOLD))
                break
    return edges


def _names(reach: Reach, stored: Stored) -> Iterator[tuple[Document, Name]]:
    """(slice, name of the parent it tells) by the first field that tells one."""
    fields = reach.hierarchy.fields_of(stored.domain)
    if not fields or stored.merged_into is not None:
        return
    for state in msgspec.json.decode(stored.record)["slices"]:
        for line in fields:
            target = DOMAINS[stored.domain].by_name[line].reference
            if state.get(line) and target is not None:
                yield state, (target, str(state[line]))
                break


def _told_children(reach: Reach, parents: Sequence[Stored]) -> dict[str, Stored]:
    """Living records a slice of which may tell one of these as its parent."""
    codes: dict[str, set[str]] = {}
    for one in parents:
        line = DOMAINS[one.domain].code[-1]
        for state in msgspec.json.decode(one.record)["slices"]:
            if state.get(line):
                codes.setdefault(one.domain, set()).add(str(state[line]))
    keys = {
        search_key(reach.secret, domain, DOMAINS[domain].by_name[line], code, None)
        for domain, fields in reach.hierarchy.told
        for line in fields
        for code in codes.get(str(DOMAINS[domain].by_name[line].reference), ())
    }
    found = goldens_by_key(reach.connection, keys, reach.moment) if keys else []
    return {
        one.golden_id: one
        for _key, one in found
        if one.merged_into is None and one.status != "erased"
    }
