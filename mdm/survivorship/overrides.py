"""Overrides: a person's value with a reason and a lifetime. Pure: says whether one still holds."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as member_of
from datetime import date
from typing import Any

from mdm.errors import UnknownName
from mdm.model.domain import Domain
from mdm.records import Document
from mdm.survivorship.forms import form
from mdm.survivorship.member import HUB, Member, is_told


class Lifetime(enum.StrEnum):
    """How long a person's value holds."""

    FOR_EVER = "for_ever"  # until a person withdraws it
    UNTIL_DATE = "until_date"  # up to and without a day
    WHILE_CONSOLIDATED = "while_consolidated"  # while the value without it is what it was then
    UNTIL_NEWS = "until_news"  # until a source says something new of the field


@dataclass(frozen=True, slots=True)
class Override:
    """A person's value for a field of a golden record."""

    field: str
    value: Any
    reason: str
    lifetime: Lifetime
    until: date | None = None
    """First day on which it does not hold any more, for `until_date`."""
    consolidated: Any = None
    """The value the sources gave when it was made, for `while_consolidated`."""
    heard: tuple[tuple[str, str, str], ...] = ()
    """What each source told then, for `until_news`: (source, source key, compared form)."""
    slot: Mapping[str, Any] = member_of(default_factory=dict)
    """Which child it is about, by the child's key fields."""
    period: tuple[str | None, str | None] = (None, None)
    """`valid_from` and `valid_to` of a value that holds for a time, in a dated domain."""
    id: int = 0
    golden_id: str = ""
    """The golden record it was set on, whatever that was merged into since."""
    record_id: int = 0
    """The source record that founded that golden record; the override goes where it goes."""
    at: str = ""
    tx: int = 0
    lifted: str | None = None
    """Why it did not hold when last decided."""

    @property
    def listens(self) -> bool:
        """Whether its end depends on what the sources say."""
        return self.lifetime in (Lifetime.WHILE_CONSOLIDATED, Lifetime.UNTIL_NEWS)


@dataclass(frozen=True, slots=True)
class Lifted:
    """Why an override does not hold any more, for the person who made it."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Now:
    """What an override is held against: the day, and what the sources say without it."""

    today: date
    consolidated: Any
    told: Mapping[tuple[str, str], Any]
    """Value of the field by crosswalk key, of the members that are no overrides."""


def as_member(override: Override) -> Member:
    """The override as one more who tells: its own contribution, ahead of every source's."""
    name, _, inner = override.field.partition(".")
    said: Any = override.value
    if inner:
        said = [{**override.slot, inner: said}]
    elif override.slot:
        said = [said]
    start, end = override.period
    told = {"valid_from": start, "valid_to": end} if start or end else {}
    if (override.field, override.value) == ("status", "blocked"):
        # Who blocks a record says why in the same breath; the two win together.
        told["block_reason"] = override.reason
    return Member(
        record_id=override.id,
        source=HUB,
        source_key=f"override-{override.id:09}",
        document={name: said, **told},
        source_time=override.at,
        tx=override.tx,
        override=True,
    )


def told_of(override: Override, members: Iterable[Member]) -> dict[tuple[str, str], Any]:
    """What each source record tells of the field that the override sets."""
    told = {member.crosswalk: value_in(override, member.document) for member in members}
    return {crosswalk: value for crosswalk, value in told.items() if is_told(value)}


def value_in(override: Override, document: Document) -> Any:
    """The value of the override's field in a document; of a dated one, from day to day."""
    if "slices" in document:
        found: list[tuple[str, str, Any]] = []
        for state in document["slices"]:
            start, end = state.get("valid_from") or "", state.get("valid_to") or ""
            value = value_in(override, state)
            if found and found[-1][1:] == (start, value):
                start = found.pop()[0]
            found.append((start, end, value))
        return found
    name, _, inner = override.field.partition(".")
    value = document.get(name)
    if not override.slot:
        return value
    for one in value or ():
        if all(one.get(key) == said for key, said in override.slot.items()):
            return one.get(inner) if inner else {k: v for k, v in one.items() if k != "id"}
    return None


def heard_of(domain: Domain, field: str, told: Mapping[tuple[str, str], Any]) -> tuple[
    tuple[str, str, str], ...
]:  # fmt: skip
    """What the sources tell of a field, as an override remembers it."""
    return tuple(
        sorted((source, key, _form(domain, field, value)) for (source, key), value in told.items())
    )


def lifted(domain: Domain, override: Override, now: Now) -> Lifted | None:
    """Why the override does not hold any more; None while it does.

    The answer depends on what the sources say now, never on the order in which they said it.
    """
    if override.lifetime is Lifetime.UNTIL_DATE:
        if override.until is not None and now.today >= override.until:
            said = f"The value of {override.field} was set until {override.until.isoformat()}."
            return Lifted("override_date_reached", said)
    elif override.lifetime is Lifetime.WHILE_CONSOLIDATED:
        then, today = override.consolidated, now.consolidated
        if _form(domain, override.field, then) != _form(domain, override.field, today):
            said = f"The sources give another value of {override.field} than when it was set."
            return Lifted("override_consolidated_changed", said)
    elif override.lifetime is Lifetime.UNTIL_NEWS:
        news = set(heard_of(domain, override.field, now.told)) - set(override.heard)
        if news:
            sources = ", ".join(sorted({source for source, _, _ in news}))
            said = f"{sources} says something new of {override.field} since it was set."
            return Lifted("override_source_spoke", said)
    return None


def in_force(domain: Domain, overrides: Iterable[Override], now: Now) -> list[Override]:
    """The overrides that still hold."""
    return [one for one in overrides if lifted(domain, one, now) is None]


def require_known(domain: Domain, field: str) -> None:
    """UnknownName where an override names a field that the domain does not have."""
    name, _, inner = field.partition(".")
    child = domain.child_by_name.get(name)
    if child is not None:
        known = [line.name for line in child.fields]
        if not inner or inner in known:
            return
        raise UnknownName.among(f"field of {name}", inner, known)
    if name not in domain.by_name or inner:
        known = [*domain.by_name, *domain.child_by_name]
        raise UnknownName.among(f"field of {domain.name}", field, known)


def _form(domain: Domain, field: str, value: Any) -> str:
    line = domain.by_name.get(field)
    return form(line, value, None) if line is not None else repr(value)
