"""A person's value for a field: checked, kept with its reason and lifetime, effective at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as made
from datetime import date
from typing import Any

from matching.kinds import KINDS
from mdm.domains import DOMAINS
from mdm.errors import (
    BadRequest,
    InvertedPeriod,
    NotFound,
    OverlappingSlices,
    OwnedElsewhere,
    ProtectedField,
    UnknownField,
    UnknownName,
)
from mdm.golden.overriding import Sources, member_of
from mdm.inbound.clean import Noted, cleaner
from mdm.inbound.functions import Unreadable
from mdm.model.domain import Domain
from mdm.model.field import Child, Field, Privacy, next_named
from mdm.pipeline import decide_within
from mdm.quality import check_value
from mdm.records import Document
from mdm.store import find, gather, overrides, write_tasks
from mdm.store.hub import Hub, trust_of
from mdm.store.transaction import Tx
from mdm.survivorship import HUB, Lifetime, Override
from mdm.survivorship.overrides import require_known, value_in
from mdm.survivorship.ownership import Owners, refused

START, END = "", "9999-99-99"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants to be golden, why, and for how long."""

    field: str
    value: Any
    reason: str
    lifetime: Lifetime = Lifetime.FOR_EVER
    until: date | None = None
    scope: Mapping[str, str] = made(default_factory=dict)
    """Of a field that each legal entity has for itself: which one."""
    valid_from: date | None = None
    valid_to: date | None = None


def set_value(tx: Tx, hub: Hub, domain: Domain, golden_id: str, wanted: Wanted) -> int:
    """Keeps an override on the golden record that this id was given to; returns its number.

    It takes the place of an earlier one of the same field and period. Raises UnknownField,
    ProtectedField, InvertedPeriod, OverlappingSlices or BadRequest, with nothing changed.
    """
    founder = find.founder_of(tx.connection, golden_id)
    if founder is None:
        raise NotFound(f"There is no {domain.name.replace('_', ' ')} {golden_id!r}.")
    answering = gather.golden_ids_of(tx.connection, [founder])[founder]
    record = gather.goldens_by_id(tx.connection, [answering])[answering].record
    _check(tx, domain, wanted)
    value, slot = _cleaned(domain, wanted, record)
    owners = trust_of(tx.connection, hub).owners.get(domain.name, {})
    _leave_to_owner(owners, domain, wanted, (value, slot), record)
    said = Override(
        field=wanted.field,
        value=value,
        reason=wanted.reason.strip(),
        lifetime=wanted.lifetime,
        until=wanted.until,
        slot=slot,
        period=(_iso(wanted.valid_from), _iso(wanted.valid_to)),
        golden_id=golden_id,
        record_id=founder,
    )
    _make_room(tx, said)
    said = replace(said, consolidated=_without(tx, hub, domain, answering, said))
    number = overrides.add(tx, domain.name, said)
    decide_within(tx, hub, domain, {founder})
    return number


def take_back(tx: Tx, hub: Hub, number: int) -> None:
    """Withdraws an override: the sources speak again. NotFound where none is in force."""
    kept = overrides.by_id(tx.connection, number)
    if kept is None or not overrides.withdraw(tx, number):
        raise NotFound(f"There is no override {number} in force.")
    write_tasks.close_about(tx, "override_lifted", str(number), "withdrawn")
    decide_within(tx, hub, DOMAINS[kept.domain], {kept.override.record_id})


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _check(tx: Tx, domain: Domain, wanted: Wanted) -> None:
    try:
        require_known(domain, wanted.field)
    except UnknownName as error:
        raise UnknownField(error.detail, field="field") from None
    if not wanted.reason.strip():
        raise BadRequest("Say why: an override has a reason.", field="reason")
    if wanted.field in (*domain.code, "valid_from", "valid_to") and domain.dated:
        raise BadRequest(
            f"{wanted.field!r} says which record this is and when it holds; it cannot be set over"
            " the sources. Correct it in its source, or set `status` for a period.",
            field="field",
        )
    _check_time(tx, domain, wanted)


def _check_time(tx: Tx, domain: Domain, wanted: Wanted) -> None:
    until = wanted.lifetime is Lifetime.UNTIL_DATE
    if until != (wanted.until is not None):
        said = "needs the day" if until else "has no day"
        raise BadRequest(f"The lifetime {wanted.lifetime.value!r} {said} `until`.", field="until")
    if wanted.until is not None and wanted.until.isoformat() <= tx.at[:10]:
        raise BadRequest(
            f"{wanted.until} is not to come: the value would never hold.", field="until"
        )
    start, end = wanted.valid_from, wanted.valid_to
    if (start or end) and not domain.dated:
        raise BadRequest(
            f"{domain.path} have no validity periods; give a lifetime instead.", field="valid_from"
        )
    if start and end and end <= start:
        raise InvertedPeriod(
            f"The period of {wanted.field} ends on {end}, not after it starts on {start}."
            " `valid_to` is the first day on which the value does not hold any more.",
            field="valid_to",
        )


def _cleaned(domain: Domain, wanted: Wanted, record: Document) -> tuple[Any, Mapping[str, Any]]:
    """The value as it is published, and which child it is about."""
    name, _, inner = wanted.field.partition(".")
    country = record.get("country")
    child = domain.child_by_name.get(name)
    if wanted.scope and not (child and child.scoped):
        raise BadRequest(
            f"{wanted.field} is one for the whole record, not one per {', '.join(wanted.scope)};"
            " leave `scope` out.",
            field="scope",
        )
    if child is None:
        return _value(domain.by_name[name], wanted.value, country), {}
    if any(line.privacy is Privacy.PROTECTED for line in child.fields):
        raise _protected(name)
    if inner:
        line = next_named(child.fields, inner)
        return _value(line, wanted.value, country), _slot(child, wanted, record)
    if child.scoped:
        raise BadRequest(
            f"Set one field of {name}, such as {name}.{child.fields[-1].name}, with its scope.",
            field="field",
        )
    holder = _holder(child, wanted.value, country)
    return holder, {key: holder.get(key) for key in child.key}


def _leave_to_owner(
    owners: Owners,
    domain: Domain,
    wanted: Wanted,
    cleaned: tuple[Any, Mapping[str, Any]],
    record: Document,
) -> None:
    """OwnedElsewhere where the field belongs to a system that refuses others."""
    value, slot = cleaned
    name, _, inner = wanted.field.partition(".")
    for state in record.get("slices", (record,)):
        said = [{**slot, inner: value}] if inner else [value] if slot else value
        told = {**state, name: said}
        found = refused(domain, owners, HUB, told, only=wanted.field)
        if found is not None:
            raise OwnedElsewhere(
                f"{wanted.field} belongs to {found[1]}, which refuses others: change it there, and"
                " it arrives here with its next record.",
                field="field",
                owner=found[1],
            )


def _protected(name: str) -> ProtectedField:
    return ProtectedField(
        f"{name} is protected: it changes when its source tells it and two people release it,"
        " never by an override.",
        field="field",
    )


def _slot(child: Child, wanted: Wanted, record: Document) -> Mapping[str, Any]:
    name, _, inner = wanted.field.partition(".")
    if not child.scoped or inner in child.key:
        raise BadRequest(
            f"{name} survive whole: set {name!r} to a whole one, not {wanted.field!r}."
            if not child.scoped
            else f"{inner} says whose terms these are; it cannot be set.",
            field="field",
        )
    if set(wanted.scope) != set(child.key):
        keys = ", ".join(child.key)
        raise BadRequest(f"Say which of {name}: `scope` names {keys}.", field="scope")
    known = [[str(one.get(key)) for key in child.key] for one in record.get(name) or ()]
    said = [wanted.scope[key] for key in child.key]
    if said not in known:
        there = ", ".join("/".join(one) for one in known) or "none"
        raise BadRequest(
            f"The record has no {name} of {'/'.join(said)}; there are: {there}.", field="scope"
        )
    return dict(wanted.scope)


def _holder(child: Child, value: Any, country: str | None) -> Document:
    if not isinstance(value, dict) or not value:
        raise BadRequest(f"One of {child.name} is an object with its fields.", field="value")
    known = {line.name: line for line in child.fields}
    for name in value:
        if name not in known:
            said = UnknownName.among(f"field of {child.name}", name, list(known))
            raise UnknownField(said.detail, field="value")
    where = value.get("country") or country
    return {name: _value(known[name], said, where) for name, said in value.items()}


def _value(line: Field, value: Any, country: str | None) -> Any:
    """The value in its published form; BadRequest where the field cannot hold it."""
    if line.privacy is Privacy.PROTECTED:
        raise _protected(line.name)
    noted = Noted()
    try:
        clean = cleaner(line, None)(value, country, noted)
    except Unreadable as error:
        raise BadRequest(f"{line.name}: {error}", field="value") from None
    if clean in (None, ""):
        raise BadRequest(
            f"An override of {line.name} needs a value; to hear the sources again, take the"
            " override back.",
            field="value",
        )
    if noted.row:
        known = ", ".join(line.choices) or "the codes in use; write the code itself"
        raise BadRequest(f"{line.name} cannot be {value!r}; it is one of: {known}.", field="value")
    judged = isinstance(clean, str) and line.kind in KINDS
    wrong = check_value(line, clean, country, line.name) if judged else None
    if wrong is not None:
        raise BadRequest(f"{line.name}: {wrong.message}", field="value")
    return clean


def _make_room(tx: Tx, said: Override) -> None:
    """Withdraws what the new override replaces; refuses a period that overlaps another's."""
    start, end = said.period[0] or START, said.period[1] or END
    for one in overrides.of_records(tx.connection, [said.record_id]).get(said.record_id, ()):
        if (one.golden_id, one.field, one.slot) != (said.golden_id, said.field, said.slot):
            continue
        if one.period == said.period:
            overrides.withdraw(tx, one.id)
            write_tasks.close_about(tx, "override_lifted", str(one.id), "overtaken")
        elif (one.period[0] or START) < end and start < (one.period[1] or END):
            raise OverlappingSlices(
                f"Override {one.id} sets {said.field} from {one.period[0] or 'the start'} to"
                f" {one.period[1] or 'the end'}, which overlaps {said.period[0] or 'the start'} to"
                f" {said.period[1] or 'the end'}. Take it back, or choose a period beside it.",
                override=one.id,
            )


def _without(tx: Tx, hub: Hub, domain: Domain, golden_id: str, said: Override) -> Any:
    """What the sources give without any override."""
    ids = gather.records_of_goldens(tx.connection, [golden_id])
    records = sorted(
        gather.held_by_id(tx.connection, ids).values(), key=lambda record: record.crosswalk
    )
    today = date.fromisoformat(tx.at[:10])
    sources = Sources(domain, trust_of(tx.connection, hub), today, None, hub.keys.child_id)
    members: Sequence[Any] = [member_of(record) for record in records]
    return value_in(said, sources.survive(members).document)
