"""Logistic regression with a Gaussian prior, where each weight keeps its side of zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.em import sigmoid

Floats = NDArray[np.float64]
MOST_STEPS = 20
SMALLEST_STEP = 5e-3
"""Nats; far below what a threshold can tell."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows with a soft label, a weight and a fixed offset, for one regression."""

    columns: Floats
    label: Floats
    weight: Floats
    offset: Floats


@dataclass(frozen=True, slots=True)
class Prior:
    """A Gaussian around what was known, and the side of zero each weight must stay on."""

    centre: Floats
    precision: Floats
    signs: Floats


def regress(rows: Labelled, prior: Prior, start: Floats) -> Floats:
    """Logistic regression with a Gaussian prior, each weight on the side of its sign.

    The worst level of a field never speaks for a match, the best never against it: without that,
    fields told together trade bits, and no explanation of a pair can be read.
    """
    centre, precision, signs = prior.centre, prior.precision, prior.signs
    # A level that never comes is moved by its prior alone: it need not be in the matrix.
    seen = np.flatnonzero(rows.columns.any(axis=0))
    columns = rows.columns[:, seen]
    weights = start.copy()
    for _ in range(MOST_STEPS):
        probability = sigmoid(columns @ weights[seen] + rows.offset)
        slope = precision * (weights - centre)
        slope[seen] += columns.T @ (rows.weight * (probability - rows.label))
        # A weight that stands at its bound and is pushed beyond it stays where it is.
        free = ~((weights == 0.0) & (slope * signs > 0.0))
        curve = rows.weight * np.maximum(probability * (1.0 - probability), 1e-6)
        # A matrix times itself transposed takes half the work of two different ones.
        scaled = columns * np.sqrt(curve)[:, None]
        bend = np.diag(precision)
        bend[np.ix_(seen, seen)] += scaled.T @ scaled
        step = np.zeros(len(weights))
        step[free] = np.linalg.solve(bend[np.ix_(free, free)], slope[free])
        largest = float(np.abs(step).max(initial=0.0))
        moved = weights - step * min(1.0, 2.0 / max(largest, 1e-12))
        moved = np.where(moved * signs < 0.0, 0.0, moved)
        largest = float(np.abs(moved - weights).max(initial=0.0))
        weights = moved
        if largest < SMALLEST_STEP:
            break
    return weights
