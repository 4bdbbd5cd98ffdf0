"""One record at a time: the scalar twin of the batch, equal to it by test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from matching.blocking import keys_of
from matching.fields import FIELDS, IDENTIFIERS, OTHER_NAME, POSITION
from matching.forms import Form, Row, form_of
from matching.rules import Rules
from matching.score import (
    IBAN,
    LEI,
    MATCH,
    MOST_BITS,
    NAME,
    NO_MATCH,
    PERSON,
    POSSIBLE_MATCH,
    VAT,
    Levels,
    Verdicts,
    evidence_of,
    judge,
    levels,
)

SAME = tuple((POSITION[name], len(FIELDS[POSITION[name]].levels) - 2) for name in IDENTIFIERS)
"""Place of each identifier, and the level from which it is equal."""


def prepare(row: Row, rules: Rules) -> Form:
    """The row in compared form with its blocking keys."""
    form = form_of(row, rules)
    form.keys = keys_of(form, rules)
    return form


def compare(left: Sequence[Form], right: Sequence[Form], rules: Rules) -> Verdicts:
    """Verdicts of the pairs left[i], right[i]."""
    return judge(levels_of(left, right, rules), rules)


class Scored(NamedTuple):
    """What the rules say of one pair."""

    probability: float
    verdict: int
    veto: bool
    evidence: str


def weigh(one: Form, others: Sequence[Form], rules: Rules) -> list[Scored]:
    """What `compare` says of one record and a few others, without the price of columns."""
    told = [levels(one, other, rules) for other in others]
    bits = np.array([_bits(each, rules) for each in told])
    probability = 1.0 / (1.0 + np.exp2(-bits))
    return [
        scored(each, likely, rules) for each, likely in zip(told, probability.tolist(), strict=True)
    ]


def _bits(told: Sequence[int], rules: Rules) -> float:
    bits = rules.prior_bits
    # Added one by one in the order of the fields, as the columns are: sums must be equal.
    for worth, level in zip(rules.bits, told, strict=True):
        bits += worth[level]
    return min(max(bits, -MOST_BITS), MOST_BITS)


def scored(told: Sequence[int], probability: float, rules: Rules) -> Scored:
    """The verdict of one pair from its levels, -1 not told; the twin of `score.judge`."""
    equal = any([told[place] >= least for place, least in SAME])
    veto = not equal and (told[VAT] == 0 or told[LEI] == 0) and rules.auto_link != "best"
    other_name = 0 <= max(told[NAME], told[PERSON]) <= OTHER_NAME
    shares = equal or told[IBAN] > 0
    linked = probability >= rules.threshold
    if rules.auto_link == "identifiers":
        linked = linked and equal and not other_name
    elif rules.auto_link == "probability":
        linked = linked and not (other_name and shares)
    possible = probability >= rules.review or (shares and other_name)
    verdict = MATCH if linked else POSSIBLE_MATCH if possible else NO_MATCH
    return Scored(probability, NO_MATCH if veto else verdict, veto, evidence_of(told))


def levels_of(left: Sequence[Form], right: Sequence[Form], rules: Rules) -> Levels:
    """The levels of the pairs left[i], right[i]: a row each, -1 where a field is not told."""
    told = [levels(one, other, rules) for one, other in zip(left, right, strict=True)]
    return np.array(told, dtype=np.int8).reshape(len(told), len(FIELDS))


__all__ = [
    "Form",
    "Row",
    "Scored",
    "Verdicts",
    "compare",
    "form_of",
    "levels_of",
    "prepare",
    "scored",
    "weigh",
]
