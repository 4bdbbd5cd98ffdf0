"""Countries: ISO 3166 alpha-2 codes, whatever a system writes."""

from __future__ import annotations

from functools import cache, lru_cache

import pycountry
from babel import Locale

from matching.kinds.kind import Kind
from matching.words import letters

KOSOVO = "XK"
"""User-assigned in ISO 3166, used by the European Commission, SWIFT and all ERP systems."""
CODES: frozenset[str] = frozenset({c.alpha_2 for c in pycountry.countries} | {KOSOVO})
ALIASES = {
    "UK": "GB",
    "EL": "GR",
    "XI": "GB",
    "ENGLAND": "GB",
    "SCOTLAND": "GB",
    "WALES": "GB",
    "NORTHERN IRELAND": "GB",
    "GREAT BRITAIN": "GB",
    "AMERICA": "US",
    "UNITED STATES OF AMERICA": "US",
    "HOLLAND": "NL",
    "RUSSIA": "RU",
    "SOUTH KOREA": "KR",
    "TURKEY": "TR",
    "CZECH REPUBLIC": "CZ",
    "UAE": "AE",
    "PRC": "CN",
    "KOSOVO": KOSOVO,
}
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "fi", "nb", "cs", "hu")
"""Languages in which names of countries are understood."""


@cache
def _by_code() -> dict[str, str]:
    found = {code: code for code in CODES}
    for country in pycountry.countries:
        found[country.alpha_3] = country.alpha_2
        found[country.numeric] = country.alpha_2
    return {**found, **ALIASES}


@cache
def _by_name() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in reversed(LANGUAGES):
        for code, name in Locale.parse(language).territories.items():
            if code in CODES:
                found[letters(name)] = code
    for country in pycountry.countries:
        for kind in ("name", "official_name", "common_name"):
            if hasattr(country, kind):
                found[letters(getattr(country, kind))] = country.alpha_2
    return found | {letters(name): code for name, code in ALIASES.items()}


def clean(value: str, country: str | None = None) -> str:
    """The alpha-2 code of a code or a name; the value as it is where no country is known by it."""
    return value if value in CODES else _looked_up(value)


@lru_cache(maxsize=4096)
def _looked_up(value: str) -> str:
    said = value.strip()
    code = _by_code().get(said.upper().replace(".", ""))
    return code or _by_name().get(letters(said)) or said


def name(code: str) -> str:
    """The country's name in English ("Germany"); the code where it has none."""
    said = _english().get(code)
    return said or code


@cache
def _english() -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale.parse("en").territories.items()}


def problem(value: str, country: str | None = None) -> str | None:
    """Says that no country is known by this code or name."""
    if clean(value) in CODES:
        return None
    return f"{value!r} is no country of ISO 3166; write its code of two letters, such as DE."


def match_form(value: str, country: str | None = None) -> str:
    """The code in lower case; of an unknown country, its letters."""
    code = clean(value)
    return code.lower() if code in CODES else letters(code)


KIND = Kind("country", clean, problem, match_form)
