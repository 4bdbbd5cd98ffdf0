"""The longest text wins."""

from __future__ import annotations

from collections.abc import Sequence

from mdm.model.field import Field
from mdm.survivorship.member import Told


def choose(field: Field, told: Sequence[Told]) -> Told:
    """It is the longest text; among equals, that of the most trusted source."""
    return max(told, key=lambda one: len(str(one.value)))
