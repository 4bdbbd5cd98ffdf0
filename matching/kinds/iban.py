"""IBANs (ISO 13616): checked by length, structure and check digits, never quoted in a sentence."""

from __future__ import annotations

import re
from functools import cache

from stdnum import iban as library
from stdnum import numdb

from matching.kinds.code import compacted
from matching.kinds.country import name
from matching.kinds.kind import Kind

SHORTEST, LONGEST = 15, 34
_BEGINNING = re.compile("[A-Z]{2}[0-9]{2}[A-Z0-9]*")
_PART = re.compile("([1-9][0-9]*)!([nac])")
_CHARACTERS = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}
_VALUES = {ord(letter): str(ord(letter) - 55) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_FURTHER_CHECKS = frozenset({"ES", "ME", "NO"})
"""Countries for which the library knows a check of the national account number too."""
BELGIAN = 97


@cache
def _structure(country: str) -> tuple[re.Pattern[str], int] | None:
    known = numdb.get("iban").info(country) if country else []
    found = known[0][1].get("bban") if known else None
    if not found:
        return None
    parts = _PART.findall(found)
    length = 4 + sum(int(count) for count, _ in parts)
    pattern = "".join(f"{_CHARACTERS[kind]}{{{count}}}" for count, kind in parts)
    return re.compile(f"[A-Z]{{2}}[0-9]{{2}}{pattern}"), length


def is_like(number: str) -> bool:
    """Whether a compacted number is meant as an IBAN: as long as one, or cut off but begun so."""
    if _BEGINNING.fullmatch(number) is None or len(number) > LONGEST:
        return False
    return len(number) >= SHORTEST or _structure(number[:2]) is not None


def is_valid(number: str) -> bool:
    """Whether a compacted number is an IBAN; the library's answer, several times as fast."""
    country = number[:2]
    known = _structure(country)
    if known is None or not known[0].fullmatch(number):
        return False
    if int((number[4:] + number[:4]).translate(_VALUES)) % 97 != 1:
        return False
    if country == "BE":
        # The library also asks its list of banks, but banks are founded after it was written.
        return (int(number[4:-2]) % BELGIAN or BELGIAN) == int(number[-2:])
    return country not in _FURTHER_CHECKS or bool(library.is_valid(number))


def clean(value: str, country: str | None) -> str:
    """The IBAN without spaces and punctuation, in capitals."""
    return compacted(value.strip().removeprefix("IBAN").removeprefix("iban"))


def problem(value: str, country: str | None) -> str | None:
    """Says what is wrong with the IBAN, without quoting it."""
    number = clean(value, country)
    if is_valid(number):
        return None
    known = _structure(number[:2])
    if known is None:
        return f"No country writes IBANs that begin with {number[:2]!r}."
    if len(number) != known[1]:
        where = name(number[:2])
        return f"The IBAN has {len(number)} characters; one from {where} has {known[1]}."
    if not known[0].fullmatch(number):
        return f"The IBAN has letters or digits where one from {name(number[:2])} has none."
    return "The check digits of the IBAN are wrong: a character is mistyped or swapped."


def match_form(value: str, country: str | None) -> str:
    """The IBAN in lower case."""
    return clean(value, country).lower()


KIND = Kind("iban", clean, problem, match_form)
