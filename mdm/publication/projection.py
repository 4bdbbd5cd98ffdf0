"""What a subscription sees of a golden record: the rows, fields and day it asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Protocol

from mdm.domains import DOMAINS
from mdm.publication.subscription import Condition, Shape, Subscription, View
from mdm.records import Document

ENDED = ("retired", "merged", "erased")
OPEN_END = "9999-99-99"


class GoldenVersion(Protocol):
    """A golden record in one version, as the rest of the hub holds it."""

    @property
    def golden_id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def region(self) -> str | None: ...
    @property
    def record(self) -> Document: ...
    @property
    def merged_into(self) -> str | None: ...


def project(
    subscription: Subscription, domain: str, golden: GoldenVersion, today: date
) -> Document | None:
    """What the subscription sees of the record on a day; None where it lies outside."""
    view = subscription.domains.get(domain)
    return None if view is None else project_view(view, golden, today.isoformat())


def project_view(view: View, golden: GoldenVersion, today: str) -> Document | None:
    """What one domain of a subscription sees of the record on a day (ISO); None: outside."""
    if golden.status in ("merged", "erased"):
        return None
    if not DOMAINS[view.domain].dated:
        return _taken(view, golden, golden.record)
    slices: list[Document] = golden.record["slices"]
    if view.shape is Shape.SLICES:
        seen = [taken for one in slices if (taken := _taken(view, golden, one, dated=True))]
        return {"slices": seen} if seen else None
    state = state_on(slices, today)
    if state is None:
        return None
    taken = _taken(view, golden, state, dated=True)
    if taken is not None:
        taken["validity"] = validity(state, today)
    return taken


def holds(view: View, golden: GoldenVersion) -> list[str]:
    """What the subscription asked for and the hub keeps back until it is released."""
    states = golden.record.get("slices", (golden.record,)) if view.withheld else ()
    return [name for name in view.withheld if any(state.get(name) for state in states)]


def state_on(slices: list[Document], today: str) -> Document | None:
    """The slice that holds today, else the last one that did, else the first that will."""
    held = None
    for state in sorted(slices, key=lambda one: one.get("valid_from") or ""):
        if (state.get("valid_from") or "") > today:
            return held or state
        held = state
    return held


def validity(state: Document, today: str) -> str:
    """valid, blocked, not_yet_valid or expired: what the code itself says of this day."""
    if (state.get("valid_from") or "") > today:
        return "not_yet_valid"
    if (state.get("valid_to") or OPEN_END) <= today:
        return "expired"
    if state.get("blocked") or state.get("status") in ("blocked", "retired"):
        return "blocked"
    return "valid"


def _taken(
    view: View, golden: GoldenVersion, state: Document, dated: bool = False
) -> Document | None:
    for condition in view.conditions:
        if not _holds(condition, golden, state):
            return None
    taken = {name: state[name] for name in view.fields if name in state}
    if dated:
        taken["valid_from"] = state.get("valid_from")
        taken["valid_to"] = state.get("valid_to")
    for name, fields in view.children:
        children = state.get(name)
        if children:
            kept = [
                {f: one[f] for f in fields if f in one} for one in _subset(view, name, children)
            ]
            if kept:
                taken[name] = kept
    return taken


def _holds(condition: Condition, golden: GoldenVersion, state: Document) -> bool:
    if condition.child is not None:
        return any(
            condition.holds(one.get(condition.field)) for one in state.get(condition.child, ())
        )
    if condition.field == "status":
        # Whoever held the record is told that it ended, not that it left.
        return golden.status in ENDED or condition.holds(golden.status)
    if condition.field == "region":
        return condition.holds(golden.region)
    return condition.holds(state.get(condition.field))


def _subset(view: View, child: str, children: list[Document]) -> Iterator[Document]:
    """The children that the row filter's conditions on them let through."""
    conditions = [one for one in view.conditions if one.child == child]
    for one in children:
        if all(condition.holds(one.get(condition.field)) for condition in conditions):
            yield one
