"""How good found pairs and clusters are, beside the truth."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Tenth = tuple[int, float, float]
TENTHS = 10


def coded(size: int, left: Ints, right: Ints) -> Ints:
    """Pairs as single numbers."""
    return np.minimum(left, right) * size + np.maximum(left, right)


def true_pairs(owner: Ints) -> Ints:
    """Every pair of one owner, as a single number each, ascending."""
    rows = pl.DataFrame({"owner": owner}).with_row_index("row")
    rows = rows.with_columns(pl.col("row").cast(pl.Int64)).filter(pl.len().over("owner") > 1)
    both = rows.join(rows, on="owner").filter(pl.col("row") < pl.col("row_right"))
    return np.sort(coded(len(owner), both["row"].to_numpy(), both["row_right"].to_numpy()))


def f1(found: int, right: int, true: int) -> float:
    """F1 of `found` things of which `right` are right, where `true` are to be found."""
    return 2 * right / max(found + true, 1)


def best_f1(likeness: Floats, right: NDArray[np.bool_], true: int) -> float:
    """The highest F1 that any threshold gives."""
    order = np.argsort(-likeness, kind="stable")
    scores = 2 * np.cumsum(right[order]) / (np.arange(1, len(order) + 1) + true)
    last = np.append(np.diff(likeness[order]) != 0, True)[: len(order)]
    return float(scores[last].max(initial=0.0))


def of_clusters(labels: Ints, owner: Ints) -> tuple[float, float]:
    """F1 of pairs within clusters, and B-cubed F1."""
    table = pl.DataFrame({"found": labels, "true": owner})

    def sizes(*names: str) -> Floats:
        return table.select(pl.len().over(names))["len"].to_numpy().astype(np.float64)

    both, found, true = sizes("found", "true"), sizes("found"), sizes("true")
    right, joined, wanted = (float((each - 1).sum()) for each in (both, found, true))
    precision, recall = float((both / found).mean()), float((both / true).mean())
    cubed = 2 * precision * recall / (precision + recall)
    return 2 * right / max(joined + wanted, 1.0), cubed


def reliability(probability: Floats, true: NDArray[np.bool_]) -> list[Tenth]:
    """Pairs, mean probability and share of true ones, by tenths of probability."""
    tenth = np.minimum((probability * TENTHS).astype(np.int64), TENTHS - 1)
    out = []
    for each in range(TENTHS):
        inside = tenth == each
        count = int(inside.sum())
        mean, share = (probability[inside].mean(), true[inside].mean()) if count else (0.0, 0.0)
        out.append((count, float(mean), float(share)))
    return out
