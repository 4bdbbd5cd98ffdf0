"""Postal codes: compared as letters and digits only; a US ZIP+4 by its five digits."""

from __future__ import annotations

import re

from matching.kinds.kind import Kind, no_problem
from matching.words import ascii_lower, trimmed

_ZIP4 = re.compile(r"^(\d{5})-?\d{4}$")
_NOT_CODE = re.compile(r"[^a-z0-9]+")
_COUNTRY = re.compile(r"^[a-z]{1,2}-(?=\d)")
ZIP4_DIGITS = 9
LONGEST = 24


def clean(value: str, country: str | None) -> str:
    """The code in capitals with single spaces."""
    return trimmed(value).upper()


def match_form(value: str, country: str | None) -> str:
    """Letters and digits of the code, without a country prefix ("D-80331") or a ZIP+4 tail."""
    if len(value) < ZIP4_DIGITS and value.isascii() and value.isalnum():
        return value.lower()
    text = _COUNTRY.sub("", ascii_lower(value[:LONGEST]).strip())
    text = _ZIP4.sub(r"\1", text)
    return _NOT_CODE.sub("", text)


KIND = Kind("postcode", clean, no_problem, match_form)
