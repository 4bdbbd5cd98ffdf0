"""One of a few words a field allows; which ones, its domain says."""

from __future__ import annotations

from matching.kinds.kind import Kind, no_problem


def clean(value: str, country: str | None) -> str:
    """The word in lower case, joined by underscores ("Remit to" is "remit_to")."""
    return "_".join(value.lower().split())


KIND = Kind("choice", clean, no_problem, clean)
