"""Validity slices: each with its own key, an end after its beginning, no overlap in one file."""

from __future__ import annotations

from collections.abc import Sequence

from mdm.inbound.told import Refused
from mdm.records import Arrival, Document, Reject

OPEN_START, OPEN_END = "0000-00-00", "9999-99-99"


def slice_key(key: str, told: Document, *, slices: bool = True) -> str:
    """The slice's source key: the code's and, where a code has several, the slice's first day.

    Refused where it ends before it begins.
    """
    first, end = told.get("valid_from"), told.get("valid_to")
    if first and end and end <= first:
        raise Refused(
            "valid_to_before_valid_from",
            f"The period begins on {first} and is over on {end}: it holds no day."
            " valid_to is the first day on which it no longer holds.",
            key,
        )
    return f"{key}@{first or ''}" if slices else f"{key}@"


def code_key(source_key: str) -> str:
    """The key of the code whose slice this is."""
    return source_key.rpartition("@")[0]


def refuse_overlaps(arrivals: Sequence[Arrival]) -> tuple[list[Arrival], list[Reject]]:
    """The arrivals without those whose period overlaps that of an earlier row of the same code.

    Rows of the same first day are versions of one slice: the later one counts.
    """
    by_code: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        if not arrival.ended:
            by_code.setdefault(code_key(arrival.source_key), []).append(arrival)
    refused: dict[int, Reject] = {}
    for code, slices in by_code.items():
        if len(slices) > 1:
            refused |= _overlapping(code, slices)
    if not refused:
        return list(arrivals), []
    return [a for a in arrivals if id(a) not in refused], list(refused.values())


def _overlapping(code: str, slices: Sequence[Arrival]) -> dict[int, Reject]:
    last = {arrival.source_key: arrival for arrival in slices}
    kept: list[Arrival] = []
    refused: dict[int, Reject] = {}
    for arrival in sorted(last.values(), key=lambda one: one.line):
        other = next((one for one in kept if _overlap(one, arrival)), None)
        if other is None:
            kept.append(arrival)
            continue
        reason = (
            f"The period {_said(arrival)} of {code} overlaps {_said(other)} in line {other.line}."
            " Correct one of the two rows."
        )
        refused[id(arrival)] = Reject(
            source=arrival.source,
            line=arrival.line,
            code="overlapping_slices",
            reason=reason,
            raw=arrival.raw,
            source_key=arrival.source_key,
            payload_hash=arrival.raw_hash,
        )
    return refused


def _period(arrival: Arrival) -> tuple[str, str]:
    told = arrival.told
    return told.get("valid_from") or OPEN_START, told.get("valid_to") or OPEN_END


def _overlap(one: Arrival, other: Arrival) -> bool:
    first, end = _period(one)
    begins, ends = _period(other)
    return first < ends and begins < end


def _said(arrival: Arrival) -> str:
    first, end = arrival.told.get("valid_from"), arrival.told.get("valid_to")
    return f"{first or 'from ever'} to {end or 'open'}"
