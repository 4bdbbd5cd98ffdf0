"""Versions of source and golden records: what each told, by which act, and how any two differ."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import msgspec

from mdm import clock
from mdm.asking.answer import When
from mdm.asking.lookup import following
from mdm.errors import NotFound
from mdm.model.domain import Domain
from mdm.people.rights import Caller, Right, require
from mdm.records import Document
from mdm.store import known
from mdm.store.hub import Hub

ACT = ("at", "recorded_at", "act", "actor", "reason", "correlation_id", "sequence")
SAID = ("version", "state", "record", "mapping_version", "load", *ACT)
_decode = msgspec.json.Decoder().decode


def sources(
    hub: Hub, caller: Caller, wanted: tuple[Domain, str], asked: When
) -> list[dict[str, Any]]:
    """The source records of a golden record with every version known then, the latest first."""
    require(caller, Right.READ)
    with hub.database.read() as connection:
        stored = following(connection, *wanted, asked.moment)
        rows = known.source_versions_of(connection, stored.golden_id, asked.moment)
    return [
        {
            "record_id": record_id,
            "source": source,
            "source_key": source_key,
            "versions": _versions([row[3:] for row in some]),
        }
        for (record_id, source, source_key), some in groupby(rows, key=lambda row: tuple(row[:3]))
    ]


def _versions(rows: list[Any]) -> list[dict[str, Any]]:
    """Versions of one source record as they are shown, with the fields that each changed."""
    told = [dict(zip(SAID, row, strict=True)) for row in rows]
    records = [_decode(one["record"]) for one in told]
    for one, record, before in zip(told, records, [*records[1:], {}], strict=True):
        names = [*before, *(name for name in record if name not in before)]
        one["record"] = record
        one["changed"] = [name for name in names if before.get(name) != record.get(name)]
    return told


def difference(
    hub: Hub, caller: Caller, wanted: tuple[Domain, str], first: int, second: int
) -> dict[str, Any]:
    """How one version of a golden record differs from another, path by path.

    Children are named by their ids, slices by their first days. NotFound for a version that
    there is not.
    """
    require(caller, Right.READ)
    with hub.database.read() as connection:
        stored = following(connection, *wanted, When(clock.now()).moment)
        rows = {row[0]: row for row in known.versions_of(connection, stored.golden_id, None)}
    for number in (first, second):
        if number not in rows:
            raise NotFound(
                f"{stored.golden_id} has no version {number}; it has {min(rows)} to {max(rows)}."
            )
    one, other = (_whole(rows[number]) for number in (first, second))
    changes = [
        {"path": path, "before": before, "after": after}
        for path, before, after in _differences("", one, other)
    ]
    return {"golden_id": stored.golden_id, "from": first, "to": second, "changes": changes}


def _whole(row: Any) -> Document:
    return {"status": row[1], "merged_into": row[3], "record": _decode(row[2])}


def _differences(path: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    """Every path at which two documents differ, with what stands there."""
    if before == after:
        return
    one, other = _named(before), _named(after)
    if one is None or other is None:
        yield path, before, after
        return
    for name in dict.fromkeys((*one, *other)):
        inner = f"{path}/{name}" if path else name
        yield from _differences(inner, one.get(name), other.get(name))


def _named(value: Any) -> Document | None:
    """The parts of a document or list by their names; None: it has none."""
    if isinstance(value, dict) and "fingerprint" not in value:
        return value
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        names = [str(one.get("id") or one.get("valid_from") or "") for one in value]
        return dict(zip(names, value, strict=True)) if len(set(names)) == len(names) else None
    return None
