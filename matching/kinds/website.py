"""Web domains: what is left of an address without scheme, "www." and path."""

from __future__ import annotations

import re

from matching import identifiers
from matching.kinds.kind import Kind

_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")
_ADDRESS = re.compile(r"^(?:[a-z]+://)?(?:[^/@\s]*@)?(?:www\d?\.)?([^/:?#\s]*).*$")


def clean(value: str, country: str | None) -> str:
    """The web domain in lower case; the value as it is where it is none."""
    host = _ADDRESS.sub(r"\1", value.strip().lower()).rstrip(".")
    return host if "." in host else value.strip()


def problem(value: str, country: str | None) -> str | None:
    """Says that the value is no web address."""
    if _HOST.fullmatch(value) or _HOST.fullmatch(clean(value, country)):
        return None
    return f"{value.strip()!r} is no web address; it is written as company.com."


def match_form(value: str, country: str | None) -> str:
    """The web domain as it is compared."""
    return identifiers.host(clean(value, country))


KIND = Kind("website", clean, problem, match_form)
