"""The link that a cluster hangs on: where it would come apart first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.cluster import Ints, linked


@dataclass(frozen=True, slots=True)
class Weakest:
    """One link per cluster that pairs hold together, the weakest first."""

    label: Ints
    """The cluster, as in `Clusters.labels`."""
    pair: Ints
    """The number of the pair."""
    probability: NDArray[np.float64]


def weakest(labels: Ints, left: Ints, right: Ints, probability: NDArray[np.float64]) -> Weakest:
    """The weakest link on the strongest paths through each cluster (its maximum spanning tree).

    `left`, `right`, `probability`: the pairs that join. Of equal links the first in the order of
    nodes counts, so the answer does not depend on the order of the pairs.
    """
    left, right = np.minimum(left, right).astype(np.int64), np.maximum(left, right).astype(np.int64)
    inside = np.flatnonzero((labels[left] == labels[right]) & (left != right))
    order = inside[np.lexsort((right[inside], left[inside], -probability[inside]))]
    used = tree(len(labels), left[order], right[order])[::-1]
    cluster = labels[left[order[used]]]
    _, first = np.unique(cluster, return_index=True)
    first.sort()
    pair = order[used[first]]
    return Weakest(cluster[first], pair, probability[pair])


def tree(nodes: int, left: Ints, right: Ints) -> Ints:
    """The links of a spanning forest, ascending, that takes an earlier link before a later one.

    After Boruvka (1926): every group takes its earliest link out of it, until none leads out.
    """
    group = np.arange(nodes, dtype=np.int64)
    out = np.arange(len(left), dtype=np.int64)
    taken = [out[:0]]
    while True:
        out = out[group[left[out]] != group[right[out]]]
        if not len(out):
            return np.sort(np.concatenate(taken))
        earliest = np.full(nodes, len(left), dtype=np.int64)
        for ends in (left, right):
            np.minimum.at(earliest, group[ends[out]], out)
        chosen = np.unique(earliest[earliest < len(left)])
        taken.append(chosen)
        group = linked(nodes, group[left[chosen]], group[right[chosen]])[group]
