"""What is known of merges: when an id was joined to another, by which decision, made of what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from mdm.records import Document
from mdm.store.bulk import rows_for
from mdm.store.statements import text


@dataclass(frozen=True, slots=True)
class Joined:
    """The act that joined a golden id to another: `decision` None where the rules did it."""

    golden_id: str
    into: str
    tx: int
    decision: int | None


@dataclass(frozen=True, slots=True)
class Before:
    """A golden record in the version that an act ended."""

    record: Document
    records: tuple[int, ...]
    """Ids of the source records that made it up."""


def joined(connection: Connection, golden_id: str) -> Joined | None:
    """How the id first came to lead elsewhere since it last stood alone; None: it stands alone."""
    rows = connection.execute(
        text('SELECT act, "into", tx FROM id_ledger WHERE golden_id = :id ORDER BY id'),
        {"id": golden_id},
    )
    first: tuple[str, int] | None = None
    for act, into, tx in rows:
        if act != "joined":
            first = None
        elif first is None:
            first = (str(into), int(tx))
    if first is None:
        return None
    decision = connection.scalar(
        text(
            "SELECT id FROM decision WHERE tx = :tx AND kind = 'same' AND withdrawn_tx IS NULL"
            " ORDER BY id LIMIT 1"
        ),
        {"tx": first[1]},
    )
    return Joined(golden_id, first[0], first[1], int(decision) if decision is not None else None)


def before(connection: Connection, golden_id: str, tx: int) -> Before | None:
    """The version of a golden record that a transaction ended; None where it ended none."""
    row = connection.execute(
        text(
            "SELECT record, lineage FROM golden_history WHERE golden_id = :id AND until_tx = :tx"
            " ORDER BY version LIMIT 1"
        ),
        {"id": golden_id, "tx": tx},
    ).first()
    if row is None:
        return None
    members = msgspec.json.decode(row[1])["members"]
    return Before(msgspec.json.decode(row[0]), tuple(int(member[0]) for member in members))


def founded(connection: Connection, golden_id: str) -> dict[str, int]:
    """Every id that leads to this golden record, its own included, with its founding record."""
    rows = connection.execute(
        text(
            "SELECT own_id, id FROM source_record WHERE golden_id = :id AND own_id IS NOT NULL"
            " ORDER BY id"
        ),
        {"id": golden_id},
    )
    return {str(own_id): int(record_id) for own_id, record_id in rows}


def changed_since(connection: Connection, tx: int, ids: Collection[int]) -> bool:
    """Whether any of these source records got a version after a transaction."""
    rows = rows_for(
        connection,
        "SELECT 1 FROM source_record JOIN {listed} AS wanted ON id = wanted.value"
        " WHERE tx > :tx LIMIT 1",
        ids,
        number=True,
        tx=tx,
    )
    return bool(rows)


def closed_questions(connection: Connection, tx: int, ids: Collection[int]) -> list[str]:
    """Keys of possible duplicates on these records that a transaction closed and nobody asks now,
    though their records are scored as they were and no person said that they are different.
    """
    rows = rows_for(connection, CLOSED, ids, number=True, tx=tx)
    return [str(row[0]) for row in rows]


CLOSED = """
SELECT DISTINCT asked.key FROM (
    SELECT task.id, task.key, MIN(every.record_id) AS low, MAX(every.record_id) AS high
    FROM task JOIN task_record AS every ON every.task_id = task.id
    WHERE task.closed_tx = :tx AND task.kind = 'possible_duplicate'
    AND task.closed_as = 'overtaken' AND task.id IN (
        SELECT task_id FROM task_record JOIN {listed} AS wanted ON record_id = wanted.value)
    GROUP BY task.id, task.key) AS asked
JOIN edge ON edge.left_id = asked.low AND edge.right_id = asked.high
    AND edge.verdict > 0 AND edge.tx < :tx
JOIN source_record AS left_one ON left_one.id = asked.low
JOIN source_record AS right_one ON right_one.id = asked.high
WHERE asked.key IN (left_one.golden_id || '|' || right_one.golden_id,
    right_one.golden_id || '|' || left_one.golden_id)
AND NOT EXISTS (SELECT 1 FROM task AS again WHERE again.key = asked.key
    AND again.kind = 'possible_duplicate' AND again.state = 'open')
AND NOT EXISTS (SELECT 1 FROM decision_record AS one
    JOIN decision_record AS other ON other.decision_id = one.decision_id AND other.side <> one.side
    JOIN decision ON decision.id = one.decision_id AND decision.kind = 'different'
        AND decision.withdrawn_tx IS NULL
    JOIN source_record AS this ON this.id = one.record_id
    JOIN source_record AS that ON that.id = other.record_id
    WHERE this.golden_id = left_one.golden_id AND that.golden_id = right_one.golden_id)
ORDER BY asked.key
"""
