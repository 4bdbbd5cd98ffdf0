"""What most records say wins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mdm.model.field import Field
from mdm.survivorship.forms import form
from mdm.survivorship.member import Told


def choose(field: Field, told: Sequence[Told]) -> Told:
    """Most source records tell it; among equals, the most trusted source."""
    forms = [form(field, one.value, None) for one in told]
    counted = Counter(forms)
    most = max(counted.values())
    return next(one for one, said in zip(told, forms, strict=True) if counted[said] == most)
