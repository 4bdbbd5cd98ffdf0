"""Pairs that no key brought together, but others did.

Where A matches B and B matches C, A and C are compared too, whether or not they share a key: a
cluster is judged by all of its pairs. Only components of a few records are completed, so that the
pairs grow with the records.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matching.cluster import linked
from matching.columns import Int64
from matching.engines.keys import pair_codes, triangles
from matching.engines.levels import levels
from matching.engines.local import Compared
from matching.rules import Rules

MOST_TOGETHER = 60
"""Records of a component that is completed."""


def completed(
    met: Compared,
    joins: NDArray[np.bool_],
    rules: Rules,
    threads: int,
    sources: Int64 | None = None,
) -> Compared:
    """The pairs with those that joined pairs lead to; in order, as they were."""
    rows = met.table.rows
    group = linked(rows, met.left[joins].astype(np.int64), met.right[joins].astype(np.int64))
    order = np.argsort(group, kind="stable").astype(np.int32)
    sizes = np.bincount(group)
    one, other = triangles(np.cumsum(sizes) - sizes, np.where(sizes > 2, sizes, 0), MOST_TOGETHER)  # noqa: PLR2004 - of two, the one pair has met
    left, right = order[one], order[other]
    if sources is not None:
        left, right = left[sources[left] != sources[right]], right[sources[left] != sources[right]]
    known = pair_codes(met.left, met.right, rows)
    codes = pair_codes(left, right, rows)
    codes = np.setdiff1d(codes, known, assume_unique=True)
    if not len(codes):
        return met
    left, right = (codes // rows).astype(np.int32), (codes % rows).astype(np.int32)
    place = np.argsort(np.concatenate([known, codes]), kind="stable")
    more = levels(met.table, left, right, rules, threads)
    return replace(
        met,
        left=np.concatenate([met.left, left])[place],
        right=np.concatenate([met.right, right])[place],
        kinds=np.concatenate([met.kinds, np.zeros(len(codes), dtype=np.uint32)])[place],
        levels=np.concatenate([met.levels, more])[place],
    )
