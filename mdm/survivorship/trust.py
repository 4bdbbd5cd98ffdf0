"""How far a source is believed: by field, by age of what it says, and by what failed in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from mdm.model.trust import SourceTrust
from mdm.records import Document, Finding
from mdm.survivorship.member import HUB, Member
from mdm.survivorship.ownership import Owners, owner_of

DAYS = 365
_FIELD = re.compile(r"[\w]+")


UNKNOWN = SourceTrust()


@dataclass(frozen=True, slots=True)
class Trust:
    """The trust in every source."""

    sources: Mapping[str, SourceTrust]
    owners: Mapping[str, Owners] = field(default_factory=dict)
    """Systems of record by domain."""
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By domain and field the rule that chooses, where it is not that of the domain's line."""

    @classmethod
    def of(
        cls,
        scores: Mapping[str, int | SourceTrust],
        owners: Mapping[str, Owners] | None = None,
        choices: Mapping[str, Mapping[str, str]] | None = None,
    ) -> Trust:
        """Trust from points per source, or from all there is to say of a source."""
        told = {
            name: said if isinstance(said, SourceTrust) else SourceTrust(said)
            for name, said in scores.items()
        }
        return cls(told, owners or {}, choices or {})

    def score(self, member: Member, path: str, today: date) -> int:
        """Points of what a member says of a field on that day; never below the source's floor."""
        source = self.sources.get(member.source, UNKNOWN)
        points = source.base(path)
        if source.yearly_loss:
            points -= source.yearly_loss * age_in_days(member, today) // DAYS
        if member.findings and fails(member.findings, path):
            points -= source.failing_loss
        return max(points, min(source.floor, source.base(path)))

    @property
    def ages(self) -> bool:
        """Whether time lowers the trust in any source."""
        return any(source.yearly_loss for source in self.sources.values())

    def is_plain(self, members: Sequence[Member]) -> bool:
        """Whether these members rank alike in every field."""
        return not any(
            member.findings or self.sources.get(member.source, UNKNOWN).fields for member in members
        )

    def next_change(self, members: Sequence[Member], today: date) -> date | None:
        """The next day on which age lowers the trust in one of the members; None: never."""
        days = [day for member in members if (day := self._next_loss(member, today)) is not None]
        return min(days, default=None)

    def _next_loss(self, member: Member, today: date) -> date | None:
        source = self.sources.get(member.source, UNKNOWN)
        spoken = spoken_on(member)
        if not source.yearly_loss or spoken is None:
            return None
        highest = max((source.score, *source.fields.values()))
        lost = source.yearly_loss * age_in_days(member, today) // DAYS
        if highest - lost <= source.floor:
            return None
        return spoken + timedelta(days=-(-(lost + 1) * DAYS // source.yearly_loss))


def spoken_on(member: Member) -> date | None:
    """The day the source last changed the record, where it tells one."""
    try:
        return date.fromisoformat((member.source_time or "")[:10])
    except ValueError:
        return None


def age_in_days(member: Member, today: date) -> int:
    """Days since the source last spoke; 0 where it tells no day, or one to come."""
    spoken = spoken_on(member)
    return max((today - spoken).days, 0) if spoken else 0


def fails(findings: Sequence[Finding], path: str) -> bool:
    """Whether a finding names the field, or the child it stands in ("addresses[0].street")."""
    child, _, name = path.partition(".")
    for finding in findings:
        parts = [part for part in _FIELD.findall(finding.field) if not part.isdigit()]
        if parts[:1] == [child] and (not name or parts[1:] == [] or name in parts[1:]):
            return True
    return False


class Ranking:
    """The members of a group from the most believed to the least, field by field.

    What was authored here comes first and what ended last; then the system of record, then trust,
    then the source's time, the latest first, then the crosswalk key. Receipt is no part of it: it
    would make a golden value depend on the order of loads.
    """

    def __init__(
        self, members: Sequence[Member], trust: Trust, today: date, domain: str = ""
    ) -> None:
        self._trust, self._today = trust, today
        self._owners = trust.owners.get(domain, {})
        self._choices = trust.choices.get(domain, {})
        by_key = sorted(members, key=lambda member: member.crosswalk)
        self._members = sorted(by_key, key=lambda m: m.source_time or "", reverse=True)
        self._plain = not self._owners and trust.is_plain(members)
        self._known: dict[str, list[Member]] = {}

    def of(self, path: str, within: Document | None = None) -> list[Member]:
        """The members from the most believed to the least in what they say of a field.

        `within` is the child that the field stands in; systems of record may own it in some only.
        """
        key = "" if self._plain else path
        if within is not None and path in self._owners:
            return sorted(self._members, key=lambda m: self._rank(m, path, within))
        known = self._known.get(key)
        if known is None:
            known = sorted(self._members, key=lambda m: self._rank(m, path, None))
            self._known[key] = known
        return known

    def rule(self, path: str, default: str) -> str:
        """The name of the rule by which a field is chosen."""
        return self._choices.get(path, default)

    def score(self, member: Member, path: str) -> int:
        """The member's points of trust in a field."""
        return self._trust.score(member, path, self._today)

    def owns(self, member: Member, path: str, within: Document | None = None) -> bool:
        """Whether the member's source is the system of record of the field, here."""
        if not self._owners or member.override:
            return False
        owner = owner_of(self._owners, path, within or member.document, member.document)
        return owner is not None and owner.source == member.source

    def _rank(
        self, member: Member, path: str, within: Document | None
    ) -> tuple[bool, bool, bool, int]:
        stranger = not self.owns(member, path, within)
        return (member.source != HUB, member.ended, stranger, -self.score(member, path))
