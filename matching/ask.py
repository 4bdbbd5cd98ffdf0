"""Which pairs are most worth a person's decision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matching.learn import Floats, Levels, packed

UNCERTAIN_SHARE = 0.8
"""Of the pairs asked; the others are random, against blind spots."""


def worth_asking(
    levels: Levels,
    bits: Floats,
    count: int,
    undecided: NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> NDArray[np.int64]:
    """The pairs most worth a decision: uncertain ones of different patterns, and a random share.

    `bits` of each pair (0 is even odds); `undecided`: those that may be asked.
    """
    dice = np.random.default_rng(seed)
    free = np.arange(len(bits)) if undecided is None else np.flatnonzero(undecided)
    doubt = np.abs(bits[free]) + np.abs(dice.normal(0.0, 0.3, len(free)))
    nearest = free[np.argsort(doubt)[: 200 * count]]
    _, first = np.unique(packed(levels[nearest]), return_index=True)
    chosen = nearest[np.sort(first)][: round(count * UNCERTAIN_SHARE)]
    rest = np.setdiff1d(free, chosen)
    more = dice.choice(rest, min(count - len(chosen), len(rest)), replace=False)
    return np.concatenate([chosen, np.sort(more)]).astype(np.int64)
