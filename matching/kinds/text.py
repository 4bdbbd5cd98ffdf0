"""Free text: compared by its words."""

from __future__ import annotations

from matching.kinds.kind import Kind, no_problem
from matching.words import trimmed, words


def match_form(value: str, country: str | None) -> str:
    """The words of the text, folded, between single spaces."""
    return " ".join(words(value))


KIND = Kind("text", trimmed, no_problem, match_form)
