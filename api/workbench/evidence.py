"""Why the rules think that two source records are, or are not, the same: for people."""

from __future__ import annotations

from dataclasses import dataclass

from api.workbench.compare import label
from matching.explain import Explanation, FieldReason
from mdm.asking.pairs import PairReason

WIDEST = 20.0
"""Bits that fill half of a bar."""
HALF = 60


@dataclass(frozen=True, slots=True)
class Reason:
    """What one field says; the bar grows to the right for the same, to the left against."""

    label: str
    left: str
    right: str
    left_standard: str
    right_standard: str
    meaning: str
    bits: float
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """All reasons, the weightiest first, with what they come to."""

    reasons: list[Reason]
    silent: list[str]
    whole: Explanation
    pair: PairReason


def evidence(pair: PairReason) -> Evidence | None:
    """The evidence on two source records; None where the domain is mastered by code."""
    if pair.why is None:
        return None
    told = [one for one in pair.why.fields if one.level is not None]
    told.sort(key=lambda one: -abs(one.bits))
    silent = [label(one.field) for one in pair.why.fields if one.level is None]
    return Evidence([_reason(one) for one in told], silent, pair.why, pair)


def _reason(one: FieldReason) -> Reason:
    width = min(abs(one.bits), WIDEST) / WIDEST * HALF
    return Reason(
        label=label(one.field),
        left=_values(one.left),
        right=_values(one.right),
        left_standard=_values(one.left_standard),
        right_standard=_values(one.right_standard),
        meaning=one.meaning,
        bits=one.bits,
        start=HALF if one.bits >= 0 else HALF - width,
        width=round(width, 1),
    )


def _values(values: tuple[str, ...]) -> str:
    return ", ".join(dict.fromkeys(values))
