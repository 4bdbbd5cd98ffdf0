"""Reads all that a domain holds for matching it as one body, and writes what that changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from mdm.golden.state import Decision, Edge
from mdm.records import Document
from mdm.store.bulk import rows_for
from mdm.store.gather import EDGE_COLUMNS, decisions_of, edge_of
from mdm.store.statements import text

PAGE = 10_000


class Standing(msgspec.Struct, gc=False):
    """A source record as matching it anew reads it."""

    id: int
    source: str
    source_key: str
    golden_id: str
    state: str
    record: Document


def standing(connection: Connection, domain: str) -> Iterator[list[Standing]]:
    """All source records of a domain in the order of their ids, in pages."""
    sql = (
        "SELECT id, source, source_key, golden_id, state, record FROM source_record"
        " WHERE domain = :domain AND id > :after ORDER BY id LIMIT :page"
    )
    for rows in _pages(connection, sql, domain, 0):
        yield [_standing(row) for row in rows]


def _standing(row: Any) -> Standing:
    return Standing(row[0], row[1], row[2], row[3], row[4], msgspec.json.decode(row[5]))


def living(connection: Connection, domain: str) -> Iterator[list[tuple[str, Document]]]:
    """The golden records of a domain that answer for themselves, by their ids, in pages."""
    sql = (
        "SELECT golden_id, record FROM golden WHERE domain = :domain AND golden_id > :after"
        " AND status NOT IN ('merged', 'erased') ORDER BY golden_id LIMIT :page"
    )
    for rows in _pages(connection, sql, domain, ""):
        yield [(str(row[0]), msgspec.json.decode(row[1])) for row in rows]


def _pages(
    connection: Connection, sql: str, domain: str, after: int | str
) -> Iterator[Sequence[Any]]:
    """Rows in the order of what stands first in them, so many at a time."""
    while rows := connection.execute(
        text(sql), {"domain": domain, "after": after, "page": PAGE}
    ).all():
        yield rows
        after = rows[-1][0]


def latest_transaction(connection: Connection) -> int:
    """The number of the latest transaction."""
    return int(connection.scalar(text("SELECT MAX(id) FROM hub_transaction")) or 0)


def decided(connection: Connection, domain: str) -> list[Decision]:
    """Every decision in force in a domain."""
    rows = connection.execute(
        text(
            "SELECT MIN(record_id) FROM decision_record JOIN decision ON decision.id = decision_id"
            " WHERE domain = :domain AND withdrawn_tx IS NULL GROUP BY decision.id"
        ),
        {"domain": domain},
    )
    return decisions_of(connection, {int(row[0]) for row in rows})


def changed_since(connection: Connection, ids: Collection[int], tx: int) -> set[int]:
    """Those of the records whose latest version came after a transaction."""
    rows = rows_for(
        connection,
        "SELECT id FROM source_record JOIN {listed} AS wanted ON id = wanted.value WHERE tx > :tx",
        ids,
        number=True,
        tx=tx,
    )
    return {int(row[0]) for row in rows}


def come_since(connection: Connection, domain: str, tx: int) -> list[int]:
    """The records of a domain whose latest version came after a transaction."""
    rows = connection.execute(
        text("SELECT id FROM source_record WHERE domain = :domain AND tx > :tx ORDER BY id"),
        {"domain": domain, "tx": tx},
    )
    return [int(row[0]) for row in rows]


def keys_between(connection: Connection, low: int, high: int) -> list[tuple[int, int]]:
    """The (key, record id) rows from one key to another, both included, in their order."""
    rows = connection.execute(
        text(
            "SELECT key, record_id FROM match_key WHERE key BETWEEN :low AND :high"
            " ORDER BY key, record_id"
        ),
        {"low": low, "high": high},
    )
    return [(row[0], row[1]) for row in rows]


def edges_by_right(connection: Connection, ids: Collection[int]) -> dict[tuple[int, int], Edge]:
    """The scored pairs whose higher record is one of these."""
    rows = rows_for(
        connection,
        f"SELECT {EDGE_COLUMNS} FROM edge JOIN {{listed}} AS wanted ON right_id = wanted.value",
        ids,
        number=True,
    )
    return {(edge.left, edge.right): edge for edge in map(edge_of, rows)}


def open_questions(connection: Connection, domain: str) -> dict[str, dict[str, Any]]:
    """The open possible duplicates of a domain: what they say, by what they are about."""
    rows = connection.execute(
        text(
            "SELECT key, facts FROM task WHERE state = 'open' AND domain = :domain"
            " AND kind = 'possible_duplicate'"
        ),
        {"domain": domain},
    )
    return {str(key): msgspec.json.decode(facts) for key, facts in rows}


def linked(connection: Connection, ids: Collection[int]) -> set[int]:
    """Those of the records that stand in a pair which is more than no match."""
    found: set[int] = set()
    for end in ("left_id", "right_id"):
        rows = rows_for(
            connection,
            f"SELECT left_id, right_id FROM edge JOIN {{listed}} AS wanted ON {end} = wanted.value"
            " WHERE verdict > 0",
            ids,
            number=True,
        )
        found |= {int(one) for row in rows for one in row}
    return found
