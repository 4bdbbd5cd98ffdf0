"""What each subscriber holds of each golden record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection

from mdm.publication.message import Event, Published
from mdm.store.bulk import rows_for, run_many

PUBLISHED = ("subscriber", "golden_id", "entityversion", "version", "digest", "record", "status")
"""Columns of a row of `published_row`; the domain goes with every row."""


def held_by_subscribers(
    connection: Connection, subscribers: Iterable[str], golden_ids: Collection[str]
) -> dict[tuple[str, str], Published]:
    """What these subscribers hold of these golden records, by (subscriber, golden id)."""
    return {
        (subscriber, row[0]): Published(row[1], bytes(row[2]), row[3], row[4])
        for subscriber in subscribers
        for row in rows_for(
            connection,
            "SELECT golden_id, entityversion, digest, record, status FROM published"
            " JOIN {listed} AS wanted ON golden_id = wanted.value WHERE subscriber = :subscriber",
            golden_ids,
            subscriber=subscriber,
        )
    }


def published_row(event: Event) -> tuple[object, ...]:
    """What the subscriber holds once it is told the event."""
    return (
        event.subscriber,
        event.golden_id,
        event.entityversion,
        event.version,
        event.digest,
        event.record,
        event.status,
    )


def update_published(connection: Connection, events: Sequence[Event]) -> None:
    """Replaces what is held by subscribers that have been told of the record before."""
    sets = ", ".join(f"{name} = ?" for name in PUBLISHED[2:])
    run_many(
        connection,
        f"UPDATE published SET {sets} WHERE subscriber = ? AND golden_id = ?",
        [(*published_row(event)[2:], event.subscriber, event.golden_id) for event in events],
    )
