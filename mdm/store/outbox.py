"""The queue of events: what is due for each subscriber, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from mdm.publication.message import OutboxRow
from mdm.store.bulk import listed, run_many
from mdm.store.database import Database
from mdm.store.statements import text
from mdm.store.transaction import Act, begin, transaction

NEVER = "9999-12-31T23:59:59Z"
"""When a dead letter is due: until somebody redrives it, its subject's later events wait."""

EVENT = (
    "SELECT event.id, event.position, event.subscriber, event.domain, event.golden_id,"
    " event.entityversion, event.type, act.correlation_id, act.at, event.data, act.epoch,"
    " event.attempts, act.facts"
    " FROM outbox AS event JOIN hub_transaction AS act ON act.id = event.tx"
)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an event could not be sent, and when it is tried again; None: it is given up."""

    row: OutboxRow
    error: str
    next_at: str | None


def subscribers(connection: Connection, condition: str = "position IS NOT NULL") -> list[str]:
    """Subscribers with numbered events; a walk from name to name, for DISTINCT reads every row."""
    rows = connection.execute(
        text(
            "WITH RECURSIVE found(subscriber) AS ("
            f" SELECT min(subscriber) FROM outbox WHERE {condition}"
            " UNION ALL SELECT (SELECT min(subscriber) FROM outbox"
            f" WHERE {condition} AND outbox.subscriber > found.subscriber)"
            " FROM found WHERE found.subscriber IS NOT NULL)"
            " SELECT subscriber FROM found WHERE subscriber IS NOT NULL"
        )
    )
    return [row[0] for row in rows]


def due_by_subscriber(connection: Connection, now: str, limit: int) -> list[OutboxRow]:
    """The next events of every subscriber: none waits for another's."""
    waiting = subscribers(connection, "state = 'pending' AND position IS NOT NULL")
    return [row for name in waiting for row in due(connection, name, now, limit)]


def due(connection: Connection, subscriber: str, now: str, limit: int) -> list[OutboxRow]:
    """A subscriber's next events in feed order; those of a subject in trouble wait for it."""
    rows = connection.execute(
        text(
            f"{EVENT} WHERE event.subscriber = :subscriber AND event.state = 'pending'"
            " AND event.position IS NOT NULL AND event.golden_id NOT IN"
            " (SELECT golden_id FROM outbox AS held WHERE held.subscriber = :subscriber"
            "  AND held.next_at > :now AND held.next_at IS NOT NULL)"
            " ORDER BY event.position LIMIT :limit"
        ),
        {"subscriber": subscriber, "now": now, "limit": limit},
    )
    return [_row(row) for row in rows]


def next_due(connection: Connection) -> str | None:
    """When the next event in trouble is tried again; None: none is."""
    found = connection.scalar(
        text("SELECT min(next_at) FROM outbox WHERE next_at IS NOT NULL AND state = 'pending'")
    )
    return None if found is None else str(found)


def mark(database: Database, sent: Collection[int], failed: Sequence[Failure], now: str) -> None:
    """Notes what a broker took and what it refused."""
    with database.engine.connect() as connection:
        begin(connection, database.dialect)
        if sent:
            wanted = listed(connection, number=True)
            connection.execute(
                text(
                    "UPDATE outbox SET state = 'sent', sent_at = :now, next_at = NULL,"
                    " error = NULL, attempts = attempts + 1"
                    f" WHERE id IN (SELECT value FROM {wanted} AS wanted)"
                ),
                {"now": now, "listed": msgspec.json.encode(list(sent)).decode()},
            )
        run_many(
            connection,
            "UPDATE outbox SET state = ?, error = ?, next_at = ?, attempts = attempts + 1"
            " WHERE id = ?",
            [
                ("dead" if f.next_at is None else "pending", f.error, f.next_at or NEVER, f.row.id)
                for f in failed
            ],
        )
        connection.commit()


def redrive(database: Database, act: Act, subscriber: str) -> int:
    """Makes a subscriber's dead letters due again; returns how many."""
    with transaction(database, act) as tx:
        count = tx.connection.execute(
            text(
                "UPDATE outbox SET state = 'pending', next_at = NULL, attempts = 0"
                " WHERE subscriber = :subscriber AND state = 'dead' AND next_at IS NOT NULL"
            ),
            {"subscriber": subscriber},
        ).rowcount
        tx.note("redriven", f"subscriber:{subscriber}", events=count)
        tx.cancelled = not count
    return count


def latest_sent(
    connection: Connection, subscriber: str, since: str, after: int, limit: int
) -> list[OutboxRow]:
    """The events that stand retained and were sent since an instant ("": ever), in feed order.

    A topic whose newest event still waits is left out: that event will stand there soon.
    """
    rows = connection.execute(
        text(
            f"{EVENT} JOIN published AS held ON held.subscriber = event.subscriber"
            " AND held.golden_id = event.golden_id AND held.entityversion = event.entityversion"
            " WHERE event.subscriber = :subscriber AND event.position > :after"
            " AND event.state = 'sent' AND event.type <> 'erased' AND event.sent_at >= :since"
            " ORDER BY event.position LIMIT :limit"
        ),
        {"subscriber": subscriber, "since": since, "after": after, "limit": limit},
    )
    return [_row(row) for row in rows]


def counts(connection: Connection) -> dict[str, int]:
    """How many events are pending, sent and dead."""
    rows = connection.execute(text("SELECT state, count(*) FROM outbox GROUP BY state"))
    return {"pending": 0, "sent": 0, "dead": 0, **{row[0]: int(row[1]) for row in rows}}


def _row(row: Any) -> OutboxRow:
    facts: Mapping[str, Any] = msgspec.json.decode(row[12]) if row[12] else {}
    return OutboxRow(
        id=row[0],
        position=row[1],
        subscriber=row[2],
        domain=row[3],
        golden_id=row[4],
        entityversion=row[5],
        type=row[6],
        correlation_id=row[7],
        at=row[8],
        data=row[9],
        epoch=row[10] or 0,
        attempts=row[11],
        traceparent=facts.get("traceparent"),
    )
