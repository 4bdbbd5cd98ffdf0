"""Cities: compared without the words that come and go ("Frankfurt am Main", "St. Louis")."""

from __future__ import annotations

from matching.kinds.kind import Kind, no_problem
from matching.words import spelled, trimmed, words

SPELLINGS = {
    "saint": "st",
    "sankt": "st",
    "sainte": "st",
    "ste": "st",
    "fort": "ft",
    "mount": "mt",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "nth": "n",
    "sth": "s",
}
DROPPED = frozenset({"city", "of", "am", "an", "der", "im", "cedex", "the", "de", "la", "le"})


def match_words(value: str) -> list[str]:
    """The words of a city that tell it from another; digits (districts, CEDEX 08) are dropped."""
    told = [SPELLINGS.get(word, word) for word in words(value) if not word.isdigit()]
    kept = [spelled(word) for word in told if word not in DROPPED]
    return kept or [spelled(word) for word in told]


def match_form(value: str, country: str | None) -> str:
    """The city's telling words, joined."""
    return "".join(match_words(value))


KIND = Kind("city", trimmed, no_problem, match_form)
