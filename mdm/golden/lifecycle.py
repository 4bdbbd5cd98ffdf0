"""The state of a golden record as a whole: its status on a day, and the region it is pinned to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from mdm.golden.state import Held
from mdm.model.domain import Domain
from mdm.records import Document


def slice_at(document: Document, day: date) -> Document | None:
    """The slice of a dated golden record that holds on a day; None where none does."""
    said = day.isoformat()
    for state in document["slices"]:
        if (state.get("valid_from") or "") <= said < (state.get("valid_to") or "9999-99-99"):
            return dict(state)
    return None


def status_of(domain: Domain, group: Sequence[Held], document: Document, today: date) -> str:
    """active, blocked or retired: retired where all source records ended or all slices are past."""
    if all(record.state == "ended" for record in group):
        return "retired"
    if not domain.dated:
        return str(document.get("status") or "active")
    current = slice_at(document, today)
    if current is None:
        said = today.isoformat()
        past = all((s.get("valid_to") or "9999-99-99") <= said for s in document["slices"])
        return "retired" if past and document["slices"] else "active"
    return str(current.get("status") or ("blocked" if current.get("blocked") else "active"))


def region_of(domain: Domain, document: Document, regions: Mapping[str, str | None]) -> str | None:
    """The region a golden record is pinned to: its own, or that of all its legal entities."""
    states = document["slices"] if domain.dated else (document,)
    if domain.name == "legal_entity":
        return states[-1].get("region") if states else None
    named = {
        regions.get(code)
        for state in states
        for code in (
            state.get("legal_entity"),
            *(company.get("legal_entity") for company in state.get("companies") or ()),
        )
        if code
    }
    return named.pop() if len(named) == 1 else None
