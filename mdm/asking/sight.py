"""What a caller may see: every domain, or exactly what its subscription holds.

Protected values are masked for everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import msgspec

from mdm.asking.answer import Found, When
from mdm.asking.validity import Judged, judge
from mdm.domains import DOMAINS
from mdm.errors import Refused
from mdm.model.domain import Domain
from mdm.people.rights import Caller, Right, require
from mdm.publication.projection import project
from mdm.publication.subscription import Shape, Subscription
from mdm.quality.dependent import Reason
from mdm.records import Document
from mdm.store import find
from mdm.store.database import Connection
from mdm.store.find import Stored
from mdm.store.hub import Hub

OWN_FIELDS = ("status", "valid_from", "valid_to")


def entitle(hub: Hub, caller: Caller, domain: Domain) -> None:
    """Refused where the caller may see nothing of the domain."""
    if caller.may(Right.READ):
        return
    if caller.subscription is None:
        require(caller, Right.READ)
    subscription = hub.subscriptions.get(caller.subscription or "")
    if subscription is None or domain.name not in subscription.domains:
        raise Refused(f"The subscription {caller.subscription!r} has no {domain.path}.")


def subscription_of(hub: Hub, caller: Caller) -> Subscription | None:
    """The subscription that bounds what the caller sees; None where a role shows it all."""
    return hub.subscriptions.get(caller.subscription) if caller.subscription else None


def shown(
    hub: Hub, connection: Connection, caller: Caller, stored: Sequence[Stored], asked: When
) -> list[Found]:
    """The records as the caller sees them, judged; what it may not see is left out."""
    judged = judge(hub, connection, stored, asked)
    return show(hub, connection, caller, list(zip(stored, judged, strict=True)), asked)


def show(
    hub: Hub,
    connection: Connection,
    caller: Caller,
    judged: Sequence[tuple[Stored, Judged]],
    asked: When,
) -> list[Found]:
    """The same of records that were judged already."""
    subscription = subscription_of(hub, caller)
    if subscription is None:
        return [_whole(stored, one, asked) for stored, one in judged]
    ids = [stored.golden_id for stored, _one in judged]
    held = find.published_to(connection, subscription.subscriber, ids)
    found = []
    for stored, one in judged:
        if stored.golden_id in held:
            published = held[stored.golden_id][2]
            record = _projected(subscription, stored, one.day, (published, asked))
            if record is not None:
                found.append(_partly(subscription, stored, one, record))
    return found


def as_published(
    hub: Hub, connection: Connection, caller: Caller, golden_id: str, asked: When
) -> Found | None:
    """What a subscriber holds, as it was sent; None where that alone does not answer."""
    subscription = subscription_of(hub, caller)
    if subscription is None or asked.told or asked.past or asked.slices:
        return None
    held = find.published_one(connection, subscription.subscriber, golden_id)
    if held is None or DOMAINS[held[0]].dated:
        return None
    domain, version, status, record = held
    stored = Stored(golden_id, domain, version, status, None, record, "", None, 0)
    return _partly(subscription, stored, judge(hub, connection, [stored], asked)[0], record)


def _whole(stored: Stored, judged: Judged, asked: When) -> Found:
    text, start, end = stored.record, None, None
    if judged.target.domain.dated and not asked.slices:
        state = judged.state
        text = msgspec.json.encode(state).decode()
        start, end = period(state)
    return _found(stored, text, judged.reasons, (start, end))


def _partly(subscription: Subscription, stored: Stored, judged: Judged, record: str) -> Found:
    reasons = _entitled(subscription, judged)
    start = end = None
    if judged.target.domain.dated:
        start, end = period(msgspec.json.decode(record))
    return _found(stored, record, reasons, (start, end))


def _found(
    stored: Stored, record: str, reasons: Sequence[Reason], held: tuple[str | None, str | None]
) -> Found:
    return Found(
        golden_id=stored.golden_id,
        domain=stored.domain,
        version=stored.version,
        status=stored.status,
        record=record,
        reasons=reasons,
        valid_from=held[0],
        valid_to=held[1],
    )


def period(state: Document | None) -> tuple[str | None, str | None]:
    """The days between which a slice holds, the last one exclusive."""
    return (state.get("valid_from"), state.get("valid_to")) if state else (None, None)


def _projected(
    subscription: Subscription, stored: Stored, day: date, held: tuple[str, When]
) -> str | None:
    published, asked = held
    if not DOMAINS[stored.domain].dated and not asked.past:
        return published
    if asked.slices and subscription.domains[stored.domain].shape is not Shape.SLICES:
        raise Refused("This subscription carries the current slice, not all of them.")
    projected = project(subscription, stored.domain, _Version(stored), day)
    return msgspec.json.encode(projected).decode() if projected else None


def _entitled(subscription: Subscription, judged: Judged) -> list[Reason]:
    """The reasons without what lies outside the subscription: why another record is not valid."""
    view = subscription.domains[judged.target.domain.name]
    return list(dict.fromkeys(_told(view.fields, one, judged) for one in judged.reasons))


def _told(fields: Sequence[str], reason: Reason, judged: Judged) -> Reason:
    if reason.field in OWN_FIELDS:
        if "block_reason" in fields or reason.code != "blocked":
            return reason
        return replace(reason, sentence=reason.sentence.partition(":")[0].rstrip(".") + ".")
    if reason.field in fields:
        what = reason.field.replace("_", " ")
        return replace(reason, sentence=f"Its {what} is not valid on {judged.day}.")
    said = f"Something that it depends on is not valid on {judged.day}."
    return Reason("dependency_invalid", "", said)


class _Version:
    """A stored version as projections read it."""

    __slots__ = ("golden_id", "merged_into", "record", "region", "status", "version")

    def __init__(self, stored: Stored) -> None:
        self.golden_id, self.version = stored.golden_id, stored.version
        self.status, self.region, self.merged_into = stored.status, stored.region, None
        self.record = msgspec.json.decode(stored.record)
