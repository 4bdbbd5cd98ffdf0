"""Time as an input: instants are aware UTC, business dates are plain dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)


def iso(instant: datetime) -> str:
    """RFC 3339 text of an aware instant in UTC, microseconds kept, sortable as text."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_instant(text: str) -> datetime:
    """The aware instant of an RFC 3339 text; ValueError where it is none or has no offset."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; write it as 2026-01-31T12:00:00Z")
    return instant.astimezone(UTC)


def parse_moment(text: str) -> datetime:
    """An instant, or of a day alone its noon in UTC, when nearly everywhere it is that day."""
    try:
        return datetime.combine(date.fromisoformat(text), time(12), UTC)
    except ValueError:
        return parse_instant(text)


def today_in(zone: str | None, instant: datetime) -> date:
    """The business date of an instant in a time zone; in UTC where it is none that is known."""
    known = zone is not None and is_zone(zone)
    return instant.astimezone(ZoneInfo(zone) if zone and known else UTC).date()


def earliest_day(instant: datetime) -> date:
    """The earliest business date that an instant falls on anywhere."""
    return (instant.astimezone(UTC) - timedelta(hours=12)).date()


def latest_day(instant: datetime) -> date:
    """The latest business date that an instant falls on anywhere."""
    return (instant.astimezone(UTC) + timedelta(hours=14)).date()


@cache
def is_zone(name: str) -> bool:
    """Whether there is an IANA time zone of this name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
