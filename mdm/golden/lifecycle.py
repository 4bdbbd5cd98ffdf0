"""The state of a golden record as a whole: its status on a day, and the region it is pinned to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from mdm import clock
from mdm.golden.state import Golden, Held
from mdm.model.domain import Domain
from mdm.quality.dependent import slice_on
from mdm.quality.today import business_day
from mdm.records import Document


def today_of(
    domain: Domain, group: Sequence[Held], instant: datetime, zones: Mapping[str, str | None]
) -> date:
    """The day that an instant falls on where the records of a group belong."""
    if not domain.dated:
        return clock.today_in(None, instant)
    told = sorted(group, key=lambda one: (one.record.get("valid_from") or "", *one.crosswalk))
    states = [one.record for one in told]
    return business_day(domain, {"slices": states}, instant, zones.get)


Today = Callable[[Golden], date]
"""The business day where a golden record belongs."""


def calendar(domain: Domain, instant: datetime, zones: Mapping[str, str | None]) -> Today:
    """The days that an instant falls on, by golden record."""
    if not domain.dated:
        utc = clock.today_in(None, instant)
        return lambda _golden: utc
    return lambda golden: business_day(domain, golden.record, instant, zones.get)


def status_of(domain: Domain, group: Sequence[Held], document: Document, today: date) -> str:
    """active, blocked or retired: retired where all source records ended or all slices are past."""
    if all(record.state == "ended" for record in group):
        return "retired"
    if not domain.dated:
        return str(document.get("status") or "active")
    current = slice_on(document["slices"], today)
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
