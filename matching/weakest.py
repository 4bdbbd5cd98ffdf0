"""The link that a cluster hangs on: where it would come apart first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from matching.cluster import Ints


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
    rank = np.arange(1, len(order) + 1, dtype=np.float64)
    size = len(labels)
    graph = coo_array((rank, (left[order], right[order])), shape=(size, size))
    tree = minimum_spanning_tree(graph.tocsr())
    used = np.sort(tree.data).astype(np.int64)[::-1] - 1
    cluster = labels[left[order[used]]]
    _, first = np.unique(cluster, return_index=True)
    first.sort()
    pair = order[used[first]]
    return Weakest(cluster[first], pair, probability[pair])
