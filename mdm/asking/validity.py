"""Judges golden records on a day, many at once: what they require is read level by level."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta

import msgspec

from mdm.asking.answer import When
from mdm.domains import DOMAINS
from mdm.quality.dependent import DEEPEST, Reason, Target, dependent_validity, state_on
from mdm.quality.today import ENTITY, business_day
from mdm.records import Document
from mdm.store.database import Connection
from mdm.store.find import Stored
from mdm.store.hub import Hub
from mdm.store.named import Name, in_scope, living_by_name


@dataclass(frozen=True, slots=True)
class Judged:
    """A golden record with the day it was judged on, and all that makes it invalid that day."""

    target: Target
    day: date
    reasons: list[Reason]

    @property
    def state(self) -> Document | None:
        """What holds of it that day."""
        return state_on(self.target, self.day)


@dataclass(slots=True)
class Surroundings:
    """The golden records that others require, as they stood at the moment asked about."""

    named: dict[Name, list[Target]] = field(default_factory=dict)

    def find(self, domain: str, told: str, state: Document) -> Target | None:
        """The record of a code within the scope that the referring state tells."""
        for one in self.named.get((domain, told), ()):
            if in_scope(one.domain, one.record["slices"], state):
                return one
        return None

    def zone_of(self, code: str) -> str | None:
        """The time zone of a legal entity, as last told."""
        entity = self.find(ENTITY, code, {})
        states = entity.record["slices"] if entity else ()
        return states[-1].get("timezone") if states else None


def judge(hub: Hub, connection: Connection, stored: Sequence[Stored], asked: When) -> list[Judged]:
    """Each record on the day asked about, or on today where it belongs."""
    targets = [target_of(one) for one in stored]
    around = _surroundings(hub, connection, targets, asked)
    judged = []
    for target in targets:
        day = asked.as_of
        if day is None:
            day = business_day(target.domain, target.record, asked.now, around.zone_of)
        judged.append(Judged(target, day, dependent_validity(target, day, around.find)))
    return judged


def target_of(stored: Stored) -> Target:
    """The record as validity sees it."""
    domain = DOMAINS[stored.domain]
    record = msgspec.json.decode(stored.record)
    states = record.get("slices", (record,))
    named = states[-1].get(domain.code[-1] if domain.code else "name") if states else None
    return Target(domain, str(named or stored.golden_id), stored.status, record)


def _surroundings(
    hub: Hub, connection: Connection, targets: Iterable[Target], asked: When
) -> Surroundings:
    around = Surroundings()
    frontier = list(targets)
    for _level in range(DEEPEST):
        wanted = {name for one in frontier for name in _required(one, asked)}
        missing = wanted - around.named.keys()
        if not missing:
            break
        found = _named(hub, connection, missing, asked)
        around.named.update(found)
        frontier = [target for some in found.values() for target in some]
    return around


def _required(target: Target, asked: When) -> Iterator[Name]:
    """What the record refers to on any day that may be meant, if its validity depends on it."""
    for state in _states(target, asked):
        for line in target.domain.fields:
            counts = line.name in target.domain.requires or line.name == ENTITY
            if counts and line.reference and state.get(line.name):
                yield line.reference, str(state[line.name])


def _states(target: Target, asked: When) -> list[Document]:
    if not target.domain.dated:
        return [target.record]
    if asked.as_of is not None:
        days = [asked.as_of]
    else:
        # Today is, somewhere, yesterday or tomorrow.
        today = asked.now.astimezone(UTC).date()
        days = [today + timedelta(days=step) for step in (-1, 0, 1)]
    return [state for day in days if (state := state_on(target, day)) is not None]


def _named(
    hub: Hub, connection: Connection, names: Collection[Name], asked: When
) -> dict[Name, list[Target]]:
    secret, moment = hub.keys.match_secret, asked.moment
    living = living_by_name(connection, secret, names, moment)
    return {name: [target_of(one) for one in some] for name, some in living.items()}
