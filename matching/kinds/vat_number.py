"""VAT numbers: with their country's prefix, checked as their country checks them."""

from __future__ import annotations

import re
from functools import cache
from typing import Protocol

from stdnum.ch import uid
from stdnum.no import orgnr
from stdnum.util import get_cc_module

from matching import identifiers
from matching.kinds.code import compacted, placeholder
from matching.kinds.country import CODES, name
from matching.kinds.kind import Kind


class Check(Protocol):
    """What the library offers for one country's numbers."""

    def is_valid(self, number: str) -> bool:
        """Whether the number is valid."""


BRITISH = (r"(?:\d{9}|\d{12}|(?:GD|HA)\d{3})", "9 digits")
WRITTEN: dict[str, tuple[str, str]] = {
    "AT": (r"U\d{8}", "a U and 8 digits"),
    "BE": (r"[01]\d{9}", "10 digits"),
    "BG": (r"\d{9,10}", "9 or 10 digits"),
    "CH": (r"E\d{9}", "an E and 9 digits"),
    "CY": (r"\d{8}[A-Z]", "8 digits and a letter"),
    "CZ": (r"\d{8,10}", "8 to 10 digits"),
    "DE": (r"\d{9}", "9 digits"),
    "DK": (r"\d{8}", "8 digits"),
    "EE": (r"\d{9}", "9 digits"),
    "EL": (r"\d{9}", "9 digits"),
    "ES": (r"[A-Z0-9]\d{7}[A-Z0-9]", "9 characters, most of them digits"),
    "FI": (r"\d{8}", "8 digits"),
    "FR": (r"[A-Z0-9]{2}\d{9}", "2 characters and 9 digits"),
    "GB": BRITISH,
    "HR": (r"\d{11}", "11 digits"),
    "HU": (r"\d{8}", "8 digits"),
    "IE": (r"\d[A-Z0-9]\d{5}[A-Z]{1,2}", "7 digits and 1 or 2 letters"),
    "IT": (r"\d{11}", "11 digits"),
    "LT": (r"(?:\d{9}|\d{12})", "9 or 12 digits"),
    "LU": (r"\d{8}", "8 digits"),
    "LV": (r"\d{11}", "11 digits"),
    "MT": (r"\d{8}", "8 digits"),
    "NL": (r"\d{9}B\d{2}", "9 digits, a B and 2 digits"),
    "NO": (r"\d{9}", "9 digits"),
    "PL": (r"\d{10}", "10 digits"),
    "PT": (r"\d{9}", "9 digits"),
    "RO": (r"\d{2,10}", "2 to 10 digits"),
    "SE": (r"\d{12}", "12 digits"),
    "SI": (r"\d{8}", "8 digits"),
    "SK": (r"\d{10}", "10 digits"),
    "XI": BRITISH,
}
"""How the part after the prefix is written, as a pattern and in words."""
_PATTERNS = {prefix: re.compile(pattern) for prefix, (pattern, _) in WRITTEN.items()}
_ONLY_DIGITS = re.compile(r"\d+(?: (?:or|to) \d+)? digits")
PREFIX_OF = {"GR": "EL"}
COUNTRY_OF = {"EL": "GR", "XI": "GB"}
_LIBRARY_NAME = COUNTRY_OF
SUFFIXES = {"CH": ("MWST", "TVA", "IVA", "TPV", "VAT"), "NO": ("MVA",)}
"""Words that stand after the number in some countries."""


def country_of(number: str) -> str | None:
    """The country whose prefix a cleaned VAT number carries; None where it carries none."""
    prefix = number[:2]
    return COUNTRY_OF.get(prefix, prefix) if prefix in WRITTEN else None


def without_prefix(number: str) -> str:
    """The number without its prefix, where it is written as a VAT number."""
    pattern = _PATTERNS.get(number[:2])
    return number[2:] if pattern is not None and pattern.fullmatch(number, 2) else number


def clean(value: str, country: str | None) -> str:
    """The number without punctuation, in capitals, with its country's prefix ("DE136695976")."""
    number = compacted(value)
    if number[:2] == "GR" and _PATTERNS["EL"].fullmatch(number[2:]):
        return "EL" + number[2:]
    prefix = PREFIX_OF.get(country or "", country or "")
    suffixes = SUFFIXES.get(number[:2]) or SUFFIXES.get(prefix)
    if suffixes:
        number = _without(number, suffixes)
    pattern = _PATTERNS.get(prefix)
    if pattern is None or number.startswith(prefix) or not pattern.fullmatch(number):
        return number
    return prefix + number if _is_own(number, prefix) else number


def _is_own(number: str, prefix: str) -> bool:
    """Whether a number without this prefix lacks it, and does not carry another country's."""
    other = _PATTERNS.get(number[:2])
    if other is None or not other.fullmatch(number, 2):
        return True
    return is_valid(prefix + number, None) and not is_valid(number, None)


def _without(number: str, suffixes: tuple[str, ...]) -> str:
    for suffix in suffixes:
        if number.endswith(suffix):
            return number.removesuffix(suffix)
    return number


def is_valid(number: str, country: str | None) -> bool:
    """Whether a cleaned number passes its country's check; True where no check is known."""
    prefix = number[:2]
    if prefix not in WRITTEN:
        check = _library(country) if country else None
        return check is None or bool(check.is_valid(number))
    quick = _QUICK.get(prefix)
    if quick is not None:
        return _PATTERNS[prefix].fullmatch(number, 2) is not None and quick(number[2:])
    check = _library(prefix)
    national = number if prefix == "CH" else number[2:]
    return check is None or bool(check.is_valid(national))


@cache
def _library(country: str) -> Check | None:
    checks: dict[str, Check] = {"CH": uid, "NO": orgnr}
    if country in checks:
        return checks[country]
    found: Check | None = get_cc_module(_LIBRARY_NAME.get(country, country).lower(), "vat")
    return found


def _german(digits: str) -> bool:
    if digits[0] == "0":
        return False
    rest = 10
    for digit in digits[:8].encode():
        rest = ((rest + digit - 48) % 10 or 10) * 2 % 11
    return (11 - rest) % 10 == int(digits[8])


_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn(digits: str) -> bool:
    """Whether the digits end in their Luhn check digit (ISO/IEC 7812-1, annex B)."""
    plain = [digit - 48 for digit in digits[::-1].encode()]
    return (sum(plain[::2]) + sum(_DOUBLED[digit] for digit in plain[1::2])) % 10 == 0


def _italian(digits: str) -> bool:
    office = digits[7:10]
    known = "001" <= office <= "100" or office in ("120", "121", "888", "999")
    return known and digits[:7] != "0000000" and luhn(digits)


_QUICK = {"DE": _german, "IT": _italian}
"""Checks of our own for the most frequent countries; a test holds them equal to the library's."""


def problem(value: str, country: str | None) -> str | None:
    """Says what is wrong with the VAT number, in words of its country's way of writing it."""
    if value[:2] in WRITTEN and _PATTERNS[value[:2]].fullmatch(value, 2) and is_valid(value, None):
        return None
    number = clean(value, country)
    if number and is_valid(number, country):
        return None
    return _wrong(number, country)


def _wrong(number: str, country: str | None) -> str:
    if not number:
        return "The VAT number has neither letters nor digits."
    prefix = number[:2]
    if placeholder(number.removeprefix(prefix) if prefix in WRITTEN else number):
        return f"The VAT number {number} is a placeholder: one character repeated."
    if prefix not in WRITTEN:
        return _foreign(number, country)
    if not _PATTERNS[prefix].fullmatch(number, 2):
        return _misshapen(number, prefix)
    return f"The check digits of the VAT number {number} are wrong: a digit is mistyped or swapped."


def _misshapen(number: str, prefix: str) -> str:
    where, words = name(COUNTRY_OF.get(prefix, prefix)), WRITTEN[prefix][1]
    digits = sum(character.isdigit() for character in number)
    if words == f"{digits} digits":
        return f"The VAT number {number} has letters where one from {where} has none."
    if _ONLY_DIGITS.fullmatch(words):
        plural = "digit" if digits == 1 else "digits"
        return (
            f"The VAT number {number} has {digits} {plural}; one from {where} has"
            f" {words.removesuffix(' digits')}."
        )
    return f"The VAT number {number} is not written as one from {where}: {prefix}, then {words}."


def _foreign(number: str, country: str | None) -> str:
    where = name(country) if country in CODES and country else "its country"
    return f"The VAT number {number} is not one that {where} gives out: a character is wrong."


def match_form(value: str, country: str | None) -> str:
    """The number without its prefix, as it is compared."""
    return identifiers.vat(clean(value, country))


KIND = Kind("vat_number", clean, problem, match_form)
