"""How one value is read and cleaned for a field, by the field's kind.

A cleaner answers the published form of a value. What it cannot read raises Unreadable; a code it
does not know is kept as told and noted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from matching.kinds import KINDS
from matching.words import trimmed
from mdm.inbound.functions import Unreadable, day, flag
from mdm.model.field import Field
from mdm.sealing.protected import mask


@dataclass(slots=True)
class Noted:
    """Codes that no value map knows: those of the row at hand, and of all rows taken, counted."""

    row: list[tuple[str, str]] = field(default_factory=list)
    unmapped: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take_row(self) -> None:
        """Counts the codes of the row at hand; those of a refused row are not to be mapped yet."""
        self.unmapped.update(self.row)
        self.row.clear()


IBAN_LIKE = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b", re.IGNORECASE)


def without_accounts(text: str) -> str:
    """The text with what looks like an IBAN masked: a value may stand in the wrong column."""
    return IBAN_LIKE.sub(lambda found: mask(found[0]), text)


Clean = Callable[[Any, str | None, Noted], Any]
Codes = Mapping[str, str]


def as_text(value: Any) -> str:
    """The value as text: numbers as they are written, never as floats; Unreadable for the rest."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | dict | list):
        told = "a yes or no" if isinstance(value, bool) else "a structure"
        raise Unreadable("wrong_type", f"it holds {told} where a text is expected.")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def cleaner(line: Field, codes: Codes | None) -> Clean:
    """The cleaner of a field; `codes` is the value map of its mapping line, if it has one."""
    if line.kind == "flag":
        return lambda value, _country, _noted: flag(value)
    if line.kind == "date":
        return lambda value, _country, _noted: day(value)
    if line.kind == "decimal":
        return lambda value, _country, _noted: decimal(value)
    if line.kind == "choice":
        return _coded(line.name, {choice: choice for choice in line.choices}, codes)
    if line.kind in LISTED:
        return _listed(line, codes)
    plain = _by_kind(line)
    return plain if codes is None else _mapped(line.name, codes, plain)


def _by_kind(line: Field) -> Clean:
    kind = KINDS.get(line.kind)
    clean = kind.clean if kind is not None else trimmed

    def cleaned(value: Any, country: str | None, _noted: Noted) -> str | None:
        return clean(value if type(value) is str else as_text(value), country) or None

    return cleaned


def _folded(codes: Codes) -> dict[str, str]:
    # A value map knows what it translates to as well: a source may speak our codes already.
    return {v.lower(): v for v in codes.values()} | {k.lower(): v for k, v in codes.items()}


def _coded(name: str, own: Codes, codes: Codes | None) -> Clean:
    known = _folded(own) | _folded(codes or {})

    def clean(value: Any, _country: str | None, noted: Noted) -> str | None:
        text = as_text(value).strip() if not isinstance(value, bool) else str(value).lower()
        found = known.get(text.lower())
        if found is not None or not text:
            return found
        noted.row.append((name, without_accounts(text)))
        return text

    return clean


def _mapped(name: str, codes: Codes, plain: Clean) -> Clean:
    known = _folded(codes)

    def clean(value: Any, country: str | None, noted: Noted) -> Any:
        text = as_text(value).strip()
        found = known.get(text.lower())
        if found is not None or not text:
            return found
        noted.row.append((name, without_accounts(text)))
        return plain(text, country, noted)

    return clean


def _listed(line: Field, codes: Codes | None) -> Clean:
    """Of kinds that a standard lists: what the standard does not know is a code to be mapped."""
    known = _folded(codes or {})
    kind = KINDS[line.kind]
    name = line.name

    @lru_cache(maxsize=8192)
    def standard(text: str) -> tuple[str, bool]:
        found = known.get(text.lower()) or kind.clean(text, None)
        return found, kind.problem(found, None) is None

    def clean(value: Any, _country: str | None, noted: Noted) -> str | None:
        text = (value if type(value) is str else as_text(value)).strip()
        if not text:
            return None
        found, is_known = standard(text)
        if not is_known:
            noted.row.append((name, without_accounts(text)))
        return found

    return clean


LISTED = frozenset({"country", "currency", "language"})


@lru_cache(maxsize=4096)
def _decimal(text: str) -> str | None:
    plain = text.strip().rstrip("%").replace(" ", "").replace("\u00a0", "")
    if not plain:
        return None
    if "," in plain and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        number = Decimal(plain)
    except InvalidOperation as error:
        raise Unreadable(
            "unreadable_number", f"{text!r} is not a number; write it as 19 or 5.5."
        ) from error
    if not number.is_finite():
        raise Unreadable("unreadable_number", f"{text!r} is not a number; write it as 19 or 5.5.")
    shown = f"{number.normalize():f}"
    return "0" if shown == "-0" else shown


def decimal(value: Any) -> str | None:
    """A decimal number as text, without trailing zeros: 19, "19.00", "19 %", "19,5"."""
    return _decimal(as_text(value))
