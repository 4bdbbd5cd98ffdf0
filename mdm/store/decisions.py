"""Decisions of people: kept for ever, in force until withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert

from mdm.store.bulk import insert_rows
from mdm.store.statements import text
from mdm.store.tables.governance import decision, decision_record
from mdm.store.transaction import Tx

TOLD = ("domain", "simulated", "task_id", "survivor")
"""What the audit is told of a decision beside its two sides; its reason stands in the header."""


def add_decision(tx: Tx, values: dict[str, Any], left: Sequence[int], right: Sequence[int]) -> int:
    """Keeps a decision on two sets of source records; returns its number."""
    said = {**values, "actor": tx.act.actor, "at": tx.at, "tx": tx.id}
    row = tx.connection.execute(insert(decision).values(said))
    assert row.inserted_primary_key is not None
    number = int(row.inserted_primary_key[0])
    rows = [(number, record_id, 0) for record_id in left]
    rows += [(number, record_id, 1) for record_id in right]
    insert_rows(tx.connection, decision_record, ("decision_id", "record_id", "side"), rows)
    named = {name: values[name] for name in TOLD if values.get(name)}
    tx.note("decision", f"decision:{number}", says=values["kind"], left=left, right=right, **named)
    return number


def withdraw_decision(tx: Tx, number: int) -> list[int] | None:
    """Takes a decision back; returns the records it bound, None where none such is in force."""
    done = tx.connection.execute(
        text("UPDATE decision SET withdrawn_tx = :tx WHERE id = :id AND withdrawn_tx IS NULL"),
        {"tx": tx.id, "id": number},
    )
    if done.rowcount == 0:
        return None
    tx.note("decision_withdrawn", f"decision:{number}")
    rows = tx.connection.execute(
        text("SELECT record_id FROM decision_record WHERE decision_id = :id"), {"id": number}
    )
    return [row[0] for row in rows]


def sides(connection: Connection, number: int) -> tuple[list[int], list[int]]:
    """The two sets of source records that a decision binds."""
    found: tuple[list[int], list[int]] = ([], [])
    rows = connection.execute(
        text("SELECT side, record_id FROM decision_record WHERE decision_id = :id ORDER BY 1, 2"),
        {"id": number},
    )
    for side, record_id in rows:
        found[side].append(int(record_id))
    return found


def domain_of_decision(tx: Tx, number: int) -> str | None:
    """The domain of a decision; None where there is none of this number."""
    found = tx.connection.scalar(text("SELECT domain FROM decision WHERE id = :id"), {"id": number})
    return str(found) if found is not None else None


def close_task(tx: Tx, task_id: int, closed_as: str) -> None:
    """Closes an open task with what came of it."""
    tx.note("task_closed", f"task:{task_id}", closed_as=closed_as)
    tx.connection.execute(
        text(
            "UPDATE task SET state = 'closed', closed_as = :closed_as, closed_at = :at,"
            " closed_tx = :tx, version = version + 1 WHERE id = :id AND state = 'open'"
        ),
        {"closed_as": closed_as, "at": tx.at, "tx": tx.id, "id": task_id},
    )


def decided_pairs(connection: Connection, domain: str) -> list[tuple[str, float | None]]:
    """What people decided: (kind, probability of the likeliest pair it binds; None: never met).

    Simulated decisions are left out.
    """
    low = "CASE WHEN one.record_id < other.record_id THEN one.record_id ELSE other.record_id END"
    high = "CASE WHEN one.record_id < other.record_id THEN other.record_id ELSE one.record_id END"
    rows = connection.execute(
        text(
            "SELECT decision.id, decision.kind, MAX(edge.probability) FROM decision"
            " JOIN decision_record AS one ON one.decision_id = decision.id AND one.side = 0"
            " JOIN decision_record AS other ON other.decision_id = decision.id AND other.side = 1"
            f" LEFT JOIN edge ON edge.left_id = {low} AND edge.right_id = {high}"
            " WHERE decision.domain = :domain AND decision.withdrawn_tx IS NULL"
            " AND NOT decision.simulated GROUP BY decision.id, decision.kind ORDER BY decision.id"
        ),
        {"domain": domain},
    )
    return [(str(row[1]), row[2]) for row in rows]
