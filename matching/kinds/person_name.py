"""Names of persons: titles dropped, order free ("Muster, Hans" and "Dr. Hans Muster")."""

from __future__ import annotations

from matching.kinds.kind import Kind, no_problem
from matching.words import spelled, trimmed, words

TITLES = frozenset(
    "mr mrs ms miss dr prof herr frau hr fr dipl ing mag sir dame lord lady jr sr phd md mba esq "
    "dott dottssa sig sra srta mme mlle don dona".split()
)


def match_words(value: str) -> list[str]:
    """The names in the order written, surname last where a comma says so; titles dropped."""
    last, comma, first = value.partition(",")
    told = words(f"{first} {last}" if comma else value)
    kept = [spelled(word) for word in told if word not in TITLES]
    return kept or [spelled(word) for word in told]


def match_form(value: str, country: str | None) -> str:
    """The names between single spaces."""
    return " ".join(match_words(value))


KIND = Kind("person_name", trimmed, no_problem, match_form)
