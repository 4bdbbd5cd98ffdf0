"""Loads that a guard stopped: what tripped, and their rows, sealed, until a person decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, insert

from mdm.records import Mode
from mdm.store.bulk import insert_rows
from mdm.store.statements import text
from mdm.store.tables.source import load as loads
from mdm.store.tables.source import stage_batch
from mdm.store.transaction import Tx

STOPPED, APPLYING, DONE, DROPPED = "stopped", "applying", "done", "dropped"
COLUMNS = "id, source, mode, state, files, fingerprint, correlation_id, stopped_by"
ROWS = ("number", "file", "feed", "format", "rows")


@dataclass(frozen=True, slots=True)
class Stopped:
    """A load that a guard stopped, whatever became of it since; `guards` say what tripped."""

    id: int
    source: str
    mode: Mode
    state: str
    files: list[dict[str, Any]]
    fingerprint: str
    correlation_id: str
    guards: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class KeptRows:
    """Rows of a file of a stopped load, sealed."""

    number: int
    file: str
    feed: str
    format: str
    rows: bytes


def add(tx: Tx, told: Mapping[str, Any]) -> int:
    """Notes that a load was stopped; returns its number."""
    packed = {name: _json(told[name]) for name in ("files", "counts", "stopped_by")}
    values = {
        **told,
        **packed,
        "state": STOPPED,
        "actor": tx.act.actor,
        "correlation_id": tx.correlation_id,
        "started_at": tx.at,
    }
    row = tx.connection.execute(insert(loads).values(values))
    assert row.inserted_primary_key is not None
    number = int(row.inserted_primary_key[0])
    tx.note(
        "load_stopped", f"load:{number}", source=told["source"], fingerprint=told["fingerprint"]
    )
    return number


def keep_rows(tx: Tx, number: int, kept: KeptRows) -> None:
    """Keeps rows of a stopped load."""
    row = (kept.number, kept.file, kept.feed, kept.format, kept.rows)
    insert_rows(tx.connection, stage_batch, ROWS, [row], constants={"load_id": number})


def by_id(connection: Connection, number: int) -> Stopped | None:
    """The stopped load of this number; None where no load of it was stopped."""
    found = connection.execute(
        text(f"SELECT {COLUMNS} FROM load WHERE id = :id AND stopped_by IS NOT NULL"),
        {"id": number},
    ).first()
    return _stopped(found) if found else None


def of_source(connection: Connection, source: str) -> list[Stopped]:
    """The source's loads that were stopped, the latest first; dropped ones left out."""
    rows = connection.execute(
        text(
            f"SELECT {COLUMNS} FROM load WHERE source = :source AND stopped_by IS NOT NULL"
            " AND state <> 'dropped' ORDER BY id DESC"
        ),
        {"source": source},
    )
    return [_stopped(row) for row in rows]


def later(connection: Connection, load: Stopped) -> list[int]:
    """Numbers of the source's loads that were applied since this one was stopped."""
    rows = connection.execute(
        text(
            "SELECT id FROM load WHERE source = :source AND id > :id AND state <> 'stopped'"
            " AND state <> 'dropped' AND counts IS NOT NULL ORDER BY id"
        ),
        {"source": load.source, "id": load.id},
    )
    return [int(row[0]) for row in rows]


def pieces(connection: Connection, number: int) -> list[tuple[int, str, str, str]]:
    """(number, file, feed, format) of every piece of a stopped load's rows, in their order."""
    rows = connection.execute(
        text("SELECT number, file, feed, format FROM stage_batch WHERE load_id = :id ORDER BY 1"),
        {"id": number},
    )
    return [(int(row[0]), row[1], row[2], row[3]) for row in rows]


def rows_of(connection: Connection, number: int, piece: int) -> bytes:
    """The rows of one piece, sealed."""
    found = connection.scalar(
        text("SELECT rows FROM stage_batch WHERE load_id = :id AND number = :number"),
        {"id": number, "number": piece},
    )
    return bytes(found)


def move(tx: Tx, number: int, before: str, after: str) -> bool:
    """Moves a stopped load from one state to another; False where somebody was faster."""
    moved = tx.connection.execute(
        text("UPDATE load SET state = :after WHERE id = :id AND state = :before"),
        {"id": number, "before": before, "after": after},
    )
    tx.note("load_" + after, f"load:{number}")
    return moved.rowcount == 1


def forget_rows(tx: Tx, number: int) -> None:
    """Deletes the rows of a load that nobody waits for any more."""
    tx.connection.execute(text("DELETE FROM stage_batch WHERE load_id = :id"), {"id": number})


def _json(value: Mapping[str, Any] | Sequence[Any]) -> str:
    return msgspec.json.encode(value).decode()


def _stopped(row: Any) -> Stopped:
    return Stopped(
        id=int(row[0]),
        source=row[1],
        mode=Mode(row[2]),
        state=row[3],
        files=msgspec.json.decode(row[4]),
        fingerprint=row[5] or "",
        correlation_id=row[6],
        guards=msgspec.json.decode(row[7]),
    )
