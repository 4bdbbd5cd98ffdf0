"""Weights where no view can teach another: what a level is worth against chance.

After Fellegi and Sunter (1969): a level is worth log2(m/u) bits, u its share among random pairs, m
its share among matches. m is found by expectation maximisation, of each view among the pairs that
met by something else (as Splink trains); u and so the scale never come from the candidates, which
all share something. What is lost is dependence between fields: co-training is better wherever it
settles (`learn.doubt`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matching.learn import Patterns

Floats = NDArray[np.float64]
ROUNDS = 12
FIRST_SHARE = 0.1
"""Of the candidates, the matches that are assumed before anything is known."""
FEWEST = 20
SHIPPED_COUNT = 5.0
"""What the shipped weights count, in pairs."""
CHANCE_COUNT = 0.5
"""Pairs added to each level, so that none is impossible."""


def against_chance(
    pairs: Patterns,
    chance: Patterns,
    shipped: Floats,
    views: Sequence[tuple[Floats, Sequence[NDArray[np.int64]]]],
    odds: float,
) -> tuple[Floats, float]:
    """Weights and prior, in nats.

    `views`: of each view, how often every pattern comes among pairs that met without it, and the
    columns of each of its fields; `odds`: how many pairs there are for each candidate.
    """
    weights = shipped.copy()
    prior = float(np.log(FIRST_SHARE / odds))
    for _ in range(ROUNDS):
        likely = sigmoid(pairs.columns @ weights + prior)
        rate = float((likely * pairs.count).sum() / pairs.count.sum()) / odds
        prior = float(np.log(max(rate, 1e-12) / (1.0 - min(rate, 0.5))))
        for count, fields in views:
            for columns in fields:
                same = pairs.columns[:, columns].T @ (likely * count)
                other = chance.columns[:, columns].T @ chance.count
                if min(same.sum(), other.sum()) >= FEWEST:
                    weights[columns] = worth(same, other, shipped[columns])
    return weights, prior


def worth(same: Floats, other: Floats, shipped: Floats) -> Floats:
    """log(m/u) of each level from its counts among matches and among random pairs.

    What is hardly seen keeps its shipped weight.
    """
    share = (same + CHANCE_COUNT) / (same + CHANCE_COUNT).sum()
    by_chance = (other + CHANCE_COUNT) / (other + CHANCE_COUNT).sum()
    seen = same + other
    told = seen * np.log(share / by_chance)
    return np.asarray((told + SHIPPED_COUNT * shipped) / (seen + SHIPPED_COUNT))


def sigmoid(value: Floats) -> Floats:
    """Logits to probabilities."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(value, -40.0, 40.0))))
