"""Business dates: plain ISO dates, never converted between time zones."""

from __future__ import annotations

import re
from datetime import date

from matching.kinds.kind import Kind

_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def clean(value: str, country: str | None) -> str:
    """The date as 2026-01-31; the value as it is where it is no date, or could be two."""
    said = value.strip()
    parts = _parts(said)
    if parts is None:
        return said
    try:
        return date(*parts).isoformat()
    except ValueError:
        return said


def _parts(said: str) -> tuple[int, int, int] | None:
    found = _ISO.fullmatch(said) or _COMPACT.fullmatch(said)
    if found:
        return int(found[1]), int(found[2]), int(found[3])
    found = _DOTTED.fullmatch(said)
    return (int(found[3]), int(found[2]), int(found[1])) if found else None


def problem(value: str, country: str | None) -> str | None:
    """Says that the value is no date of the calendar, or that day and month can be mixed up."""
    try:
        date.fromisoformat(clean(value, country))
    except ValueError:
        return f"{value!r} is no date of the calendar; write it as 2026-01-31."
    return None


KIND = Kind("date", clean, problem, clean)
