"""The most believed source wins."""

from __future__ import annotations

from collections.abc import Sequence

from mdm.model.field import Field
from mdm.survivorship.member import Told


def choose(field: Field, told: Sequence[Told]) -> Told:
    """The most trusted source tells it; among equals, the one that spoke last."""
    return told[0]
