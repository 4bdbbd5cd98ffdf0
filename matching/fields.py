"""The fields records are compared on and the levels of agreement of each, worst to best.

A level is written as one character: its position, or "." where a record has no value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MISSING = "."
CODES = "0123456789"


@dataclass(frozen=True, slots=True)
class Level:
    """A level of agreement: its name, what it means, and the bits it is worth before learning."""

    name: str
    meaning: str
    bits: float


@dataclass(frozen=True, slots=True)
class Field:
    """A compared field and its levels, worst first."""

    name: str
    levels: tuple[Level, ...]


NAME_LEVELS = (
    Level("different", "the names have nothing in common", -8.0),
    Level("weak", "the names resemble each other", -5.0),
    Level("sister", "words in common, and words of their own on both sides", -5.0),
    Level("further words", "one name has further words that matter", -0.5),
    Level("light words", "one name has further words that say little", 2.5),
    Level("spelling", "the same name, misspelt, shortened or cut", 5.0),
    Level("equal, common", "the same name, which many have", 4.0),
    Level("equal", "the same name", 7.0),
)
DIFFERENT, WEAK, SISTER, FURTHER, LIGHT, SPELLING, EQUAL_COMMON, EQUAL = range(8)
OTHER_NAME = SISTER
"""Up to this level names are two: sister companies may share a VAT group's number."""
TELLING_BITS = 80
"""Tenths of bits from which the words of a name, together, tell who it is."""


def shared(
    what: str, different: float, common: float, equal: float, many: str = ""
) -> tuple[Level, ...]:
    """Levels of a value that is equal or not, told apart by how many records hold it."""
    return (
        Level("different", f"the {many or what + 's'} differ", different),
        Level("equal, common", f"the same {what}, which many have", common),
        Level("equal", f"the same {what}", equal),
    )


def official(what: str, different: float) -> tuple[Level, ...]:
    """Levels of a number given by an authority; numbers of unlike shape are not compared."""
    return (
        Level("different", f"the {what}s differ", different),
        Level("similar", f"the {what}s differ by a slip", 2.0),
        Level("equal, common", f"the same {what}, which many have", 5.0),
        Level("equal", f"the same {what}", 12.0),
    )


FIELDS: tuple[Field, ...] = (
    Field("name", NAME_LEVELS),
    Field(
        "number",
        (
            Level("conflict", "numbers in the names differ", -5.0),
            Level("one-sided", "only one name has a number", -1.0),
            Level("equal", "the same numbers in the names", 0.5),
        ),
    ),
    Field(
        "legal_form",
        (
            Level("different", "legal forms of different classes", -1.5),
            Level("equal", "legal forms of one class", 0.3),
        ),
    ),
    Field("person_name", NAME_LEVELS),
    Field(
        "street",
        (
            Level("different", "another street and number", -3.0),
            Level("number only", "the same house number in another street", -2.0),
            Level("conflict", "the same street, another house number", -1.5),
            Level("street", "the same street, house number not told", 2.0),
            Level("similar", "the same house number in a street much alike", 4.0),
            Level("equal, common", "the same address, which many have", 2.5),
            Level("equal", "the same address", 5.5),
        ),
    ),
    Field(
        "city",
        (
            Level("different", "the cities differ", -2.0),
            Level("similar", "the cities are spelt alike", 0.8),
            Level("equal", "the same city", 1.0),
        ),
    ),
    Field(
        "postcode",
        (
            Level("different", "the postal codes differ", -2.0),
            Level("near", "the postal codes begin alike", 0.0),
            Level("equal", "the same postal code", 2.5),
        ),
    ),
    Field(
        "country",
        (
            Level("different", "the countries differ", -5.0),
            Level("equal", "the same country", 0.2),
        ),
    ),
    Field("vat_number", official("VAT number", -5.0)),
    Field("tax_number", official("tax number", -4.0)),
    Field("lei", shared("LEI", -8.0, 8.0, 14.0)),
    Field("iban", shared("bank account", -0.5, 2.0, 8.0)),
    Field(
        "phone",
        (
            Level("different", "the phone numbers differ", -1.0),
            Level("local", "the last seven digits of the phone numbers are equal", 3.0),
            Level("equal, common", "the same phone number, which many have", 1.5),
            Level("equal", "the same phone number", 6.0),
        ),
    ),
    Field(
        "email",
        (
            Level("different", "the mail addresses differ", -0.5),
            Level("equal, common", "the same mail address, which many have", 2.0),
            Level("equal", "the same mail address", 7.0),
        ),
    ),
    Field(
        "website",
        (
            Level("different", "the web domains differ", -1.0),
            Level("equal, common", "the same web domain, which many have", 1.0),
            Level("equal", "the same web domain", 4.5),
        ),
    ),
    Field("birth_date", shared("date of birth", -5.0, 5.0, 6.0, "dates of birth")),
)
NAMES: tuple[str, ...] = tuple(field.name for field in FIELDS)
POSITION: dict[str, int] = {name: at for at, name in enumerate(NAMES)}
IDENTIFIERS = ("vat_number", "tax_number", "lei")


def identified(levels: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Whether a pair (a row of levels) has an equal VAT number, tax number or LEI."""
    out = np.zeros(len(levels), dtype=np.bool_)
    for name in IDENTIFIERS:
        at = POSITION[name]
        out |= levels[:, at] >= len(FIELDS[at].levels) - 2
    return out


INPUTS: tuple[str, ...] = (
    "name", "legal_form", "person_name", "address", "street", "city", "postcode", "country",
    "vat_number", "tax_number", "lei", "iban", "phone", "email", "website", "birth_date",
)  # fmt: skip
"""The columns read of a record."""
