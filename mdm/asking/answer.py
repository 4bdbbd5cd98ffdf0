"""What a lookup answers: a golden record as of a day, as the bytes that are sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import blake2b

import msgspec

from mdm import clock
from mdm.errors import BadRequest, NotYetKnown
from mdm.quality.dependent import Reason
from mdm.store.hub import Hub
from mdm.store.known import Moment, newest_number

DIGITS = 18
"""Of a sequence number: it fits 64 bits."""
AHEAD = timedelta(minutes=1)
"""So far may a caller's clock run ahead of the hub's."""


@dataclass(frozen=True, slots=True)
class When:
    """The day asked about, and what of the hub's knowledge counts."""

    now: datetime
    as_of: date | None = None
    """None: today, where the record belongs."""
    moment: Moment | None = None
    """None: what the hub knows now."""
    slices: bool = False

    @property
    def told(self) -> bool:
        """Whether the caller named the day."""
        return self.as_of is not None

    @property
    def past(self) -> bool:
        """Whether an earlier state of the hub's knowledge is asked for."""
        return self.moment is not None

    @property
    def text(self) -> str:
        """What was asked for, as far as it decides which records answer."""
        return f"{self.as_of} {self.moment} {self.slices}"


def when(
    hub: Hub, as_of: str | None = None, known_at: str | None = None, slices: str | None = None
) -> When:
    """From the texts of a request; BadRequest says how each is written.

    NotYetKnown where the hub has not come to the moment yet: what it answered would not stay true.
    """
    if slices not in (None, "all"):
        raise BadRequest("`slices` can only be `all`.", field="slices")
    day = _day(as_of) if as_of is not None else None
    asked = When(clock.now(), day, _known(known_at), slices == "all")
    if asked.moment is not None:
        _require_reached(hub, asked.now, asked.moment)
    return asked


def _require_reached(hub: Hub, now: datetime, moment: Moment) -> None:
    if moment.at is not None:
        if moment.at > clock.iso(now + AHEAD):
            raise NotYetKnown(
                f"{moment.at} is still to come; for the hub it is {clock.iso(now)}. Ask for an"
                " instant up to then, or leave `known_at` out for what it knows now.",
                field="known_at",
            )
        return
    with hub.database.read() as connection:
        newest = newest_number(connection)
    if moment.seq is not None and moment.seq > newest:
        raise NotYetKnown(
            f"No transaction has the number {moment.seq:,} yet; the newest is {newest:,}. Ask for"
            " one up to that, or leave `known_at` out for what the hub knows now.",
            field="known_at",
        )


def _day(said: str) -> date:
    try:
        if len(said) != len("2026-01-31"):
            raise ValueError
        return date.fromisoformat(said)
    except ValueError:
        raise BadRequest(f"{said!r} is no date; write 2026-01-31.", field="as_of") from None


def _known(said: str | None) -> Moment | None:
    if said is None:
        return None
    if said.isdecimal() and said.isascii() and len(said) <= DIGITS:
        return Moment(seq=int(said))
    try:
        # A plus sign that was not encoded arrives as a space.
        return Moment(at=clock.iso(clock.parse_instant(said.replace(" ", "+"))))
    except (ValueError, OverflowError):
        raise BadRequest(
            f"{said!r} is neither an instant such as 2026-01-31T12:00:00Z nor a sequence number.",
            field="known_at",
        ) from None


@dataclass(frozen=True, slots=True)
class Found:
    """A golden record as it is served: `record` is JSON text, sent as it is."""

    golden_id: str
    domain: str
    version: int
    status: str
    record: str
    reasons: Sequence[Reason] = ()
    """All that makes it invalid on the day asked about."""
    valid_from: str | None = None
    valid_to: str | None = None
    redirected_from: str | None = None

    def body(self) -> bytes:
        """The JSON that is sent."""
        about = {
            "golden_id": self.golden_id,
            "domain": self.domain,
            "version": self.version,
            "status": self.status,
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "validity": {
                "valid": not self.reasons,
                "reasons": [
                    {"code": one.code, "field": one.field, "sentence": one.sentence}
                    for one in self.reasons
                ],
            },
        }
        if self.redirected_from is not None:
            about["redirected_from"] = self.redirected_from
        return msgspec.json.encode(about)[:-1] + b',"record":' + self.record.encode() + b"}"


def etag(body: bytes) -> str:
    """The strong validator of an answer: the hash of what is sent."""
    return blake2b(body, digest_size=16).hexdigest()
