"""Places records in hierarchies: several moves at once, all or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mdm.errors import BadRequest, NotFound, RetiredRecord, StaleVersion, UnknownName
from mdm.golden.hierarchy import HIERARCHIES, Edge, Hierarchy, place, refuse_cycle, refuse_overlaps
from mdm.people.rights import Caller, Right, require
from mdm.store import find, hierarchy
from mdm.store.find import Stored
from mdm.store.hierarchy import Reach
from mdm.store.hub import Hub
from mdm.store.transaction import Act, Tx, transaction

GONE = ("retired", "erased")


@dataclass(frozen=True, slots=True)
class Moves:
    """What a person wants moved: edges from records to their new parents."""

    moves: tuple[Edge, ...]
    reason: str | None = None
    based_on: int | None = None
    """The version of the hierarchy that was read; None: whatever it is."""


def hierarchy_named(name: str) -> Hierarchy:
    """The hierarchy of this name; UnknownName lists them all."""
    if name not in HIERARCHIES:
        raise UnknownName.among("hierarchy", name, list(HIERARCHIES))
    return HIERARCHIES[name]


def move(hub: Hub, caller: Caller, named: Hierarchy, wanted: Moves, correlation_id: str) -> int:
    """Moves the records, each for its period; returns the hierarchy's new version.

    Raises NotFound, RetiredRecord, InvertedPeriod, OverlappingParents or HierarchyCycle, naming
    the records and the day; then nothing was moved.
    """
    require(caller, Right.PLACE)
    refuse_overlaps(wanted.moves)
    act = Act("move", caller.name, reason=wanted.reason, correlation_id=correlation_id)
    with transaction(hub.database, act) as tx:
        hierarchy.lock_hierarchy(tx, named)
        _refuse_stale(tx, named, wanted)
        _refuse_unfit(tx, named, wanted.moves)
        placed = [_place(tx, named, one) for one in wanted.moves]
        reach = Reach(tx.connection, hub.keys.match_secret, named)
        edges = hierarchy.gather_up(reach, {one.child for one in placed}).edges
        for one in placed:
            refuse_cycle(edges, one)
    return tx.id


def _place(tx: Tx, named: Hierarchy, wanted: Edge) -> Edge:
    """Writes one move and returns it as it holds: up to the next one that is planned."""
    done = place(hierarchy.said_of(tx.connection, named, wanted.child), wanted)
    hierarchy.write_placed(tx, named, done.ended, done.begun)
    moved = done.begun[0]
    tx.note(
        "move",
        f"move:{moved.child}",
        hierarchy=named.name,
        parent=moved.parent,
        valid_from=moved.start,
        valid_to=moved.end,
    )
    return moved


def _refuse_stale(tx: Tx, named: Hierarchy, wanted: Moves) -> None:
    version = hierarchy.last_change(tx.connection, named)
    if wanted.based_on is not None and wanted.based_on != version:
        raise StaleVersion(
            f"The hierarchy {named.name!r} is at version {version} now, your moves are based on"
            f" {wanted.based_on}. Read it again, then move.",
            version=version,
        )


def _refuse_unfit(tx: Tx, named: Hierarchy, moves: Sequence[Edge]) -> None:
    """Every record named is known, may stand in this hierarchy, and is not retired."""
    ids = {name for one in moves for name in (one.child, one.parent) if name is not None}
    held = find.goldens_by_id(tx.connection, ids)
    for name in _in_order(moves):
        _refuse_one(named, name, held)


def _in_order(moves: Iterable[Edge]) -> list[str]:
    names = (name for one in moves for name in (one.child, one.parent) if name is not None)
    return list(dict.fromkeys(names))


def _refuse_one(named: Hierarchy, golden_id: str, held: Mapping[str, Stored]) -> None:
    stored = held.get(golden_id)
    if stored is None:
        raise NotFound(f"There is no golden record {golden_id!r}; nothing was moved.")
    if stored.domain not in named.domains:
        kinds = ", ".join(named.domains)
        raise BadRequest(
            f"{golden_id} is a {stored.domain}; in the hierarchy {named.name!r} stand: {kinds}.",
            field="golden_id",
        )
    if stored.merged_into is not None:
        raise RetiredRecord(
            f"{golden_id} was merged into {stored.merged_into}; move that one instead.",
            field="golden_id",
        )
    if stored.status in GONE:
        raise RetiredRecord(
            f"{golden_id} is {stored.status}; nothing is moved to it or from it any more.",
            field="golden_id",
        )
