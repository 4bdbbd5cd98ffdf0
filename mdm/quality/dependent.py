"""Dependent validity: a record is valid on a day only if what it requires is valid on that day.

Computed when asked, never copied: closing a legal entity changes one record, and everything under
it is invalid from that day on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from mdm.model.domain import Domain
from mdm.records import Document

OPEN_END = "9999-99-99"
DEEPEST = 16
"""Steps from a record to what it depends on, at the most: a cycle ends here."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record is not valid on a day: a stable code, the field, and a sentence."""

    code: str
    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Target:
    """A golden record as validity sees it; `record` holds its slices if its domain is dated."""

    domain: Domain
    name: str
    status: str
    record: Document


Find = Callable[[str, str, Document], Target | None]
"""The target of a reference: (domain, code as told, state that refers) -> golden record."""


def state_on(target: Target, day: date) -> Document | None:
    """What holds of a record on a day; None where none of its slices does."""
    if not target.domain.dated:
        return target.record
    return slice_on(target.record["slices"], day)


def slice_on(slices: Sequence[Document], day: date) -> Document | None:
    """The slice that holds on a day; None where none does."""
    said = day.isoformat()
    for state in slices:
        if (state.get("valid_from") or "") <= said < (state.get("valid_to") or OPEN_END):
            return dict(state)
    return None


def validity(target: Target, day: date) -> Reason | None:
    """Why a record is not valid in itself on a day; None if it is."""
    what = f"{target.domain.name.replace('_', ' ').capitalize()} {target.name}"
    if target.status in ("retired", "merged", "erased") and not target.domain.dated:
        return Reason("retired", "status", f"{what} is retired.")
    state = state_on(target, day)
    if state is None:
        return _outside(target, day, what)
    status = state.get("status")
    if status == "retired" or target.status == "erased":
        return Reason("retired", "status", f"{what} is retired.")
    if status == "blocked" or state.get("blocked"):
        why = f": {state['block_reason']}" if state.get("block_reason") else ""
        return Reason("blocked", "status", f"{what} is blocked{why.rstrip('.')}.")
    # A change may come before what it changes, so a record that lacks a value is no reject.
    for field in target.domain.fields:
        if field.required and not state.get(field.name):
            said = f"{what} has no {field.name.replace('_', ' ')} yet."
            return Reason("incomplete", field.name, said)
    return None


def _outside(target: Target, day: date, what: str) -> Reason:
    slices = target.record["slices"]
    said = day.isoformat()
    if not slices:
        return Reason("no_period", "valid_from", f"{what} has no period in which it is valid.")
    starts = min(state.get("valid_from") or "" for state in slices)
    if said < starts:
        return Reason("not_yet_valid", "valid_from", f"{what} is valid only from {starts}.")
    ends = max(state.get("valid_to") or OPEN_END for state in slices)
    if said >= ends:
        return Reason("expired", "valid_to", f"{what} is not valid any more since {ends}.")
    again = min(start for state in slices if (start := state.get("valid_from") or "") > said)
    return Reason("gap", "valid_from", f"{what} is not valid on {said}, only from {again} again.")


def dependent_validity(target: Target, day: date, find: Find) -> list[Reason]:
    """All that makes a record invalid on a day, in itself and through what it requires."""
    return _reasons(target, day, find, DEEPEST)


def _reasons(target: Target, day: date, find: Find, deepest: int) -> list[Reason]:
    own = validity(target, day)
    reasons = [own] if own else []
    state = state_on(target, day)
    if state is None or deepest == 0:
        return reasons
    for field in target.domain.fields:
        if field.name not in target.domain.requires or not state.get(field.name):
            continue
        assert field.reference is not None
        told = str(state[field.name])
        needed = find(field.reference, told, state)
        if needed is None:
            what = field.reference.replace("_", " ")
            said = f"There is no {what} {told} here yet."
            reasons.append(Reason(f"{field.name}_unresolved", field.name, said))
            continue
        for reason in _reasons(needed, day, find, deepest - 1):
            code = reason.code
            if code in OWN_CODES:
                code = f"{field.name}_{code}"
            reasons.append(Reason(code, field.name, reason.sentence))
    return _once(reasons)


OWN_CODES = frozenset(
    {"retired", "blocked", "not_yet_valid", "expired", "gap", "no_period", "incomplete"}
)


def _once(reasons: list[Reason]) -> list[Reason]:
    return list(dict.fromkeys(reasons))
