"""Why every golden value is what it is: source record, rule in words, and the losing candidates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from mdm.asking.answer import When
from mdm.domains import DOMAINS
from mdm.errors import UnknownField
from mdm.golden.overriding import member_of
from mdm.model.domain import Domain
from mdm.quality.dependent import slice_on
from mdm.records import Document
from mdm.store import find, gather, overrides
from mdm.store.database import Connection
from mdm.store.find import Stored
from mdm.store.hub import Hub, trust_of
from mdm.survivorship import Candidate, Member, Override, Trust, as_member, why
from mdm.survivorship.candidates import Golden, Why


@dataclass(frozen=True, slots=True)
class Asking:
    """A version of a golden record, and who told what when it was made."""

    domain: Domain
    trust: Trust
    stored: Stored
    record: Document
    lineage: Document
    members: Sequence[Member]
    overrides: Sequence[Override]
    """Those that hold in this version."""
    today: date


def asking(hub: Hub, connection: Connection, stored: Stored, asked: When) -> Asking:
    """All that is needed to say why; of an earlier version, what its source records said then."""
    lineage = msgspec.json.decode(stored.lineage)
    ids = [int(member[0]) for member in lineage["members"]]
    if asked.past:
        held = gather.held_then(connection, ids, stored.tx)
        today = date.fromisoformat(find.instant_of(connection, stored.tx)[:10])
    else:
        held, today = gather.held_by_id(connection, ids), asked.now.date()
    numbers = [int(member[0]) for member in lineage.get("overrides", ())]
    said = [kept.override for kept in overrides.by_ids(connection, numbers)]
    members = [*map(member_of, held.values()), *map(as_member, said)]
    record = msgspec.json.decode(stored.record)
    domain, trust = DOMAINS[stored.domain], trust_of(connection, hub)
    return Asking(domain, trust, stored, record, lineage, members, said, today)


def reasons(of: Asking, asked: When, field: str | None = None) -> dict[str, dict[str, Any]]:
    """By path of every value: its winner, the rule in words, and all who told one, winner first.

    With a day, the paths of the slice that holds then; with a field, only what belongs to it.
    UnknownField where the record's domain has no such field.
    """
    if field is not None:
        _require_known(of.domain, field)
    golden = Golden(of.domain, of.record, of.lineage)
    found = {}
    for path, shown in _paths(of.domain, of.record, asked.as_of):
        if field is None or _belongs(shown, field):
            reason = why(golden, path, of.members, of.trust, of.today)
            found[shown] = _told(reason)
    return found


def _require_known(domain: Domain, field: str) -> None:
    name = next(part for part in field.replace(".", "/").split("/") if part)
    known = [*domain.by_name, *domain.child_by_name, *(("slices",) if domain.dated else ())]
    if name not in known:
        said = UnknownField.among(f"field of {domain.name}", name, known)
        raise UnknownField(said.detail, field="field")


def _belongs(path: str, field: str) -> bool:
    """Whether a path is of a field, however exactly that is told: a name, a child, a whole path."""
    parts = path.split("/")
    inner = parts[2:] if parts[0] == "slices" else parts
    plain = [inner[0], *inner[2:]] if len(inner) > 1 else inner
    wanted = field.replace(".", "/").strip("/").split("/")
    return any(one[: len(wanted)] == wanted for one in (parts, inner, plain))


def _paths(domain: Domain, record: Document, day: date | None) -> Iterator[tuple[str, str]]:
    """Every value of the record: its path in lineage, and the path it is shown under."""
    if not domain.dated:
        yield from ((path, path) for path in _inner(domain, record))
        return
    states = record["slices"]
    if day is not None:
        state = slice_on(states, day)
        states = [state] if state is not None else []
    for state in states:
        start = f"slices/{state.get('valid_from') or ''}"
        for path in _inner(domain, state):
            yield f"{start}/{path}", path if day is not None else f"{start}/{path}"


def _inner(domain: Domain, state: Document) -> Iterator[str]:
    for line in domain.fields:
        if line.name in state and line.name not in ("valid_from", "valid_to"):
            yield line.name
    for child in domain.children:
        for one in state.get(child.name) or ():
            if not child.scoped:
                yield f"{child.name}/{one['id']}"
                continue
            yield from (f"{child.name}/{one['id']}/{name}" for name in one if name != "id")


def _told(reason: Why) -> dict[str, Any]:
    candidates = [_candidate(one) for one in reason.candidates]
    winner: Mapping[str, Any] = candidates[0] if candidates else {}
    return {
        "source": winner.get("source"),
        "source_key": winner.get("source_key"),
        "rule": reason.rule,
        "sentence": reason.sentence,
        "value": winner.get("value"),
        "trust": winner.get("trust"),
        "candidates": candidates[1:],
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    value = one.value
    if isinstance(value, dict) and "id" in value:
        value = {name: said for name, said in value.items() if name != "id"}
    return {
        "source": one.member.source,
        "source_key": one.member.source_key,
        "record_id": None if one.member.override else one.member.record_id,
        "value": value,
        "trust": one.trust,
    }
