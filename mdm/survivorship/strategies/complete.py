"""The word of the most complete source record wins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mdm.model.field import Field
from mdm.survivorship.member import Told, is_told


def choose(field: Field, told: Sequence[Told]) -> Told:
    """Its source record tells most values; among equals, the most trusted source."""
    return max(told, key=lambda one: _values(one.member.document))


def _values(document: Any) -> int:
    """How many values a document tells, those of its children included."""
    if isinstance(document, dict):
        return sum(_values(value) for value in document.values())
    if isinstance(document, list):
        return sum(_values(one) for one in document)
    return int(is_told(document))
