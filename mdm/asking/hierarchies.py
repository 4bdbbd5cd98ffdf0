"""Answers questions about hierarchies: roots, paths, subtrees, and how two days differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

import msgspec

from mdm.asking.answer import When
from mdm.asking.lookup import following
from mdm.asking.validity import judge
from mdm.domains import BY_PREFIX, DOMAINS
from mdm.errors import NotFound
from mdm.golden.hierarchy import HIERARCHIES, Edge, Hierarchy, Tree, compare, tree_on
from mdm.people.rights import Caller, Right, require
from mdm.quality.dependent import slice_on
from mdm.store import find, hierarchy, known
from mdm.store.database import Connection
from mdm.store.find import Stored
from mdm.store.hierarchy import Gathered, Reach
from mdm.store.hub import Hub
from mdm.store.named import living_by_name

PORTION = 500
Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """A record in a hierarchy on a day: what was gathered around it, and the tree of the day."""

    node: str
    day: date
    gathered: Gathered
    tree: Tree


def listed() -> list[Told]:
    """The hierarchies there are."""
    return [_about(one) for one in HIERARCHIES.values()]


def overview(hub: Hub, caller: Caller, named: Hierarchy, asked: When) -> Told:
    """What stands at the top on a day, and the last change that a person made."""
    require(caller, Right.READ)
    day = asked.as_of or asked.now.astimezone(UTC).date()
    with hub.database.read() as connection:
        reach = _reach(hub, connection, named, asked)
        tops = _living(reach, named.domains[0])
        gathered = hierarchy.gather_up(reach, tops)
        tree = tree_on(gathered.edges, day.isoformat())
        version = hierarchy.last_change(connection, named)
    roots = [_node(gathered, one, day) for one in tops if one not in tree.parent]
    left_out = _left_out(tree.left_out)
    return {
        **_about(named),
        "version": version,
        "as_of": day.isoformat(),
        "roots": roots,
        "left_out": left_out,
    }


def path(hub: Hub, caller: Caller, named: Hierarchy, golden_id: str, asked: When) -> Told:
    """The records above one, from the root down to it."""
    require(caller, Right.READ)
    with hub.database.read() as connection:
        node, day = _asked_of(hub, connection, named, golden_id, asked)
        gathered = hierarchy.gather_up(_reach(hub, connection, named, asked), [node.golden_id])
    tree = tree_on(gathered.edges, day.isoformat())
    way = [_node(gathered, one, day) for one in tree.path(node.golden_id)]
    return {**_head(named, node, golden_id, day), "path": way, "left_out": _left_out(tree.left_out)}


def subtree(hub: Hub, caller: Caller, named: Hierarchy, golden_id: str, asked: When) -> Told:
    """A record and all that stands below it, each before its own children."""
    require(caller, Right.READ)
    with hub.database.read() as connection:
        node, standing = _standing(hub, connection, named, golden_id, asked)
    nodes = [
        {
            **_node(standing.gathered, one, standing.day),
            "parent": standing.tree.parent.get(one),
            "depth": depth,
        }
        for one, depth in standing.tree.below(standing.node)
    ]
    head = _head(named, node, golden_id, standing.day)
    return {**head, "nodes": nodes, "left_out": _left_out(standing.tree.left_out)}


def difference(
    hub: Hub, caller: Caller, named: Hierarchy, golden_id: str, asked: tuple[When, When]
) -> Told:
    """What was added, removed and moved below a record from one day, or moment, to another."""
    require(caller, Right.READ)
    with hub.database.read() as connection:
        node, before = _standing(hub, connection, named, golden_id, asked[0])
        _node_after, after = _standing(hub, connection, named, golden_id, asked[1])
    found = compare(before.tree, after.tree, node.golden_id)
    return {
        **_head(named, node, golden_id, before.day),
        "with_as_of": after.day.isoformat(),
        "added": [
            {**_node(after.gathered, one, after.day), "parent": after.tree.parent.get(one)}
            for one in found.added
        ],
        "removed": [
            {**_node(before.gathered, one, before.day), "parent": before.tree.parent.get(one)}
            for one in found.removed
        ],
        "moved": [
            {**_node(after.gathered, one, after.day), "from": was, "to": now}
            for one, was, now in found.moved
        ],
    }


def _standing(
    hub: Hub, connection: Connection, named: Hierarchy, golden_id: str, asked: When
) -> tuple[Stored, Standing]:
    node, day = _asked_of(hub, connection, named, golden_id, asked)
    reach = _reach(hub, connection, named, asked)
    gathered = hierarchy.gather_down(reach, node.golden_id, day.isoformat())
    tree = tree_on(gathered.edges, day.isoformat())
    return node, Standing(node.golden_id, day, gathered, tree)


def _asked_of(
    hub: Hub, connection: Connection, named: Hierarchy, golden_id: str, asked: When
) -> tuple[Stored, date]:
    """The record that answers for an id, and its day; NotFound where it cannot stand here."""
    domain = BY_PREFIX.get(golden_id.partition("_")[0])
    if domain is None or domain.name not in named.domains:
        kinds = " or ".join(one.replace("_", " ") for one in named.domains)
        raise NotFound(f"There is no {kinds} {golden_id!r}; only these stand in {named.name!r}.")
    node = following(connection, domain, golden_id, asked.moment)
    return node, judge(hub, connection, [node], asked)[0].day


def _reach(hub: Hub, connection: Connection, named: Hierarchy, asked: When) -> Reach:
    return Reach(connection, hub.keys.match_secret, named, asked.moment)


def _living(reach: Reach, domain: str) -> list[str]:
    """The ids of all living records of a domain."""
    found: list[str] = []
    while True:
        after = found[-1] if found else ""
        if reach.moment is None:
            some = find.page(reach.connection, domain, (), after, PORTION)
        else:
            about = (domain, DOMAINS[domain].prefix)
            some = known.page_then(reach.connection, about, after, PORTION, reach.moment)
        found += [one.golden_id for one in some]
        if len(some) < PORTION:
            return found


def _about(named: Hierarchy) -> Told:
    return {"name": named.name, "meaning": named.meaning, "domains": list(named.domains)}


def _head(named: Hierarchy, node: Stored, golden_id: str, day: date) -> Told:
    head = {"hierarchy": named.name, "golden_id": node.golden_id, "as_of": day.isoformat()}
    return head if node.golden_id == golden_id else {**head, "redirected_from": golden_id}


def _node(gathered: Gathered, golden_id: str, day: date) -> Told:
    stored = gathered.stored[golden_id]
    slices = msgspec.json.decode(stored.record)["slices"]
    state = slice_on(slices, day) or (slices[-1] if slices else {})
    return {
        "golden_id": golden_id,
        "domain": stored.domain,
        "code": state.get(DOMAINS[stored.domain].code[-1]),
        "name": state.get("name"),
        "status": stored.status,
    }


def _left_out(edges: Iterable[Edge]) -> list[Told]:
    """Edges that sources tell, or merges made, that would close a cycle."""
    return [
        {
            "golden_id": edge.child,
            "parent": edge.parent,
            "sentence": f"{edge.child} under {edge.parent} would close a cycle; it is left out."
            " Correct what the source tells, or place one of the two.",
        }
        for edge in edges
    ]


def meant(hub: Hub, caller: Caller, named: Hierarchy, said: str) -> str:
    """The golden id that a person means by an id or a code; NotFound if not just one."""
    require(caller, Right.READ)
    said = said.strip()
    if said.partition("_")[0] in BY_PREFIX:
        return said
    with hub.database.read() as connection:
        names = [(domain, said) for domain in named.domains]
        living = living_by_name(connection, hub.keys.match_secret, names, None)
    found = [one.golden_id for name in names for one in living[name]]
    if len(found) != 1:
        many = f"several: {', '.join(found)}. Name one of these ids" if found else "none"
        raise NotFound(f"Of the records in {named.name!r} with the code {said!r} there are {many}.")
    return found[0]
