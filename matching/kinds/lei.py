"""Legal entity identifiers (ISO 17442): 20 characters, the last two check the others."""

from __future__ import annotations

import re

from matching.kinds.code import compacted
from matching.kinds.kind import Kind

LENGTH = 20
_LEI = re.compile("[A-Z0-9]{18}[0-9]{2}")
_VALUES = {ord(letter): str(ord(letter) - 55) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def is_valid(number: str) -> bool:
    """Whether a compacted number is an LEI."""
    return _LEI.fullmatch(number) is not None and int(number.translate(_VALUES)) % 97 == 1


def clean(value: str, country: str | None) -> str:
    """The LEI without spaces, in capitals."""
    return compacted(value)


def problem(value: str, country: str | None) -> str | None:
    """Says that the length or the check digits are wrong."""
    number = clean(value, country)
    if is_valid(number):
        return None
    if len(number) != LENGTH:
        return f"The LEI {number} has {len(number)} characters; an LEI has {LENGTH}."
    return f"The check digits of the LEI {number} are wrong: a character is mistyped or swapped."


def match_form(value: str, country: str | None) -> str:
    """The LEI in lower case."""
    return clean(value, country).lower()


KIND = Kind("lei", clean, problem, match_form)
