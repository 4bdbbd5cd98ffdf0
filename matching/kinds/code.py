"""Codes and account numbers: text with its leading zeros, compared without spaces and case."""

from __future__ import annotations

import re
import unicodedata

from matching.kinds.kind import Kind, no_problem
from matching.words import trimmed

LONGEST = 200
_NOT_ALNUM = re.compile("[^A-Za-z0-9]+")


def compacted(value: str) -> str:
    """The letters and digits of a number, in capitals: punctuation says nothing."""
    if not value.isascii():
        value = unicodedata.normalize("NFKC", value)
    return _NOT_ALNUM.sub("", value[:LONGEST]).upper()


def placeholder(number: str) -> bool:
    """One character over and over ("0000000"), or nothing: never a real number."""
    return number == number[:1] * len(number)


def match_form(value: str, country: str | None) -> str:
    """The code in lower case without spaces; its leading zeros and punctuation tell it apart."""
    return "".join(value[:LONGEST].casefold().split())


KIND = Kind("code", trimmed, no_problem, match_form)
