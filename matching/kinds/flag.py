"""Yes or no, in the ways systems write it."""

from __future__ import annotations

from matching.kinds.kind import Kind

YES = frozenset({"true", "t", "yes", "y", "x", "1", "on", "ja", "oui", "si", "sí"})
NO = frozenset({"false", "f", "no", "n", "", "0", "off", "nein", "non", "-"})


def clean(value: str, country: str | None) -> str:
    """ "true" or "false"; the value as it is where it is neither."""
    said = value.strip().lower()
    if said in YES:
        return "true"
    return "false" if said in NO else value.strip()


def problem(value: str, country: str | None) -> str | None:
    """Says that the value is neither yes nor no."""
    if clean(value, country) in ("true", "false"):
        return None
    return f"{value!r} is neither yes nor no."


KIND = Kind("flag", clean, problem, clean)
