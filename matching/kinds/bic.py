"""BICs (ISO 9362): 8 or 11 characters that name a bank."""

from __future__ import annotations

import re

from matching.kinds.code import compacted
from matching.kinds.country import CODES
from matching.kinds.kind import Kind

LENGTHS = (8, 11)
HEAD_OFFICE = "XXX"
_BIC = re.compile("[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


def clean(value: str, country: str | None) -> str:
    """The BIC without spaces, in capitals."""
    return compacted(value)


def problem(value: str, country: str | None) -> str | None:
    """Says that the length, the form or the country of the BIC is wrong."""
    number = clean(value, country)
    if len(number) not in LENGTHS:
        return f"The BIC {number} has {len(number)} characters; a BIC has 8 or 11."
    if not _BIC.fullmatch(number):
        return f"The BIC {number} has a digit where its country stands (characters 5 and 6)."
    if number[4:6] not in CODES:
        return f"The BIC {number} names the country {number[4:6]}, which there is not."
    return None


def match_form(value: str, country: str | None) -> str:
    """The BIC in lower case, a head office without its XXX."""
    return clean(value, country).removesuffix(HEAD_OFFICE).lower()


KIND = Kind("bic", clean, problem, match_form)
