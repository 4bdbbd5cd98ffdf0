"""The weakest link of a cluster is where it would come apart first."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from matching.weakest import Weakest, tree, weakest


def told(labels: list[int], pairs: list[tuple[int, int, float]]) -> Weakest:
    return weakest(
        np.array(labels),
        np.array([pair[0] for pair in pairs], dtype=np.int64),
        np.array([pair[1] for pair in pairs], dtype=np.int64),
        np.array([pair[2] for pair in pairs]),
    )


def test_a_chain_hangs_on_its_weakest_link() -> None:
    found = told([0, 0, 0], [(0, 1, 0.99), (1, 2, 0.7)])
    assert (found.label.tolist(), found.pair.tolist()) == ([0], [1])


def test_a_weak_link_beside_a_strong_path_is_not_what_a_cluster_hangs_on() -> None:
    found = told([0, 0, 0], [(0, 2, 0.55), (0, 1, 0.99), (1, 2, 0.9)])
    assert found.pair.tolist() == [2]


def test_clusters_come_weakest_first_and_pairs_between_them_do_not_count() -> None:
    found = told([0, 0, 2, 2, 4], [(0, 1, 0.9), (2, 3, 0.6), (1, 2, 0.5)])
    assert found.label.tolist() == [2, 0]
    assert found.probability.tolist() == [0.6, 0.9]


def test_the_order_of_pairs_does_not_matter() -> None:
    pairs = [(0, 1, 0.8), (1, 2, 0.8), (0, 2, 0.8)]
    assert {told([0, 0, 0], list(order)).probability.item() for order in (pairs, pairs[::-1])} == {
        0.8
    }
    ends = []
    for order in (pairs, pairs[::-1]):
        ends.append(order[int(told([0, 0, 0], order).pair[0])][:2])
    assert ends[0] == ends[1]


def test_records_that_nothing_joins_have_none() -> None:
    assert len(told([0, 1], []).pair) == 0


def test_the_spanning_tree_is_that_of_scipy() -> None:
    dice = np.random.default_rng(5)
    for nodes in (2, 9, 400, 3000):
        pairs = dice.integers(0, nodes, (nodes * 2, 2))
        pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
        dice.shuffle(pairs)
        left, right = pairs[:, 0], pairs[:, 1]
        rank = np.arange(1, len(pairs) + 1, dtype=np.float64)
        graph = coo_array((rank, (left, right)), shape=(nodes, nodes)).tocsr()
        expected = np.sort(minimum_spanning_tree(graph).data).astype(np.int64) - 1
        assert tree(nodes, left, right).tolist() == expected.tolist()
