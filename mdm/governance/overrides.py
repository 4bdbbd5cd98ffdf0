"""A person's value over what the sources say, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from mdm.domains import DOMAINS
from mdm.errors import NotFound, StaleVersion
from mdm.model.domain import Domain
from mdm.overrides import Wanted, set_value, take_back
from mdm.people.rights import Caller, Right, require
from mdm.quality import check
from mdm.refresh import follow_up
from mdm.store import find, overrides
from mdm.store.database import Connection
from mdm.store.find import Stored
from mdm.store.hub import Hub
from mdm.store.overrides import Kept
from mdm.store.transaction import Act, Tx, transaction


@dataclass(frozen=True, slots=True)
class Asked:
    """Who changes which golden record, and on which version of it that is based."""

    caller: Caller
    domain: Domain
    golden_id: str
    version: int
    correlation_id: str

    def act(self, kind: str, reason: str | None) -> Act:
        """The act that the log keeps."""
        return Act(
            kind,
            self.caller.name,
            self.domain.name,
            reason=reason,
            correlation_id=self.correlation_id,
        )


def answering(connection: Connection, domain: Domain, golden_id: str) -> Stored:
    """The golden record that answers for this id now; NotFound where there is none."""
    stored = find.golden_by_id(connection, golden_id)
    if stored is not None and stored.merged_into is not None:
        stored = find.golden_by_id(connection, find.answering_id(connection, golden_id) or "")
    if stored is None or stored.domain != domain.name:
        raise NotFound(f"There is no {domain.name.replace('_', ' ')} {golden_id!r}.")
    return stored


def based_on(tx: Tx, asked: Asked) -> Stored:
    """The record as it stands; StaleVersion where it changed since the caller read it."""
    stored = answering(tx.connection, asked.domain, asked.golden_id)
    if stored.version != asked.version:
        raise StaleVersion(
            f"{stored.golden_id} changed meanwhile: it is at version {stored.version}, the change"
            f" was based on {asked.version}. Read it again, then decide.",
            version=stored.version,
        )
    return stored


def override(hub: Hub, asked: Asked, wanted: Wanted) -> tuple[int, Stored]:
    """Sets a value on the original that was named; returns the override's number and the record."""
    require(asked.caller, Right.DECIDE)
    act = asked.act("override", wanted.reason)
    with transaction(hub.database, act) as tx:
        based_on(tx, asked)
        number = set_value(tx, hub, asked.domain, asked.golden_id, wanted)
        after = answering(tx.connection, asked.domain, asked.golden_id)
    follow_up(hub)
    return number, after


def findings(after: Stored) -> list[str]:
    """What the rules say of a record after a person's value, in sentences: none refuses it."""
    found = check(DOMAINS[after.domain], msgspec.json.decode(after.record))
    return [one.message for one in found]


def lift(hub: Hub, asked: Asked, number: int, reason: str | None) -> Stored:
    """Takes an override of this record back; NotFound where it has none of this number."""
    require(asked.caller, Right.DECIDE)
    act = asked.act("override_withdrawn", reason)
    with transaction(hub.database, act) as tx:
        stored = based_on(tx, asked)
        known = {one.override.id for one in overrides.of_golden(tx.connection, stored.golden_id)}
        if number not in known:
            raise NotFound(f"{stored.golden_id} has no override {number}.")
        take_back(tx, hub, number)
        after = answering(tx.connection, asked.domain, asked.golden_id)
    follow_up(hub)
    return after


def listed(hub: Hub, caller: Caller, domain: Domain, golden_id: str) -> list[dict[str, Any]]:
    """Every override that goes with the record, the latest first, with what became of it."""
    require(caller, Right.READ)
    with hub.database.read() as connection:
        stored = answering(connection, domain, golden_id)
        kept = overrides.of_golden(connection, stored.golden_id)
        turns = overrides.turns(connection, [one.override.id for one in kept])
    return [told(one, turns.get(one.override.id, [])) for one in kept]


def told(kept: Kept, turns: list[tuple[str, str | None]]) -> dict[str, Any]:
    """An override as it is shown."""
    said = kept.override
    state = "withdrawn" if kept.withdrawn else "lifted" if said.lifted else "in_force"
    return {
        "id": said.id,
        "concerns": said.golden_id,
        "field": said.field,
        "scope": dict(said.slot),
        "value": said.value,
        "valid_from": said.period[0],
        "valid_to": said.period[1],
        "reason": said.reason,
        "lifetime": said.lifetime.value,
        "until": said.until.isoformat() if said.until else None,
        "sources_gave": said.consolidated,
        "set_by": kept.actor,
        "set_at": said.at,
        "state": state,
        "lifted_why": said.lifted,
        "turns": [{"at": at, "why": why} for at, why in turns],
    }
