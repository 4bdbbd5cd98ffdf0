"""Checks a record: each value by its kind, each required field, each rule on combinations.

A finding never refuses a record: the hub keeps what it was told and says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from matching.kinds import KINDS
from matching.kinds.kind import Kind, no_problem
from mdm.model.domain import Domain
from mdm.model.field import Child, Field, Privacy
from mdm.quality.rules import RULES, Rule
from mdm.records import Arrival, Document, Finding

CHECKED_EARLIER = frozenset({"flag", "date", "decimal", "choice"})
"""Kinds whose values have a form of their own in a document: they are judged when mapped."""


@dataclass(frozen=True, slots=True)
class Checks:
    """All that is checked in records of one domain."""

    required: tuple[Field, ...]
    own: tuple[tuple[Field, Kind], ...]
    children: tuple[tuple[Child, tuple[tuple[Field, Kind], ...]], ...]
    rules: tuple[Rule, ...]


_known: dict[str, tuple[Domain, Checks]] = {}


def checks_of(domain: Domain) -> Checks:
    """What is checked in records of a domain; derived once from its lines."""
    known = _known.get(domain.name)
    if known is None or known[0] is not domain:
        known = _known[domain.name] = (domain, _derived(domain))
    return known[1]


def _derived(domain: Domain) -> Checks:
    children = ((child, _checked(child.fields)) for child in domain.children)
    return Checks(
        required=tuple(field for field in domain.fields if field.required),
        own=_checked(domain.fields),
        children=tuple((child, fields) for child, fields in children if fields),
        rules=tuple(rule for rule in RULES if not rule.domains or domain.name in rule.domains),
    )


def _checked(fields: tuple[Field, ...]) -> tuple[tuple[Field, Kind], ...]:
    return tuple(
        (field, KINDS[field.kind])
        for field in fields
        if field.kind not in CHECKED_EARLIER and KINDS[field.kind].problem is not no_problem
    )


def check(domain: Domain, document: Document, *, partial: bool = False) -> list[Finding]:
    """All that is wrong with a record; of a dated golden record, with each of its slices.

    In a partial record nothing is missing: what it does not tell was told before.
    """
    checks = checks_of(domain)
    if "slices" not in document:
        return [*(() if partial else _missing(checks, document)), *_findings(checks, document)]
    return [
        Finding(one.code, f"slices[{number}].{one.field}", one.message, one.value)
        for number, state in enumerate(document["slices"])
        for one in (*_missing(checks, state), *_findings(checks, state))
    ]


def check_arrivals(domain: Domain, arrivals: Iterable[Arrival]) -> None:
    """Notes in each arrival what is wrong with it; of an ended record nothing is asked."""
    for arrival in arrivals:
        if not arrival.ended:
            found = check(domain, arrival.told, partial=arrival.partial)
            if found:
                arrival.findings = [*arrival.findings, *found]


def _missing(checks: Checks, document: Document) -> Iterator[Finding]:
    for field in checks.required:
        if document.get(field.name) in (None, ""):
            said = f"{field.name} is missing: {field.meaning.rstrip('.').lower()} is required."
            yield Finding("required_missing", field.name, said)


def _findings(checks: Checks, document: Document) -> list[Finding]:
    found: list[Finding] = []
    country = document.get("country")
    for field, kind in checks.own:
        value = document.get(field.name)
        if type(value) is str and (said := kind.problem(value, country)):
            found.append(_finding(field, kind, value, (field.name, said)))
    for child, fields in checks.children:
        for number, holder in enumerate(document.get(child.name) or ()):
            _check_child(fields, holder, (child.name, number, country), found)
    for rule in checks.rules:
        if not rule.needs or document.get(rule.needs):
            found += rule.find(document)
    return found


def _check_child(
    fields: tuple[tuple[Field, Kind], ...],
    holder: Document,
    place: tuple[str, int, str | None],
    found: list[Finding],
) -> None:
    """Adds to the findings what is wrong with one child."""
    name, number, country = place
    where = holder.get("country") or country
    for field, kind in fields:
        value = holder.get(field.name)
        if type(value) is not str:
            continue
        meant = _kind(field, kind, holder.get("kind")) if field.match_by_kind else kind
        if said := meant.problem(value, where):
            found.append(_finding(field, meant, value, (f"{name}[{number}].{field.name}", said)))


def _kind(field: Field, kind: Kind, said: object) -> Kind:
    """The kind of a value whose child tells what it is: a tax number may be a VAT number."""
    for name, column in field.match_by_kind:
        if name == said and column in KINDS:
            return KINDS[column]
    return kind


def _finding(field: Field, kind: Kind, value: str, what: tuple[str, str]) -> Finding:
    path, said = what
    shown = value if field.privacy is Privacy.PUBLIC else None
    return Finding(f"invalid_{kind.name}", path, said, shown)


def check_value(field: Field, value: str, country: str | None, path: str) -> Finding | None:
    """What is wrong with one value in clear; a protected one is judged so before it is sealed."""
    kind = KINDS[field.kind]
    said = kind.problem(value, country)
    return None if said is None else _finding(field, kind, value, (path, said))
