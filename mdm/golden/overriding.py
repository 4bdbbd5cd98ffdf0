"""Survivorship with people's values: which of them hold, and what is golden with those that do.

Whether an override holds follows from what the records of its group say now and what the same
records said when it was set. That others joined or left the group is no news: so a merge that is
taken back leaves every override as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from mdm.golden.state import Held, Task
from mdm.model.domain import Domain
from mdm.records import Document
from mdm.survivorship import (
    ChildId,
    Lifted,
    Member,
    Now,
    Override,
    Survived,
    Trust,
    lifted,
    survive,
)
from mdm.survivorship.overrides import Lifetime, as_member, heard_of, told_of, value_in

Then = Mapping[int, Mapping[int, Held]]
"""By transaction of an override, the records as they stood then, by their ids."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What survivorship follows beside the records: domain, trust, day, the document before."""

    domain: Domain
    trust: Trust
    today: date
    prior: Document | None
    child_id: ChildId

    def survive(self, members: Sequence[Member]) -> Survived:
        """The golden document of these members."""
        return survive(
            self.domain,
            members,
            self.trust,
            self.today,
            prior=self.prior,
            new_child_id=self.child_id,
        )


@dataclass(slots=True)
class Overridden:
    """A golden document, and of every override of its group why it does not hold, if so."""

    survived: Survived
    lifted: dict[int, Lifted | None] = field(default_factory=dict)


def member_of(record: Held) -> Member:
    """A source record as survivorship reads it."""
    return Member(
        record_id=record.id,
        source=record.source,
        source_key=record.source_key,
        document=record.record,
        source_time=record.source_time,
        tx=record.tx,
        ended=record.state == "ended",
        findings=record.findings,
    )


def survive_overridden(
    sources: Sources, group: Sequence[Held], overrides: Sequence[Override], then: Then
) -> Overridden:
    """The golden document of a group with those of its overrides that hold."""
    members = [member_of(record) for record in group]
    if not overrides:
        return Overridden(sources.survive(members))
    # The values of the sources alone need be known only where an override depends on them.
    wanted = any(one.lifetime is Lifetime.WHILE_CONSOLIDATED for one in overrides)
    document = sources.survive(members).document if wanted else {}
    ends: dict[int, Lifted | None] = {}
    for one in overrides:
        now = Now(sources.today, value_in(one, document), told_of(one, members))
        ids = [record.id for record in group]
        ends[one.id] = lifted(sources.domain, _as_set(sources, one, ids, then), now)
    holding = [as_member(one) for one in overrides if ends[one.id] is None]
    return Overridden(sources.survive([*members, *holding]), ends)


def _as_set(sources: Sources, override: Override, ids: Sequence[int], then: Then) -> Override:
    """The override with what the records of this group said when it was set."""
    if not override.listens:
        return override
    stood = then.get(override.tx, {})
    members = [member_of(stood[record_id]) for record_id in ids if record_id in stood]
    told = told_of(override, members)
    said: Any = None
    if override.lifetime is Lifetime.WHILE_CONSOLIDATED and members:
        said = value_in(override, sources.survive(members).document)
    heard = heard_of(sources.domain, override.field, told)
    return replace(override, consolidated=said, heard=heard)


def lifted_tasks(
    overrides: Iterable[Sequence[Override]], turned: Mapping[int, str | None]
) -> list[Task]:
    """A task for each override that does not hold, those included that turned just now."""
    return [
        lifted_task(one, why)
        for some in overrides
        for one in some
        if (why := turned.get(one.id, one.lifted)) is not None
    ]


def lifted_task(override: Override, sentence: str) -> Task:
    """The task that tells a person that a value they set does not hold any more."""
    return Task(
        kind="override_lifted",
        key=str(override.id),
        records=(override.record_id,),
        priority=0.5,
        facts={
            "override": override.id,
            "concerns": override.golden_id,
            "field": override.field,
            "sentence": sentence,
        },
    )
