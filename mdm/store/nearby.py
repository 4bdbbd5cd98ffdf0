"""Records near a given one, by their match keys: the look-up behind one record's match.

The driver is asked directly: here the layers above it would cost more than the database.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from mdm.records import Document
from mdm.store.bulk import driver_cursor, rows_for
from mdm.store.gather import candidates

NEAR = "id, golden_id, source, source_key, state, record"
_decode = msgspec.json.Decoder().decode


class Near(msgspec.Struct, gc=False):
    """A source record as far as a match reads it."""

    id: int
    golden_id: str
    source: str
    source_key: str
    state: str
    record: Document


def meeting(
    connection: Connection, keys: Sequence[int], cap: int
) -> tuple[dict[int, list[int]], list[int]]:
    """Record ids with the keys each shares, and the keys that more than `cap` records have."""
    found, crowded = candidates(connection, keys, cap)
    shared: dict[int, list[int]] = {}
    for key, record_id in found:
        shared.setdefault(record_id, []).append(key)
    return shared, crowded


def counts(connection: Connection, keys: Collection[int]) -> dict[int, int]:
    """How many records stand under each of these keys."""
    rows = rows_for(
        connection,
        "SELECT key, COUNT(*) FROM match_key JOIN {listed} AS wanted ON key = wanted.value"
        " GROUP BY key",
        keys,
        number=True,
    )
    return {int(row[0]): int(row[1]) for row in rows}


def near(connection: Connection, ids: Collection[int]) -> list[Near]:
    """The source records of these ids."""
    cursor = driver_cursor(connection)
    if connection.dialect.name == "postgresql":
        sql = f"SELECT {NEAR} FROM source_record WHERE id = ANY(%s)"
        return [_near(row) for row in cursor.execute(sql, (list(ids),)).fetchall()]
    sql = f"SELECT {NEAR} FROM source_record WHERE id = ?"
    return [_near(row) for one in ids for row in cursor.execute(sql, (one,))]


def _near(row: Any) -> Near:
    return Near(row[0], row[1], row[2], row[3], row[4], _decode(row[5]))
