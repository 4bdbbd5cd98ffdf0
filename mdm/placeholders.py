"""Placeholder values in force: listed with their counts, added and released with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from matching.placeholder import ANY_FIELD, FORMS, counted, stands_for_nothing
from matching.rules import Rules
from mdm.errors import BadRequest, Conflict, UnknownName
from mdm.learning import change_rules, learned_domain
from mdm.rematch import Rematched, Work, body_of
from mdm.store.hub import built_in_rules, read_rules, rules_of

Listed = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A value that stands for nothing in a field."""

    field: str
    """`value`: in whatever field."""
    value: str
    """In the form in which values are compared; of a protected field its fingerprint."""
    built_in: bool
    records: int
    """Values of source records that it takes out."""


def placeholders(work: Work) -> list[Placeholder]:
    """Every listed value, and every other that is one by its shape, with counts."""
    name = learned_domain(work.domain).name
    with work.hub.database.read() as connection:
        rules = rules_of(connection, work.hub, name)
    shipped = read_rules(built_in_rules()[name], name, b"").placeholders
    body = body_of(work)
    counts = counted(body.columns, rules) if len(body.ids) else Counter[tuple[str, str]]()
    listed = {(field, value) for field, values in rules.placeholders.items() for value in values}
    found = [
        Placeholder(field, value, value in shipped.get(field, ()), _count(counts, field, value))
        for field, value in listed
    ]
    found += [
        Placeholder(field, value, True, count)
        for (field, value), count in counts.items()
        if (field, value) not in listed and (ANY_FIELD, value) not in listed
    ]
    return sorted(found, key=lambda one: (-one.records, one.field, one.value))


def _count(counts: Counter[tuple[str, str]], field: str, value: str) -> int:
    if field != ANY_FIELD:
        return counts[field, value]
    return sum(count for (_field, told), count in counts.items() if told == value)


def add_placeholder(work: Work, field: str, value: str, *, accept: bool = False) -> Rematched:
    """Lists a value that stands for nothing; its records are matched without it from now on."""
    form = _form(work, field, value)

    def change(rules: Rules) -> Rules:
        if stands_for_nothing(field, form, rules):
            raise Conflict(f"{form!r} is a placeholder of {field} already.")
        # A street's list is the one that holds for every field.
        place = ANY_FIELD if field == "street" else field
        own = rules.placeholders.get(place, frozenset())
        return _with(rules, place, own | {form})

    return change_rules(work, change, accept=accept)


def release_placeholder(work: Work, field: str, value: str, *, accept: bool = False) -> Rematched:
    """Takes a value off the list: records are compared by it again."""
    form = value if field == ANY_FIELD else _form(work, field, value)

    def change(rules: Rules) -> Rules:
        for place in (field, ANY_FIELD):
            own = rules.placeholders.get(place, frozenset())
            if form in own:
                return _with(rules, place, own - {form})
        raise BadRequest(
            f"{form!r} is not on the list of {field}; a value of one repeated character, or of"
            " nothing but words such as 'vendor', cannot be released."
        )

    return change_rules(work, change, accept=accept)


def _form(work: Work, field: str, value: str) -> str:
    """The value as it is compared; of a protected field its fingerprint, never the value."""
    if field not in FORMS:
        raise UnknownName.among("field with placeholders,", field, list(FORMS))
    protected = {line.match for _child, line in work.domain.protected}
    if field in protected:
        value = work.hub.keys.fingerprint("".join(value.split()).upper())
    form = FORMS[field](value)
    if not form:
        raise BadRequest(f"Nothing of the value is compared as {field}.", field="value")
    return form


def _with(rules: Rules, field: str, values: frozenset[str]) -> Rules:
    told: Listed = {**rules.placeholders, field: values}
    return replace(rules, placeholders=MappingProxyType(dict(told)))
