"""Under which keys a golden record is booked: in which source system, for which legal entity."""

from __future__ import annotations

from typing import Any

import msgspec

from mdm import clock
from mdm.asking import lookup
from mdm.asking.answer import When
from mdm.model.domain import Domain
from mdm.people.rights import Caller, Right
from mdm.quality.today import ENTITY
from mdm.records import Document
from mdm.store import find
from mdm.store.hub import Hub

_decode = msgspec.json.Decoder().decode


def identities(
    hub: Hub, caller: Caller, domain: Domain, golden_id: str, entity: str | None
) -> dict[str, Any]:
    """The keys of a record with the legal entities that each stands for; `entity`: only its keys.

    A subscriber is told keys of the legal entities that its subscription shows it. NotFound where
    the caller sees no such record.
    """
    found = lookup.one(hub, caller, domain, golden_id, When(clock.now()))
    seen = None if caller.may(Right.READ) else entities_of(_decode(found.record) or {})
    with hub.database.read() as connection:
        told = find.told_of_golden(connection, found.golden_id)
    keys = []
    for one in told:
        entities = entities_of(_decode(one.record))
        shown = entities if seen is None else entities & seen
        if (seen is None or shown) and (entity is None or entity in shown):
            keys.append(
                {
                    "source": one.source,
                    "source_key": one.source_key,
                    "state": one.state,
                    "legal_entities": sorted(shown),
                }
            )
    return {"golden_id": found.golden_id, "keys": keys}


def entities_of(record: Document) -> set[str]:
    """The codes of the legal entities that a record names, itself or in its company data."""
    states = record.get("slices", (record,))
    holders = [holder for state in states for holder in (state, *(state.get("companies") or ()))]
    return {str(holder[ENTITY]) for holder in holders if holder.get(ENTITY)}
