"""Weights against chance, where every candidate shares something and so all views contradict."""

from __future__ import annotations

import numpy as np

from matching.fields import POSITION
from matching.learn import Candidates, fit
from matching.rules import default_rules
from matching.score import judge

FIELDS = ("person_name", "postcode", "birth_date")
WORST, BEST = (0, 0, 0), (7, 2, 2)


def drawn(dice: np.random.Generator, chance: list[float], count: int) -> np.ndarray:
    levels = np.full((count, len(POSITION)), -1, dtype=np.int8)
    for name, worst, best, likely in zip(FIELDS, WORST, BEST, chance, strict=True):
        levels[:, POSITION[name]] = np.where(dice.random(count) < likely, best, worst)
    return levels


def test_records_with_errors_in_every_field_are_not_all_the_same() -> None:
    dice = np.random.default_rng(5)
    same = drawn(dice, [0.6, 0.6, 0.6], 6_000)
    other = drawn(dice, [0.01, 0.01, 0.01], 400_000)
    levels = np.concatenate([same, other])
    true = np.arange(len(levels)) < len(same)
    at = [POSITION[name] for name in FIELDS]
    met = (levels[:, at] > 0).any(axis=1)
    kinds = np.zeros(len(levels), dtype=np.uint32)
    for name, kind in zip(FIELDS, (12, 7, 16), strict=True):
        kinds |= np.where(levels[:, POSITION[name]] > 0, np.uint32(1 << kind), np.uint32(0))
    candidates = Candidates(levels[met], kinds[met], 50_000_000 / met.sum())
    rules = fit(candidates, drawn(dice, [0.001, 0.001, 0.001], 20_000), default_rules())
    likely = judge(levels, rules).probability > 0.5
    assert true[likely].mean() > 0.9
    assert likely[true].mean() > 0.5
