"""Mail addresses."""

from __future__ import annotations

import re

from matching import identifiers
from matching.kinds.kind import Kind

LONGEST = 254
_ADDRESS = re.compile(
    r"[^\s@<>(),;:\"\[\]\\]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]"
)
_SHOWN = re.compile(r".*<([^<>]+)>\s*")


def clean(value: str, country: str | None) -> str:
    """The address without a displayed name, its domain in lower case."""
    said = _SHOWN.sub(r"\1", value.strip()) if value.endswith(">") else value.strip()
    if said[:7].lower() == "mailto:":
        said = said[7:]
    local, at, domain = said.rpartition("@")
    return f"{local}{at}{domain.lower()}"


def _is_address(said: str) -> bool:
    return len(said) <= LONGEST and ".." not in said and _ADDRESS.fullmatch(said) is not None


def problem(value: str, country: str | None) -> str | None:
    """Says that the value is no mail address."""
    if _is_address(value):
        return None
    said = clean(value, country)
    if _is_address(said):
        return None
    if said.count("@") > 1 or ";" in said or "," in said:
        return f"{said!r} is more than one mail address; keep the one to write to."
    return f"{said!r} is no mail address; it is written as name@company.com."


def match_form(value: str, country: str | None) -> str:
    """The address in lower case; nothing where it is none."""
    return identifiers.email(clean(value, country))


KIND = Kind("email", clean, problem, match_form)
