"""The latest word wins."""

from __future__ import annotations

from collections.abc import Sequence

from mdm.model.field import Field
from mdm.survivorship.member import Told


def choose(field: Field, told: Sequence[Told]) -> Told:
    """The source that changed its record last tells it; among equals, the most trusted."""
    return max(told, key=lambda one: one.member.source_time or "")
