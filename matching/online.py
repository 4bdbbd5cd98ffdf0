"""One record at a time: the scalar twin of the batch, equal to it by test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.blocking import keys_of
from matching.fields import FIELDS
from matching.forms import Form, Row, form_of
from matching.rules import Rules
from matching.score import Levels, Verdicts, judge, levels


def prepare(row: Row, rules: Rules) -> Form:
    """The row in compared form with its blocking keys."""
    form = form_of(row, rules)
    form.keys = keys_of(form, rules)
    return form


def compare(left: Sequence[Form], right: Sequence[Form], rules: Rules) -> Verdicts:
    """Verdicts of the pairs left[i], right[i]."""
    return judge(levels_of(left, right, rules), rules)


def levels_of(left: Sequence[Form], right: Sequence[Form], rules: Rules) -> Levels:
    """The levels of the pairs left[i], right[i]: a row each, -1 where a field is not told."""
    told = [
        [-1 if level is None else level for level in levels(one, other, rules)]
        for one, other in zip(left, right, strict=True)
    ]
    return np.array(told, dtype=np.int8).reshape(len(told), len(FIELDS))


__all__ = ["Form", "Row", "Verdicts", "compare", "levels_of", "prepare"]
