"""Decimal numbers: exact, as text, with a point."""

from __future__ import annotations

import re
from decimal import Decimal

from matching.kinds.kind import Kind

_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{1,30})?")
_COMMA = re.compile(r"[+-]?\d{1,30},\d{1,2}|[+-]?\d{1,30},\d{4,30}|[+-]?0,\d{1,30}")
_GROUPED_POINT = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d{1,3}(?:,\d{3}){2,}")
_GROUPED_COMMA = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d{1,3}(?:\.\d{3}){2,}")


def clean(value: str, country: str | None) -> str:
    """The number with a point and no zeros that say nothing ("19,50" is "19.5").

    The value stays as it is where it is no number, or where a comma could be either ("1,234").
    """
    said = "".join(value.split()).removesuffix("%")
    if said.endswith("-"):
        said = "-" + said[:-1]
    if _GROUPED_POINT.fullmatch(said):
        said = said.replace(",", "")
    elif _GROUPED_COMMA.fullmatch(said):
        said = said.replace(".", "").replace(",", ".")
    elif _COMMA.fullmatch(said):
        said = said.replace(",", ".")
    if not _NUMBER.fullmatch(said):
        return value.strip()
    return _plain(said)


def _plain(said: str) -> str:
    text = f"{Decimal(said):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def problem(value: str, country: str | None) -> str | None:
    """Says that the value is no number, or that its comma can be read in two ways."""
    if _NUMBER.fullmatch(clean(value, country)):
        return None
    if re.fullmatch(r"[+-]?\d{1,3},\d{3}", value.strip()):
        return f"{value!r} can be read in two ways: write it with a point, or without the comma."
    return f"{value!r} is no number."


KIND = Kind("decimal", clean, problem, clean)
