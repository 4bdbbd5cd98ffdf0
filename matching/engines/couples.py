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


def close(one: NDArray[np.integer], other: NDArray[np.integer]) -> Bools:
    """Whether texts of these lengths can be spelt alike: at least their difference is between."""
    allowed = np.maximum(one, other) * (1.0 - SPELLING_SIMILARITY) + 1e-9
    return np.asarray(np.abs(one - other) <= allowed)


def couples(left: pl.Series, right: pl.Series) -> tuple[Bools, Bools]:
    """Of columns of unequal texts: whether two are spelt alike, whether one begins the other."""
    if not len(left):
        return np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.bool_)
    one, other = pl.col("one"), pl.col("other")
    told = pl.DataFrame({"one": left, "other": right}).select(
        begins=one.str.starts_with(other) | other.str.starts_with(one),
        one=one.str.len_bytes().cast(pl.Int32),
        other=other.str.len_bytes().cast(pl.Int32),
    )
    lengths = told["one"].to_numpy(), told["other"].to_numpy()
    similar = np.zeros(len(left), dtype=np.bool_)
    rows = np.flatnonzero(close(*lengths))
    if len(rows):
        similarity = cpdist(
            left.gather(rows).to_list(),
            right.gather(rows).to_list(),
            scorer=OSA.normalized_similarity,
            dtype=np.float64,
        )
        similar[rows] = similarity >= SPELLING_SIMILARITY
    return similar, told["begins"].to_numpy() & (np.minimum(*lengths) >= SHORTEST)
