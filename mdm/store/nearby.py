"""Records near a given one, by their match keys: the look-up behind one record's match.

The driver is asked directly: here the layers above it would cost more than the database.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Connection

from mdm.records import Document
from mdm.store.bulk import driver_cursor, rows_for

NEAR = "id, golden_id, source, source_key, state, record"
UNDER = "SELECT * FROM (SELECT key, record_id FROM match_key WHERE key = ? LIMIT {limit})"
TOGETHER = 32
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
    connection: Connection, keys: Collection[int], cap: int
) -> tuple[dict[int, list[int]], list[int]]:
    """Record ids with the keys each shares, and the keys that more than `cap` records have."""
    shared: dict[int, list[int]] = {}
    crowded: list[int] = []
    for key, ids in _under(connection, list(keys), cap + 1).items():
        if len(ids) > cap:
            crowded.append(key)
        else:
            for record_id in ids:
                shared.setdefault(record_id, []).append(key)
    return shared, crowded


def _under(connection: Connection, keys: list[int], limit: int) -> dict[int, list[int]]:
    """The first record ids under each key, in one round trip."""
    found: dict[int, list[int]] = {}
    if connection.dialect.name == "postgresql":
        sql = (
            "SELECT k, array(SELECT record_id FROM match_key WHERE key = k LIMIT %s)"
            " FROM unnest(%s::bigint[]) AS k"
        )
        rows = driver_cursor(connection).execute(sql, (limit, keys)).fetchall()
        return {key: ids for key, ids in rows if ids}
    cursor = driver_cursor(connection)
    # One statement of many look-ups, each of which stops at the cap, costs half of many statements.
    for start in range(0, len(keys), TOGETHER):
        some = keys[start : start + TOGETHER]
        for key, record_id in cursor.execute(_under_each(len(some), limit), some):
            found.setdefault(key, []).append(record_id)
    return found


@lru_cache
def _under_each(count: int, limit: int) -> str:
    return " UNION ALL ".join([UNDER.format(limit=limit)] * count)


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
    found: list[Near] = []
    listed = list(ids)
    for start in range(0, len(listed), TOGETHER):
        some = listed[start : start + TOGETHER]
        found += [_near(row) for row in cursor.execute(_records_among(len(some)), some)]
    return found


@lru_cache
def _records_among(count: int) -> str:
    return f"SELECT {NEAR} FROM source_record WHERE id IN ({', '.join('?' * count)})"


def _near(row: Any) -> Near:
    return Near(row[0], row[1], row[2], row[3], row[4], _decode(row[5]))
