"""What a lookup answers: a golden record as of a day, as the bytes that are sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

import msgspec

from mdm import clock
from mdm.domains import DOMAINS
from mdm.errors import BadRequest
from mdm.records import Document

OPEN_END = "9999-99-99"
DIGITS = 18
"""Of a sequence number: it fits 64 bits."""


@dataclass(frozen=True, slots=True)
class When:
    """The day asked about, and what of the hub's knowledge counts."""

    as_of: date
    told: bool = False
    """The caller named the day."""
    known_at: str | None = None
    known_seq: int | None = None
    slices: bool = False

    @property
    def past(self) -> bool:
        """Whether an earlier state of the hub's knowledge is asked for."""
        return self.known_at is not None or self.known_seq is not None


def when(as_of: str | None, known_at: str | None, slices: str | None) -> When:
    """From the texts of a request; BadRequest says how each is written."""
    if slices not in (None, "all"):
        raise BadRequest("`slices` can only be `all`.", field="slices")
    day = _day(as_of) if as_of is not None else clock.now().date()
    instant, seq = _known(known_at)
    return When(day, as_of is not None, instant, seq, slices == "all")


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise BadRequest(f"{said!r} is no date; write 2026-01-31.", field="as_of") from None


def _known(said: str | None) -> tuple[str | None, int | None]:
    if said is None:
        return None, None
    if said.isdecimal() and len(said) <= DIGITS:
        return None, int(said)
    try:
        # A plus sign that was not encoded arrives as a space.
        return clock.iso(clock.parse_instant(said.replace(" ", "+"))), None
    except ValueError:
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
        }
        if self.redirected_from is not None:
            about["redirected_from"] = self.redirected_from
        return msgspec.json.encode(about)[:-1] + b',"record":' + self.record.encode() + b"}"


def etag(body: bytes) -> str:
    """The strong validator of an answer: the hash of what is sent."""
    return blake2b(body, digest_size=16).hexdigest()


def found(
    stored: tuple[str, str, int, str, str], asked: When, redirected_from: str | None = None
) -> Found:
    """From (golden id, domain, version, status, record as text): the slice that holds that day."""
    golden_id, domain, version, status, record = stored
    if not DOMAINS[domain].dated or asked.slices:
        return Found(golden_id, domain, version, status, record, redirected_from=redirected_from)
    state = slice_on(msgspec.json.decode(record), asked.as_of)
    text = msgspec.json.encode(state).decode()
    start, end = (state.get("valid_from"), state.get("valid_to")) if state else (None, None)
    return Found(golden_id, domain, version, status, text, start, end, redirected_from)


def slice_on(record: Document, day: date) -> Document | None:
    """The slice that holds on the day; a record that is one state already is that state."""
    said = day.isoformat()
    for state in record.get("slices", (record,)):
        if (state.get("valid_from") or "") <= said < (state.get("valid_to") or OPEN_END):
            return dict(state)
    return None
