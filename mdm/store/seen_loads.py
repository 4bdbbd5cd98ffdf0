"""Reads the log of loads, for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from mdm.store.statements import text

LOAD = (
    "id, source, mode, state, files, actor, correlation_id, started_at, finished_at, counts,"
    " stopped_by"
)


@dataclass(frozen=True, slots=True)
class SeenLoad:
    """A load with its files and what it did."""

    id: int
    source: str
    mode: str
    state: str
    files: list[Any]
    actor: str
    correlation_id: str
    started_at: str
    finished_at: str | None
    counts: dict[str, Any]
    stopped_by: Any


def recent(connection: Connection, limit: int, state: str | None = None) -> list[SeenLoad]:
    """The latest loads first; of one state, or of all."""
    rows = connection.execute(
        text(
            f"SELECT {LOAD} FROM load WHERE :state = '' OR state = :state"
            " ORDER BY id DESC LIMIT :limit"
        ),
        {"limit": limit, "state": state or ""},
    )
    return [_load(row) for row in rows]


def by_id(connection: Connection, number: int) -> SeenLoad | None:
    """The load of this number; None where there is none."""
    row = connection.execute(text(f"SELECT {LOAD} FROM load WHERE id = :id"), {"id": number})
    found = row.first()
    return _load(found) if found else None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused row without its payload."""

    id: int
    domain: str
    source_key: str | None
    file: str | None
    line: int
    code: str
    reason: str
    state: str


def rejects_of(connection: Connection, load_id: int, limit: int) -> list[Refusal]:
    """The rows that a load refused, in their order."""
    rows = connection.execute(
        text(
            "SELECT id, domain, source_key, file, line, code, reason, state FROM reject"
            " WHERE load_id = :load ORDER BY id LIMIT :limit"
        ),
        {"load": load_id, "limit": limit},
    )
    return [Refusal(*row) for row in rows]


def _load(row: Any) -> SeenLoad:
    values = list(row)
    values[4] = msgspec.json.decode(values[4])
    values[9] = msgspec.json.decode(values[9]) if values[9] else {}
    values[10] = msgspec.json.decode(values[10]) if values[10] else None
    return SeenLoad(*values)
