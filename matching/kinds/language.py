"""Languages: ISO 639-1 codes."""

from __future__ import annotations

from functools import cache, lru_cache

import pycountry

from matching.kinds.kind import Kind
from matching.words import letters


@cache
def _codes() -> frozenset[str]:
    return frozenset(one.alpha_2 for one in pycountry.languages if hasattr(one, "alpha_2"))


@cache
def _known() -> dict[str, str]:
    found: dict[str, str] = {}
    for one in pycountry.languages:
        if hasattr(one, "alpha_2"):
            found[one.alpha_3] = one.alpha_2
            found[getattr(one, "bibliographic", one.alpha_3)] = one.alpha_2
            found[letters(one.name)] = one.alpha_2
    return found


@lru_cache(maxsize=4096)
def clean(value: str, country: str | None = None) -> str:
    """The code of two letters ("de-AT" and "German" are "de"); as it is where it is unknown."""
    said = value.strip()
    code = said.lower().replace("_", "-").split("-")[0]
    if code in _codes():
        return code
    return _known().get(code) or _known().get(letters(said)) or said


def problem(value: str, country: str | None = None) -> str | None:
    """Says that no language is known by this code."""
    if clean(value) in _codes():
        return None
    return f"{value!r} is no language of ISO 639-1; write its code of two letters, such as de."


def match_form(value: str, country: str | None = None) -> str:
    """The code in lower case."""
    return clean(value).lower()


KIND = Kind("language", clean, problem, match_form)
