"""Which business day it is for a record: that of its legal entity's time zone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from mdm import clock
from mdm.model.domain import Domain
from mdm.records import Document

ZoneOf = Callable[[str], str | None]
"""The time zone of the legal entity of a code; None where it is not told."""
OPEN_END = "9999-99-99"
ENTITY = "legal_entity"


def business_day(domain: Domain, record: Document, instant: datetime, zone_of: ZoneOf) -> date:
    """The day that an instant falls on where the record belongs; in UTC where nothing tells."""
    states: Sequence[Document] = record["slices"] if domain.dated else ()
    if not states:
        return clock.today_in(None, instant)
    state = _nearest(states, clock.today_in(None, instant).isoformat())
    if domain.name == ENTITY:
        return clock.today_in(state.get("timezone"), instant)
    code = state.get(ENTITY)
    return clock.today_in(zone_of(str(code)) if code else None, instant)


def _nearest(states: Sequence[Document], day: str) -> Document:
    """The state that holds on the day, else the next one, else the last one."""
    for state in states:
        if day < (state.get("valid_to") or OPEN_END):
            return state
    return states[-1]
