"""Values that stand for "not known", found in the data: nobody's number, or everybody's.

A number is nobody's where it looks made up (123456789, "applied for") and several records have it.
It is everybody's where many records have it and nearly all of them have another name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from matching import identifiers
from matching.columns import Int64, grouped, sizes_of
from matching.rules import Rules
from matching.table import Flat, Table

NUMBERS = ("vat_number", "tax_number", "lei", "iban", "phone")
FIELDS = (*NUMBERS, "email")
MADE_UP_FROM = 3
"""Records that must have a value that looks made up: a lone one meets nobody anyhow."""
EVERYBODYS_FROM = 20
OTHER_NAMES = 0.8
"""Share of the records with a value whose names must differ for it to be everybody's."""
FEWEST_DIGITS = 4
FEW_LETTERS = 2
NOT_DIGITS = re.compile("[^0-9]+")
RUNS = ("01234567890123456789", "98765432109876543210")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A value that is compared no more, in compared form, with the reason."""

    field: str
    value: str
    records: int
    names: int
    """Different names among those records."""
    reason: str
    """`made up` or `everybody's`."""


def found(table: Table) -> list[Placeholder]:
    """The placeholders among the identifiers and contacts of a table, the most frequent first."""
    name = name_of(table)
    told = [each for field in FIELDS for each in in_field(field, table.flats[field], name)]
    return sorted(told, key=lambda each: (-each.records, each.field, each.value))


def name_of(table: Table) -> Int64:
    """Of each row a number for its first name; a number of its own for a row without one."""
    out = np.arange(table.rows, dtype=np.int64)
    for names in (table.persons, table.names):
        told = np.diff(names.start) > 0
        out[told] = names.keys[names.start[:-1][told]]
    return out


def in_field(field: str, flat: Flat, name: Int64) -> list[Placeholder]:
    """The placeholders among the values of one field."""
    order, begin = grouped(flat.hashes)
    sizes, rows = sizes_of(begin, len(order)), flat.rows
    often = np.flatnonzero(sizes >= MADE_UP_FROM)
    values = flat.text.gather(order[begin[often]]).to_list()
    out = []
    for value, start, size in zip(values, begin[often], sizes[often], strict=True):
        nobodys = field in NUMBERS and made_up(value)
        # A bank account of many is a factor's, and for a person to see: it stays.
        if not nobodys and (field == "iban" or size < EVERYBODYS_FROM):
            continue
        held = np.unique(rows[order[start : start + size]])
        records, names = len(held), len(np.unique(name[held]))
        if nobodys:
            out.append(Placeholder(field, value, records, names, "made up"))
        elif records >= EVERYBODYS_FROM and names >= OTHER_NAMES * records:
            out.append(Placeholder(field, value, records, names, "everybody's"))
    return out


def made_up(value: str) -> bool:
    """Whether a number looks like none: hardly a digit, one digit but for one, or a run of them."""
    digits = value if value.isdigit() else NOT_DIGITS.sub("", value)
    if len(digits) < FEWEST_DIGITS:
        return True
    different = set(digits)
    alike = len(different) <= FEW_LETTERS and (
        len(different) == 1 or min(map(digits.count, different)) == 1
    )
    return alike or any(digits in run for run in RUNS)


def value_form(field: str, value: str) -> str:
    """A value of one of these fields as it is compared."""
    forms = {"vat_number": identifiers.vat, "phone": identifiers.phone, "email": identifiers.email}
    return forms.get(field, identifiers.code)(value)


def listed(rules: Rules, told: list[Placeholder]) -> Rules:
    """The rules with these placeholders."""
    fields = dict(rules.placeholders)
    for each in told:
        fields[each.field] = fields.get(each.field, frozenset()) | {each.value}
    return replace(rules, placeholders=MappingProxyType(fields))
