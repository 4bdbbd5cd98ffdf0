"""What a kind of value can do: clean it, say what is wrong with it, and give its compared form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Clean = Callable[[str, str | None], str]
Problem = Callable[[str, str | None], str | None]


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
