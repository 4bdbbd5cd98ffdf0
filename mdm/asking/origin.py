"""Where a golden record comes from: its versions, the winners of its values, its source keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mdm import clock
from mdm.asking.answer import When
from mdm.asking.lookup import following
from mdm.asking.reasons import asking, reasons
from mdm.model.domain import Domain
from mdm.people.rights import Caller, Right, require
from mdm.quality.dependent import slice_on
from mdm.records import Document
from mdm.store import find, known, overrides
from mdm.store.find import Stored
from mdm.store.hub import Hub
from mdm.survivorship import Override
from mdm.survivorship.state import all_members

NONE: tuple[list[str], list[str]] = ([], [])


def history(
    hub: Hub, caller: Caller, domain: Domain, golden_id: str, asked: When
) -> list[dict[str, Any]]:
    """Every version known then, the latest first: who made it, when, why, what changed.

    With a day, what the hub said of that day: the versions that changed it, and how.
    """
    stored = _stored(hub, caller, domain, golden_id, asked)
    with hub.database.read() as connection:
        rows = known.versions_of(connection, stored.golden_id, asked.moment)
        streams = known.streams_of(connection, stored.golden_id)
    versions: list[dict[str, Any]] = []
    before: tuple[Any, ...] = ()
    for row in reversed(rows):
        record = _of_day(row[2], asked)
        told = (row[1], row[3], record)
        if asked.told and told == before:
            continue
        changed = _changed(before[2] or {} if before else {}, record or {})
        # All of it goes out as it is stored: a thousand versions need not be written again.
        whole = record if asked.told else msgspec.Raw(row[2])
        joined, parted = streams.get(row[11], NONE)
        versions.append({**_version(row, whole, changed), "joined": joined, "parted": parted})
        before = told
    return versions[::-1]


def _version(row: Any, record: object, changed: list[str]) -> dict[str, Any]:
    return {
        "version": row[0],
        "status": row[1],
        "merged_into": row[3],
        "at": row[4],
        "recorded_at": row[10],
        "act": row[5],
        "actor": row[6],
        "reason": row[7],
        "correlation_id": row[8],
        "sequence": row[9],
        "changed": changed,
        "record": record,
    }


_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _of_day(record: str, asked: When) -> Mapping[str, Any] | None:
    """The slice that holds on the day that was named, if one was; else the fields as texts."""
    if asked.as_of is None:
        return _fields(record)
    told = msgspec.json.decode(record)
    return slice_on(told["slices"], asked.as_of) if "slices" in told else told


def lineage(
    hub: Hub, caller: Caller, wanted: tuple[Domain, str], asked: When, field: str | None = None
) -> dict[str, Any]:
    """The source records that make it up, and why every value is what it is.

    Of a dated record all slices are told, or the one that holds on the day that was named.
    """
    domain, golden_id = wanted
    require(caller, Right.READ)
    with hub.database.read() as connection:
        stored = following(connection, domain, golden_id, asked.moment)
        of = asking(hub, connection, stored, asked)
        kept = [] if asked.past else overrides.of_golden(connection, stored.golden_id)
    lifted = [one.override for one in kept if not one.withdrawn and one.override.lifted]
    return {
        "golden_id": stored.golden_id,
        "version": stored.version,
        "members": [
            {"record_id": member[0], "source": member[1], "source_key": member[2]}
            for member in of.lineage["members"]
        ],
        "overrides": [told_override(one) for one in (*of.overrides, *lifted)],
        "fields": reasons(of, asked, field),
    }


def told_override(said: Override) -> dict[str, Any]:
    """An override as lineage names it; with `lifted_why` it does not hold at present."""
    return {
        "id": said.id,
        "concerns": said.golden_id,
        "field": said.field,
        "reason": said.reason,
        "lifetime": said.lifetime.value,
        "set_at": said.at,
        "lifted_why": said.lifted,
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
    stored = _stored(hub, caller, domain, golden_id, When(clock.now()))
    with hub.database.read() as connection:
        told = find.told_of_golden(connection, stored.golden_id)
        former = find.former_ids(connection, stored.golden_id)
    keys = [
        {"source": one.source, "source_key": one.source_key, "state": one.state} for one in told
    ]
    return {"golden_id": stored.golden_id, "keys": keys, "former_ids": former}


def _stored(hub: Hub, caller: Caller, domain: Domain, golden_id: str, asked: When) -> Stored:
    require(caller, Right.READ)
    with hub.database.read() as connection:
        return following(connection, domain, golden_id, asked.moment)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    names = [*before, *(name for name in after if name not in before)]
    return [name for name in names if before.get(name) != after.get(name)]
