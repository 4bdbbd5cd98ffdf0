"""Sends the outbox: in feed order, at least once, none of it lost, each subscriber on its own.

An event is marked sent when the broker has acknowledged it, never before; killed in between, it
is sent again, byte for byte the same. An event that is refused is tried again later with growing
pauses and given up after ATTEMPTS; meanwhile the later events of its subject wait, because the
last message on a topic is also the state it leaves there.
"""

from __future__ import annotations

import os
import random
import secrets
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec

from mdm import clock
from mdm.publication.message import ERASED, OutboxRow, envelope, topic
from mdm.store import outbox
from mdm.store.anchors import Anchor, Anchors
from mdm.store.database import Database
from mdm.store.lease import Lease
from mdm.store.outbox import Failure
from mdm.store.sequencer import sequence
from publishers.mqtt import REFUSED, Address, BrokerUnreachable, Link, Message, connect

LEASE = "relay"
STATUS = "mdm/v1/hub/status"
WATERMARK = "mdm/v1/hub/watermark"
AUDIT = "mdm/v1/hub/audit"
AT_ONCE = 1_000
"""Events of each subscriber read, sent and marked together: what a kill sends twice at most."""
ATTEMPTS = 8
NO_SUBSCRIBER = 0x10
PAUSE = 0.2
"""Seconds between looks at an empty outbox."""
LONGEST_PAUSE = 30.0
OVERLAP = timedelta(seconds=5)
"""How far the clocks of two relays may be apart when the broker's memory is compared with ours."""
STATUS_KEY, WATERMARK_KEY, AUDIT_KEY, CLEARED_KEY = -1, -2, -3, -4


@dataclass(slots=True)
class Sent:
    """What a relay has done."""

    sent: int = 0
    refused: int = 0
    dead: int = 0
    without_subscriber: int = 0
    """Of the sent ones: the broker took them, and nobody was listening."""
    restored: int = 0
    """Retained topics sent again because the broker had lost them."""

    def add(self, other: Sent) -> None:
        """Counts what another round did too."""
        self.sent += other.sent
        self.refused += other.refused
        self.dead += other.dead
        self.without_subscriber += other.without_subscriber
        self.restored += other.restored


@dataclass(frozen=True, slots=True)
class Relay:
    """What a relay needs: where events are, where they go, and who it is."""

    database: Database
    address: Address
    hub_id: str
    epoch: int
    holder: str
    lease: Lease
    anchors: Anchors


def new_relay(
    database: Database, address: Address, hub_id: str, epoch: int, anchors: Path | None = None
) -> Relay:
    """A relay whose name tells its process from any other; it anchors the audit in the file too."""
    holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    lease = Lease(database, LEASE, holder)
    return Relay(database, address, hub_id, epoch, holder, lease, Anchors(database, anchors))


def relay_once(relay: Relay) -> Sent:
    """Numbers and sends all that is due now; what was refused is left for its next time."""
    total = Sent()
    sequence(relay.database, relay.holder)
    if not relay.lease.held():
        return total
    try:
        with _connected(relay, total) as link:
            _drain(relay, link, total, threading.Event())
            _anchor(relay, link, now=True)
    finally:
        relay.lease.drop()
    return total


def relay_forever(relay: Relay, stop: threading.Event) -> Sent:
    """Numbers and sends until told to stop, whatever happens to the broker meanwhile."""
    total = Sent()
    failures = 0
    while not stop.is_set():
        sequence(relay.database, relay.holder)
        if not relay.lease.held():
            stop.wait(1.0)
            continue
        try:
            with _connected(relay, total) as link:
                failures = 0
                while not stop.is_set() and not link.lost:
                    _drain(relay, link, total, stop)
                    _anchor(relay, link)
                    stop.wait(PAUSE)
                    sequence(relay.database, relay.holder)
                    if not relay.lease.held():
                        break
        except BrokerUnreachable:
            # Not an event's fault: the outbox keeps all until the broker is back.
            failures += 1
            relay.anchors.drop()
        stop.wait(pause(failures))
    relay.anchors.drop(now=True)
    relay.lease.drop()
    return total


def pause(failures: int) -> float:
    """Seconds to wait after so many failures in a row: doubling, capped, with jitter."""
    if not failures:
        return 0.0
    return random.uniform(0.5, 1.0) * min(LONGEST_PAUSE, 0.25 * 2.0**failures)


@contextmanager
def _connected(relay: Relay, total: Sent) -> Iterator[Link]:
    link = connect(relay.address, _status(relay, "offline"))
    try:
        _heal(relay, link, total)
        link.send([_status(relay, "online")])
        if relay.anchors.last is not None:
            link.send([_audit(relay.anchors.last)])
        yield link
        if not link.lost:
            # A broker may acknowledge before it passes on, and drop the rest when we go: we hear
            # our own last word only after all before it.
            link.send_and_hear(_status(relay, "offline"))
    finally:
        link.close()


def _anchor(relay: Relay, link: Link, *, now: bool = False) -> None:
    """Tells the file and the broker where the audit stands: both are out of the database."""
    anchor = relay.anchors.drop(now=now)
    if anchor is not None:
        link.send([_audit(anchor)])


def _audit(anchor: Anchor) -> Message:
    return Message(AUDIT_KEY, AUDIT, msgspec.json.encode(anchor))


def _status(relay: Relay, state: str) -> Message:
    said = {"hub_id": relay.hub_id, "epoch": relay.epoch, "state": state}
    return Message(STATUS_KEY, STATUS, msgspec.json.encode(said))


def _watermark(relay: Relay, sent_at: str) -> Message:
    said = {"epoch": relay.epoch, "sent_at": sent_at}
    return Message(WATERMARK_KEY, WATERMARK, msgspec.json.encode(said))


def _heal(relay: Relay, link: Link, total: Sent) -> None:
    """Sends again what the broker should hold retained and, by its own watermark, has lost."""
    standing = link.retained((STATUS, WATERMARK))
    since = _remembered(relay, standing)
    with relay.database.read() as connection:
        names = outbox.subscribers(connection)
    for name in names:
        after = 0
        while not link.lost:
            with relay.database.read() as connection:
                rows = outbox.latest_sent(connection, name, since, after, AT_ONCE)
            if not rows:
                break
            after = rows[-1].position
            link.send([_message(relay, row) for row in rows])
            total.restored += len(rows)
            relay.lease.held()


def _remembered(relay: Relay, standing: dict[str, bytes]) -> str:
    """Since when the broker may have forgotten: its last snapshot; "" where it knows nothing."""
    if STATUS not in standing or WATERMARK not in standing:
        return ""
    status = msgspec.json.decode(standing[STATUS])
    mark = msgspec.json.decode(standing[WATERMARK])
    if status.get("epoch") != relay.epoch or mark.get("epoch") != relay.epoch:
        return ""
    return clock.iso(clock.parse_instant(mark["sent_at"]) - OVERLAP)


def _drain(relay: Relay, link: Link, total: Sent, stop: threading.Event) -> None:
    while not link.lost and not stop.is_set():
        with relay.database.read() as connection:
            rows = outbox.due_by_subscriber(connection, clock.iso(clock.now()), AT_ONCE)
        if not rows or not relay.lease.held():
            return
        total.add(_send(relay, link, rows))


def _send(relay: Relay, link: Link, rows: Sequence[OutboxRow]) -> Sent:
    """Sends and marks; an event goes only when its subject's earlier ones have arrived."""
    answers: dict[int, int] = {}
    blocked: set[tuple[str, str]] = set()
    for wave in waves(rows):
        going = [row for row in wave if (row.subscriber, row.golden_id) not in blocked]
        if link.lost:
            break
        answers |= link.send([_message(relay, row) for row in going])
        blocked |= {
            (row.subscriber, row.golden_id)
            for row in going
            if answers.get(row.id, REFUSED) >= REFUSED
        }
    sent_at = clock.iso(clock.now())
    sent = [row for row in rows if answers.get(row.id, REFUSED) < REFUSED]
    failed = [_failure(row, answers[row.id]) for row in rows if answers.get(row.id, 0) >= REFUSED]
    outbox.mark(relay.database, [row.id for row in sent], failed, sent_at)
    if not link.lost:
        cleared = [
            Message(CLEARED_KEY - row.id, topic(row), b"") for row in sent if row.type == ERASED
        ]
        link.send([*cleared, _watermark(relay, sent_at)])
    return Sent(
        sent=len(sent),
        refused=len(failed),
        dead=sum(one.next_at is None for one in failed),
        without_subscriber=sum(answers[row.id] == NO_SUBSCRIBER for row in sent),
    )


def waves(rows: Sequence[OutboxRow]) -> list[list[OutboxRow]]:
    """The rows in feed order, parted so that no subject comes twice in one part."""
    parted: list[list[OutboxRow]] = []
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        subject = (row.subscriber, row.golden_id)
        number = seen.get(subject, 0)
        seen[subject] = number + 1
        if number == len(parted):
            parted.append([])
        parted[number].append(row)
    return parted


def _message(relay: Relay, row: OutboxRow) -> Message:
    properties = [("correlationid", row.correlation_id)]
    if row.traceparent:
        properties.append(("traceparent", row.traceparent))
    return Message(
        key=row.id,
        topic=topic(row),
        payload=envelope(row, relay.hub_id),
        retain=row.type != ERASED,
        properties=tuple(properties),
    )


def _failure(row: OutboxRow, code: int) -> Failure:
    attempts = row.attempts + 1
    error = f"The broker refused it with reason code 0x{code:02x}."
    if attempts >= ATTEMPTS:
        return Failure(row, error, None)
    return Failure(row, error, clock.iso(clock.now() + timedelta(seconds=pause(attempts))))
