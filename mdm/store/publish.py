"""Writes what subscribers must be told, in the transaction that changed the golden records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from mdm import clock
from mdm.domains import DOMAINS
from mdm.golden.decide import Change
from mdm.golden.lifecycle import Today, calendar
from mdm.golden.state import Golden
from mdm.model.domain import Domain
from mdm.publication.message import Event, Prior, publish_changes
from mdm.publication.subscription import Subscription
from mdm.store import gather
from mdm.store.bulk import Constants, insert_rows
from mdm.store.hub import Hub
from mdm.store.published import PUBLISHED, held_by_subscribers, published_row, update_published
from mdm.store.statements import text
from mdm.store.tables.publication import outbox, published
from mdm.store.transaction import Tx

OUTBOX = ("subscriber", "golden_id", "entityversion", "type", "data", "state", "attempts")

TABLES = {"outbox": (outbox, OUTBOX), "published": (published, PUBLISHED)}
"""The tables an event stands in, with the columns of their rows; what goes with every row of a
transaction (number, domain) is added when they are written."""

PORTION = 20_000
"""Golden records projected at a time when a whole domain is sent."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A golden record that has no new version, but may look new to a subscriber."""

    after: Golden
    merged_from: tuple[str, ...] = ()


def publication_rows(
    subscriptions: Iterable[Subscription],
    domain: Domain,
    changes: Sequence[Change],
    prior: Prior,
    today: Today,
) -> dict[str, list[tuple[object, ...]]]:
    """Rows of `TABLES` for golden records of which nobody holds anything yet."""
    events = events_of(subscriptions, domain, changes, prior, today)
    return {
        "outbox": [_outbox_row(event) for event in events],
        "published": [published_row(event) for event in events],
    }


def events_of(
    subscriptions: Iterable[Subscription],
    domain: Domain,
    changes: Sequence[Change] | Sequence[Standing],
    prior: Prior,
    today: Today,
) -> list[Event]:
    """What each subscriber must be told, each record seen on the day where it belongs."""
    by_day: dict[date, list[Any]] = {}
    for change in changes:
        by_day.setdefault(today(change.after), []).append(change)
    concerned = list(subscriptions)
    return [
        event
        for day, some in by_day.items()
        for event in publish_changes(concerned, domain.name, some, prior, day)
    ]


def publish(
    tx: Tx,
    subscriptions: Iterable[Subscription],
    domain: Domain,
    changes: Sequence[Change] | Sequence[Standing],
) -> int:
    """Tells every subscriber what changed of what it holds; returns how many events that took."""
    if not changes:
        return 0
    concerned = list(subscriptions)
    names = [one.subscriber for one in concerned]
    ids = [change.after.golden_id for change in changes]
    prior = held_by_subscribers(tx.connection, names, ids)
    zones = gather.entities(tx.connection).zones if domain.dated and concerned else {}
    today = calendar(domain, clock.parse_instant(tx.at), zones)
    events = events_of(concerned, domain, changes, prior, today)
    _write(tx, domain, events, prior)
    return len(events)


def publish_again(tx: Tx, hub: Hub, domain: Domain, golden_ids: Collection[str]) -> int:
    """Tells every subscriber what the calendar changed of golden records as they stand."""
    goldens = gather.goldens_by_id(tx.connection, golden_ids)
    standing = [Standing(golden) for golden in goldens.values()]
    return publish(tx, hub.subscriptions.values(), domain, standing)


def publish_all(tx: Tx, subscription: Subscription) -> int:
    """Tells one subscriber how its whole subscription stands: after it was activated or changed."""
    told = 0
    for domain in DOMAINS.values():
        ids = iter(_all_ids(tx.connection, domain.name))
        while some := list(islice(ids, PORTION)):
            goldens = gather.goldens_by_id(tx.connection, some)
            standing = [Standing(golden) for golden in goldens.values()]
            told += publish(tx, [subscription], domain, standing)
    return told


def _all_ids(connection: Connection, domain: str) -> list[str]:
    rows = connection.execute(
        text("SELECT golden_id FROM golden WHERE domain = :domain ORDER BY golden_id"),
        {"domain": domain},
    )
    return [row[0] for row in rows]


def _write(tx: Tx, domain: Domain, events: Sequence[Event], prior: Prior) -> None:
    constants: Constants = {"tx": tx.id, "domain": domain.name}
    rows = [_outbox_row(event) for event in events]
    insert_rows(tx.connection, outbox, OUTBOX, rows, constants=constants)
    known = [event for event in events if (event.subscriber, event.golden_id) in prior]
    fresh = [published_row(e) for e in events if (e.subscriber, e.golden_id) not in prior]
    own = {"domain": domain.name}
    insert_rows(tx.connection, published, PUBLISHED, fresh, constants=own)
    update_published(tx.connection, known)


def _outbox_row(event: Event) -> tuple[object, ...]:
    return (
        event.subscriber,
        event.golden_id,
        event.entityversion,
        event.type,
        event.data,
        "pending",
        0,
    )
