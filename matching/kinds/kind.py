"""What a kind of value can do: clean it, say what is wrong with it, and give its compared form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from matching.words import LONGEST

Clean = Callable[[str, str | None], str]
Problem = Callable[[str, str | None], str | None]

LATELY = 16_384
"""Compared forms remembered of each kind: a record is asked for the same ones several times."""


@dataclass(frozen=True)
class Kind:
    """One kind of value.

    `clean(value, country)` is the published form, never lossy; `problem(value, country)` one
    sentence for a business reader, None if fine; `match_form(value, country)` what is compared.
    """

    name: str
    clean: Clean
    problem: Problem
    match_form: Clean


def no_problem(value: str, country: str | None) -> str | None:
    """Nothing can be wrong with a value of this kind."""
    return None


def remembering(kind: Kind) -> Kind:
    """The same kind, its latest compared forms remembered."""
    form = kind.match_form
    known = lru_cache(maxsize=LATELY)(form)

    def match_form(value: str, country: str | None) -> str:
        return known(value, country) if len(value) <= LONGEST else form(value, country)

    return replace(kind, match_form=match_form)
