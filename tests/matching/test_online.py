"""One record and a few others: the same answer as columns give."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.fields import FIELDS, INPUTS
from matching.find import Wish, find
from matching.online import compare, prepare, scored, weigh
from matching.rules import AutoLink, default_rules
from matching.score import judge
from tests.matching.made import suppliers

RULES = default_rules(secret=b"online")
LINKS: tuple[AutoLink, ...] = ("identifiers", "probability", "best")


@given(
    st.tuples(*(st.integers(-1, len(field.levels) - 1) for field in FIELDS)),
    st.sampled_from(LINKS),
)
def test_any_levels_get_the_verdict_that_columns_get(
    levels: tuple[int, ...], auto_link: AutoLink
) -> None:
    rules = replace(RULES, auto_link=auto_link)
    told = judge(np.array([levels], dtype=np.int8), rules)
    one = scored(levels, float(told.probability[0]), rules)
    assert (one.verdict, one.veto) == (int(told.verdict[0]), bool(told.veto[0]))
    assert one.evidence == told.evidence[0]


@pytest.mark.parametrize("learned", [False, True], ids=["shipped rules", "learned rules"])
def test_one_against_a_few_is_scored_as_columns_are(learned: bool) -> None:
    table = suppliers(400, seed=5).drop("id", "cluster_id")
    rules = find(table, Wish(threads=1)).rules if learned else RULES
    forms = [
        prepare({name: row.get(name) for name in INPUTS}, rules)
        for row in table.iter_rows(named=True)
    ]
    dice = random.Random(1)
    for _ in range(50):
        one, others = dice.choice(forms), dice.sample(forms, dice.randint(0, 30))
        told = compare([one] * len(others), others, rules)
        assert [each.probability for each in weigh(one, others, rules)] == told.probability.tolist()
        assert [each.verdict for each in weigh(one, others, rules)] == told.verdict.tolist()
