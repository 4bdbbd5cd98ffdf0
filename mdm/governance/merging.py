"""Merging golden records and taking a merge back, by people: rights, versions, one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mdm import merging
from mdm.errors import BadRequest, SameRecord
from mdm.governance.overrides import Asked, answering, based_on
from mdm.merging import SUBTREE, Acting, Unmerged
from mdm.people.rights import Right, require
from mdm.store.find import Stored
from mdm.store.hub import Hub
from mdm.store.transaction import transaction


@dataclass(frozen=True, slots=True)
class Parting:
    """What is to be unmerged: an original that was merged in, or source records."""

    original: str | None = None
    records: Sequence[int] = ()
    scope: str = SUBTREE


def merge(
    hub: Hub, asked: Asked, other: str, survivor: str | None, reason: str
) -> tuple[int, Stored]:
    """Makes the record and the other one; returns the decision's number and what is golden now."""
    require(asked.caller, Right.DECIDE)
    _reasoned(reason)
    if other == asked.golden_id:
        raise SameRecord(f"{other} cannot be merged with itself; name two golden records.")
    with transaction(hub.database, asked.act("merge", reason)) as tx:
        based_on(tx, asked)
        acting = Acting(tx, hub, asked.domain, reason)
        number = merging.merge(acting, asked.golden_id, other, survivor)
        after = answering(tx.connection, asked.domain, asked.golden_id)
    return number, after


def unmerge(hub: Hub, asked: Asked, parting: Parting, reason: str) -> tuple[Unmerged, Stored]:
    """Takes an original, or source records, out of the record; says what could not be restored.

    A retired id in the path is the original itself.
    """
    require(asked.caller, Right.DECIDE)
    _reasoned(reason)
    with transaction(hub.database, asked.act("unmerge", reason)) as tx:
        stored = based_on(tx, asked)
        original = parting.original
        if original is None and not parting.records and stored.golden_id != asked.golden_id:
            original = asked.golden_id
        if (original is None) == (not parting.records):
            raise BadRequest(
                "Name either the `original`, an id that was merged into this record, or the"
                " `records` that leave it.",
                field="original",
            )
        acting = Acting(tx, hub, asked.domain, reason)
        if original is not None:
            done = merging.unmerge(acting, stored.golden_id, original, parting.scope)
        else:
            done = merging.unmerge_records(acting, stored.golden_id, parting.records)
        after = answering(tx.connection, asked.domain, done.survivor)
    return done, after


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise BadRequest("Say why: the reason stays with the decision.", field="reason")
