"""Currencies: ISO 4217 alphabetic codes."""

from __future__ import annotations

from functools import cache, lru_cache

import pycountry

from matching.kinds.kind import Kind
from matching.words import letters

CODES: frozenset[str] = frozenset(one.alpha_3 for one in pycountry.currencies)
SIGNS = {"€": "EUR", "£": "GBP", "US$": "USD", "ZŁ": "PLN", "KČ": "CZK", "₹": "INR", "CHF.": "CHF"}
"""Signs of one currency only: "$" and "kr" are those of many."""
FORMER = {"RUR": "RUB", "TRL": "TRY", "ROL": "RON", "RMB": "CNY", "CNH": "CNY"}


@cache
def _known() -> dict[str, str]:
    found: dict[str, str] = {}
    for one in pycountry.currencies:
        found[one.numeric] = one.alpha_3
        found[letters(one.name)] = one.alpha_3
    return found | SIGNS | FORMER


def clean(value: str, country: str | None = None) -> str:
    """The code of three letters; the value as it is where no currency is known by it."""
    return value if value in CODES else _looked_up(value)


@lru_cache(maxsize=4096)
def _looked_up(value: str) -> str:
    said = value.strip()
    upper = said.upper()
    if upper in CODES:
        return upper
    return _known().get(upper) or _known().get(letters(said)) or said


def problem(value: str, country: str | None = None) -> str | None:
    """Says that no currency is known by this code."""
    if clean(value) in CODES:
        return None
    return f"{value!r} is no currency of ISO 4217; write its code of three letters, such as EUR."


def match_form(value: str, country: str | None = None) -> str:
    """The code in lower case."""
    return clean(value).lower()


KIND = Kind("currency", clean, problem, match_form)
