"""Records as people read them: labelled lines, and two records beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mdm.domains import DOMAINS
from mdm.model.domain import Domain
from mdm.model.field import Child
from mdm.records import Document

ACRONYMS = {
    "lei": "LEI",
    "duns": "D-U-N-S",
    "bic": "BIC",
    "iban": "IBAN",
    "vat": "VAT",
    "vat_number": "VAT number",
    "ein": "EIN",
}
NOTHING = ""
FRAMES = ("id",)
TELLING = ("kind", "usage", "legal_entity", "role")
"""Fields that tell a child from its like, the first one that it has."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison; `state` is same, differs, one (only one side tells)."""

    label: str
    left: str
    right: str
    state: str


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that belong together."""

    title: str
    lines: list[Line]


def label(name: str) -> str:
    """A field's name as people read it."""
    return ACRONYMS.get(name, name.replace("_", " ").capitalize())


def shown(value: Any) -> str:
    """A value as people read it; of a protected one its masked text."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        if "masked" in value:
            return str(value["masked"])
        return ", ".join(shown(one) for key, one in value.items() if key not in FRAMES and one)
    if isinstance(value, list):
        return "; ".join(shown(one) for one in value)
    return str(value)


def child_line(child: Child, holder: Document) -> str:
    """A child on one line, its telling fields in their order; bare codes have their label."""
    told = [
        f"{label(field.name).lower()}: {shown(value)}"
        if isinstance(value, bool) or (child.scoped and field.name not in child.key)
        else shown(value)
        for field in child.fields
        if (value := holder.get(field.name)) not in (None, "", False)
    ]
    return " · ".join(told)


def child_parts(child: Child, holder: Document) -> tuple[str, str]:
    """What a child is called, and the rest of it on one line."""
    telling = next((name for name in TELLING if holder.get(name)), "")
    rest = {name: value for name, value in holder.items() if name != telling}
    said = label(str(holder[telling])) if telling else NOTHING
    return said, child_line(child, rest) or child_line(child, holder)


def beside(domain: Domain, left: Document, right: Document) -> list[Section]:
    """Two records beside each other: the fields, then each list of children."""
    fields = [
        _line(label(field.name), shown(left.get(field.name)), shown(right.get(field.name)))
        for field in domain.fields
        if shown(left.get(field.name)) or shown(right.get(field.name))
    ]
    sections = [Section("Record", fields)] if fields else []
    for child in domain.children:
        lines = _child_lines(child, left.get(child.name) or [], right.get(child.name) or [])
        if lines:
            sections.append(Section(label(child.name), lines))
    return sections


def _line(name: str, left: str, right: str) -> Line:
    if left == right:
        state = "same"
    elif left and right:
        state = "differs"
    else:
        state = "one"
    return Line(name, left, right, state)


def _child_lines(child: Child, left: Sequence[Document], right: Sequence[Document]) -> list[Line]:
    """Children of one key beside each other, then those that only one side has."""
    others = list(right)
    lines = []
    rest = []
    for one in left:
        match = next((o for o in others if _key(child, o) == _key(child, one)), None)
        if match is None:
            rest.append(one)
            continue
        others.remove(match)
        lines.append(_line("", child_line(child, one), child_line(child, match)))
    for place in range(max(len(rest), len(others))):
        here = child_line(child, rest[place]) if place < len(rest) else NOTHING
        there = child_line(child, others[place]) if place < len(others) else NOTHING
        lines.append(_line("", here, there))
    return lines


def _key(child: Child, holder: Document) -> tuple[str, ...]:
    return tuple(_comparable(holder.get(name)) for name in child.key)


def _comparable(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("fingerprint"))
    return str(value or "").casefold()


def title_of(domain_name: str, record: Document) -> str:
    """What a record is called: its name, else its code."""
    state = record["slices"][-1] if record.get("slices") else record
    if DOMAINS[domain_name].code and state.get("code"):
        return f"{state['code']} {state.get('name') or ''}".strip()
    return str(state.get("name") or "without a name")
