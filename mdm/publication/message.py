"""What a subscriber is told when a golden record changes, and the envelope it is told in. Pure.

The event's type follows from what the subscriber holds and what it should hold now, and from
nothing else: told twice, the second time there is nothing to tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any, Protocol

import msgspec

from mdm.publication.projection import GoldenVersion, holds, project_view
from mdm.publication.subscription import Subscription, View
from mdm.records import Document

LEFT, MERGED, ERASED, RETIRED = "left", "merged", "erased", "retired"
GONE = (LEFT, MERGED, ERASED)
CONTENT_TYPE = "application/cloudevents+json"
NO_RECORD = msgspec.Raw(b"null")
_EPOCHS_COUNT_FROM = datetime(2026, 1, 1, tzinfo=UTC)

_encode = msgspec.json.Encoder(order=None).encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Published:
    """What a subscriber holds of a golden record; `record` is None where it holds none any more."""

    entityversion: int
    digest: bytes
    record: str | None
    status: str


class Change(Protocol):
    """A golden record in its new version, and the ids that were merged into it just now."""

    @property
    def after(self) -> GoldenVersion: ...
    @property
    def merged_from(self) -> Sequence[str]: ...


class EventData(msgspec.Struct, omit_defaults=True):
    """The `data` member of an event."""

    golden_id: str
    version: int
    status: str
    record: msgspec.Raw
    changed: list[str]
    holds: list[str]
    merged_into: str | None = None
    merged_from: list[str] | None = None


class Event(msgspec.Struct, array_like=True):
    """An event for the outbox, and what the subscriber holds once it is told."""

    subscriber: str
    golden_id: str
    entityversion: int
    type: str
    data: str
    version: int
    digest: bytes
    record: str | None
    status: str


Prior = Mapping[tuple[str, str], Published]
"""What is held, by (subscriber, golden id)."""


def publish_changes(
    subscriptions: Iterable[Subscription],
    domain: str,
    changes: Sequence[Change],
    prior: Prior,
    today: date,
) -> list[Event]:
    """What each subscriber must be told of these changes: only what alters what it holds."""
    day = today.isoformat()
    events = []
    for subscription in subscriptions:
        view = subscription.domains.get(domain)
        name = subscription.subscriber
        for change in changes:
            after = change.after
            held = prior.get((name, after.golden_id))
            if view is None and held is None:
                continue  # a subscription that gave the domain up is still told that rows left
            event = _event(name, view, change, held, day)
            if event is not None:
                events.append(event)
    return events


def event_type(held: Published | None, status: str, inside: bool) -> str | None:
    """What happened, as this subscriber sees it; None: nothing that concerns it.

    `status` is the golden record's; `inside` says whether the subscription sees it now.
    """
    before = held.status if held else LEFT
    if status == ERASED:
        return ERASED if held is not None and before != ERASED else None
    if status == MERGED:
        return MERGED if before not in (LEFT, ERASED) else None
    if not inside:
        return LEFT if before not in GONE else None
    return _seen(before, status)


def _seen(before: str, status: str) -> str | None:
    if before == MERGED:
        return "unmerged"
    if status != RETIRED:
        return "created" if before in GONE else "changed"
    if before in GONE:
        return None  # it never held the record alive: there is nothing to end
    return "changed" if before == RETIRED else RETIRED


def _event(
    subscriber: str, view: View | None, change: Change, held: Published | None, day: str
) -> Event | None:
    after = change.after
    record = project_view(view, after, day) if view is not None else None
    happened = event_type(held, after.status, record is not None)
    if happened is None:
        return None
    gone = happened in GONE
    kept_back = holds(view, after) if view is not None and not gone else []
    told = None if gone or record is None else _encode(record)
    status = happened if gone else after.status
    digest = digest_of(status, told, kept_back, after.merged_into)
    if held is not None and held.digest == digest:
        return None
    data = EventData(
        golden_id=after.golden_id,
        version=after.version,
        status=status,
        record=NO_RECORD if told is None else msgspec.Raw(told),
        changed=_changed(held, status, None if gone else record),
        holds=kept_back,
        merged_into=after.merged_into if happened == MERGED else None,
        merged_from=list(change.merged_from) or None if not gone else None,
    )
    return Event(
        subscriber=subscriber,
        golden_id=after.golden_id,
        entityversion=held.entityversion + 1 if held else 1,
        type=happened,
        data=_encode(data).decode(),
        version=after.version,
        digest=digest,
        record=None if told is None else told.decode(),
        status=status,
    )


def digest_of(
    status: str, record: bytes | None, kept_back: Sequence[str], merged_into: str | None
) -> bytes:
    """What tells two published states apart, 16 bytes."""
    said = "\x1f".join((status, merged_into or "", *kept_back, "")).encode()
    return blake2b(said + (record or b""), digest_size=16).digest()


def _changed(held: Published | None, status: str, record: Document | None) -> list[str]:
    """The published fields that differ from what the subscriber holds; all if it held none."""
    now = record or {}
    if held is None or held.record is None:
        return list(now)
    before = _decode(held.record)
    names = [name for name in dict.fromkeys((*before, *now)) if before.get(name) != now.get(name)]
    if held.status != status and "status" not in names:
        names.append("status")
    return names


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """An event as the outbox keeps it: numbered, frozen at commit."""

    id: int
    position: int
    subscriber: str
    domain: str
    golden_id: str
    entityversion: int
    type: str
    correlation_id: str
    at: str
    data: str
    epoch: int
    attempts: int = 0
    traceparent: str | None = None


class Envelope(msgspec.Struct, omit_defaults=True):
    """A CloudEvents 1.0 event in structured JSON."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    dataschema: str
    sequence: str
    entityversion: int
    epoch: int
    correlationid: str
    data: msgspec.Raw
    traceparent: str | None = None


def envelope(row: OutboxRow, hub_id: str) -> bytes:
    """The event as it is sent, the same bytes whenever it is sent."""
    return _encode(
        Envelope(
            specversion="1.0",
            id=f"{row.epoch}-{row.id}",
            source=f"/mdm/{hub_id}",
            type=f"mdm.{row.domain}.{row.type}.v1",
            subject=row.golden_id,
            time=row.at,
            datacontenttype="application/json",
            dataschema=f"urn:mdm:{row.subscriber}:{row.domain}:v1",
            sequence=f"{row.position:020d}",
            entityversion=row.entityversion,
            epoch=row.epoch,
            correlationid=row.correlation_id,
            traceparent=row.traceparent,
            data=msgspec.Raw(row.data.encode()),
        )
    )


def topic(row: OutboxRow) -> str:
    """Where the event goes: one topic per golden record and subscription."""
    return f"mdm/v1/{row.subscriber}/{row.domain}/{row.golden_id}"


def new_epoch(instant: datetime) -> int:
    """An epoch above every earlier one: the seconds since 2026 began.

    Not a count: two restores of one backup would count to the same number.
    """
    return int((instant - _EPOCHS_COUNT_FROM).total_seconds())
