"""Likeness of the letters of two texts, for many couples at once."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from matching.columns import Int64
from matching.score import SHORTEST, SPELLING_SIMILARITY

Bools = NDArray[np.bool_]


def alike(texts: pl.Series, hashes: Int64, one: Int64, other: Int64) -> Bools:
    """Whether two texts are equal, one begins the other, or they are spelt alike."""
    out = hashes[one] == hashes[other]
    rest = np.flatnonzero(~out)
    if len(rest):
        similar, begins = couples(texts.gather(one[rest]), texts.gather(other[rest]))
        out[rest] = similar | begins
    return np.asarray(out, dtype=np.bool_)


def couples(left: pl.Series, right: pl.Series) -> tuple[Bools, Bools]:
    """Of columns of unequal texts: whether two are spelt alike, whether one begins the other."""
    size = len(left)
    if not size:
        return np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.bool_)
    both = pl.DataFrame({"one": left, "other": right})
    shorter = pl.min_horizontal(pl.col("one").str.len_bytes(), pl.col("other").str.len_bytes())
    longer = pl.max_horizontal(pl.col("one").str.len_bytes(), pl.col("other").str.len_bytes())
    told = both.select(
        begins=(shorter >= SHORTEST)
        & (
            pl.col("one").str.starts_with(pl.col("other"))
            | pl.col("other").str.starts_with(pl.col("one"))
        ),
        # A distance is at least the difference in length: most couples are told apart by that.
        possible=(longer - shorter) <= longer * (1.0 - SPELLING_SIMILARITY) + 1e-9,
    )
    similar = np.zeros(size, dtype=np.bool_)
    rows = np.flatnonzero(told["possible"].to_numpy())
    if len(rows):
        similarity = cpdist(
            left.gather(rows).to_list(),
            right.gather(rows).to_list(),
            scorer=OSA.normalized_similarity,
            dtype=np.float64,
        )
        similar[rows] = similarity >= SPELLING_SIMILARITY
    return similar, np.asarray(told["begins"].to_numpy(), dtype=np.bool_)
