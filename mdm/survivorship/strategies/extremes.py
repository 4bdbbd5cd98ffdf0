"""The lowest or the highest value wins."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from mdm.model.field import Field
from mdm.survivorship.member import Told

Size = tuple[bool, Decimal, str]


def lowest(field: Field, told: Sequence[Told]) -> Told:
    """It is the lowest value; among equals, that of the most trusted source."""
    return min(told, key=lambda one: _size(field, one.value))


def highest(field: Field, told: Sequence[Told]) -> Told:
    """It is the highest value; among equals, that of the most trusted source."""
    return max(told, key=lambda one: _size(field, one.value))


def _size(field: Field, value: object) -> Size:
    """Numbers by their size, all else by its text; what should be a number and is none is least."""
    if field.kind != "decimal":
        return (True, Decimal(0), str(value))
    try:
        return (True, Decimal(str(value)), "")
    except InvalidOperation:
        return (False, Decimal(0), str(value))
