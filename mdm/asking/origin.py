"""Where a golden record comes from: its versions, the winners of its values, its source keys."""

from __future__ import annotations

from typing import Any

import msgspec

from mdm.asking.lookup import current_id
from mdm.errors import NotFound
from mdm.model.domain import Domain
from mdm.people.rights import Caller, Right, require
from mdm.records import Document
from mdm.store import find
from mdm.store.find import Stored
from mdm.store.hub import Hub
from mdm.survivorship.state import all_members


def history(hub: Hub, caller: Caller, domain: Domain, golden_id: str) -> list[dict[str, Any]]:
    """Every version, the latest first: who made it, when, why, and which fields changed."""
    stored = _stored(hub, caller, domain, golden_id)
    with hub.database.read() as connection:
        rows = find.versions_of(connection, stored.golden_id)
    records = [msgspec.json.decode(row[2]) for row in rows] + [{}]
    return [
        {
            "version": row[0],
            "status": row[1],
            "merged_into": row[3],
            "at": row[4],
            "act": row[5],
            "actor": row[6],
            "reason": row[7],
            "correlation_id": row[8],
            "sequence": row[9],
            "changed": _changed(records[place + 1], records[place]),
            "record": records[place],
        }
        for place, row in enumerate(rows)
    ]


def lineage(hub: Hub, caller: Caller, domain: Domain, golden_id: str) -> dict[str, Any]:
    """The source records that make it up, and for every value its winner and the rule."""
    stored = _stored(hub, caller, domain, golden_id)
    told = msgspec.json.decode(stored.lineage)
    members = [
        {"record_id": member[0], "source": member[1], "source_key": member[2]}
        for member in told["members"]
    ]
    return {
        "golden_id": stored.golden_id,
        "version": stored.version,
        "members": members,
        "fields": winners(msgspec.json.decode(stored.record), told),
    }


def winners(record: Document, told: Document) -> dict[str, dict[str, Any]]:
    """By field or child path: the source record that gave the value and the rule that chose it."""
    members = all_members(told)
    named = {
        path: {"source": members[place][1], "source_key": members[place][2], "rule": rule}
        for path, (place, rule) in told["fields"].items()
    }
    if not named and len(members) == 1:
        # A single member is the origin of everything; lineage does not repeat it.
        source = {"source": members[0][1], "source_key": members[0][2], "rule": "only"}
        return {name: source for name in record if name != "slices"} or {"slices": source}
    return named


def crosswalk(hub: Hub, caller: Caller, domain: Domain, golden_id: str) -> dict[str, Any]:
    """Every source key and every retired id that leads to this record."""
    stored = _stored(hub, caller, domain, golden_id)
    with hub.database.read() as connection:
        told = find.told_of_golden(connection, stored.golden_id)
        former = find.former_ids(connection, stored.golden_id)
    keys = [
        {"source": one.source, "source_key": one.source_key, "state": one.state} for one in told
    ]
    return {"golden_id": stored.golden_id, "keys": keys, "former_ids": former}


def _stored(hub: Hub, caller: Caller, domain: Domain, golden_id: str) -> Stored:
    require(caller, Right.READ)
    with hub.database.read() as connection:
        stored = find.golden_by_id(connection, golden_id)
        if stored is not None and stored.merged_into is not None:
            stored = find.golden_by_id(connection, current_id(connection, golden_id))
    if stored is None or stored.domain != domain.name:
        raise NotFound(f"There is no {domain.name.replace('_', ' ')} {golden_id!r}.")
    return stored


def _changed(before: Document, after: Document) -> list[str]:
    names = [*before, *(name for name in after if name not in before)]
    return [name for name in names if before.get(name) != after.get(name)]
