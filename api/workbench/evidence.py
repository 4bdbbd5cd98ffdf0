"""Why the rules think that two source records are, or are not, the same: for people."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from api.workbench.compare import label
from matching.explain import Explanation, FieldReason, explain
from mdm.domains import DOMAINS
from mdm.model.match_row import match_row
from mdm.store.find import Told
from mdm.store.hub import Hub

WIDEST = 20.0
"""Bits that fill half of a bar."""
HALF = 60
SECRET = ("iban",)
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Reason:
    """What one field says; the bar grows to the right for the same, to the left against."""

    label: str
    left: str
    right: str
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


def evidence(hub: Hub, left: Told, right: Told) -> Evidence | None:
    """The evidence on two source records; None where the domain is mastered by code."""
    rules = hub.rules.get(left.domain)
    if rules is None:
        return None
    domain = DOMAINS[left.domain]
    rows = [match_row(domain, msgspec.json.decode(one.record)) for one in (left, right)]
    whole = explain(rows[0], rows[1], rules)
    told = [one for one in whole.fields if one.level is not None]
    told.sort(key=lambda one: -abs(one.bits))
    silent = [label(one.field) for one in whole.fields if one.level is None]
    return Evidence([_reason(one) for one in told], silent, whole)


def _reason(one: FieldReason) -> Reason:
    width = min(abs(one.bits), WIDEST) / WIDEST * HALF
    return Reason(
        label=label(one.field),
        left=_values(one.field, one.left),
        right=_values(one.field, one.right),
        meaning=one.meaning,
        bits=one.bits,
        start=HALF if one.bits >= 0 else HALF - width,
        width=round(width, 1),
    )


def _values(field: str, values: tuple[str, ...]) -> str:
    if field in SECRET:
        return ", ".join(f"account {value[:SHOWN]}…" for value in values)
    return ", ".join(dict.fromkeys(values))
