"""Clusters are a function of pairs and decisions, never of their order."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matching.cluster import Clusters, cluster, linked

Pair = tuple[int, int, float, int, bool]
Ends = Sequence[tuple[int, int]]
Scene = tuple[int, list[Pair], Ends, Ends]
"""How many nodes, their scored pairs, and the pairs that must and must not be together."""


def clustered(  # noqa: PLR0913 - as many as `cluster` has
    nodes: int,
    pairs: list[Pair],
    must: Ends = (),
    cannot: Ends = (),
    order: Sequence[int] | None = None,
    *,
    guarded: bool = True,
) -> Clusters:
    return cluster(
        nodes,
        [pair[0] for pair in pairs],
        [pair[1] for pair in pairs],
        [pair[2] for pair in pairs],
        [pair[3] for pair in pairs],
        [pair[4] for pair in pairs],
        must,
        cannot,
        order,
        guarded=guarded,
    )


def parts(found: Clusters) -> set[frozenset[int]]:
    groups: dict[int, set[int]] = {}
    for node, label in enumerate(found.labels.tolist()):
        groups.setdefault(label, set()).add(node)
    return {frozenset(members) for members in groups.values()}


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    nodes = draw(st.integers(1, 9))
    every = [(a, b) for a in range(nodes) for b in range(a + 1, nodes)]
    told = draw(st.lists(st.sampled_from(every), unique=True, max_size=14)) if every else []
    pairs = []
    for one, other in told:
        probability = draw(st.sampled_from([0.2, 0.55, 0.8, 0.8, 0.95, 0.99]))
        veto = draw(st.booleans()) and draw(st.booleans())
        verdict = 0 if veto else 2 if probability >= 0.5 else 1
        pairs.append((one, other, probability, verdict, veto))
    links = st.lists(st.sampled_from(every), unique=True, max_size=2) if every else st.just([])
    return nodes, pairs, draw(links), draw(links)


@settings(max_examples=300, deadline=None)
@given(scenes(), st.integers(0, 2**31), st.booleans())
def test_clusters_and_conflicts_do_not_depend_on_the_order_of_nodes_or_pairs(
    scene: Scene, seed: int, guarded: bool
) -> None:
    nodes, pairs, must, cannot = scene
    dice = random.Random(seed)
    place = list(range(nodes))
    dice.shuffle(place)

    def turned(one: int, other: int) -> tuple[int, int]:
        ends = [place[one], place[other]]
        dice.shuffle(ends)
        return ends[0], ends[1]

    moved = [(*turned(a, b), p, v, veto) for a, b, p, v, veto in pairs]
    dice.shuffle(moved)
    before = clustered(nodes, pairs, must, cannot, guarded=guarded)
    rank = [0] * nodes
    for node in range(nodes):
        rank[place[node]] = node
    musts, cannots = [turned(*m) for m in must], [turned(*c) for c in cannot]
    after = clustered(nodes, moved, musts, cannots, rank, guarded=guarded)
    assert {frozenset(place[node] for node in part) for part in parts(before)} == parts(after)
    told = {(c.kind, frozenset(place[node] for node in c.nodes)) for c in before.conflicts}
    assert told == {(c.kind, frozenset(c.nodes)) for c in after.conflicts}
    assert [place[label] for label in before.labels.tolist()] == [
        after.labels.tolist()[place[node]] for node in range(nodes)
    ]


@settings(max_examples=300, deadline=None)
@given(scenes(), st.booleans())
def test_vetoed_and_decided_pairs_are_together_only_through_a_must_link(
    scene: Scene, guarded: bool
) -> None:
    nodes, pairs, must, cannot = scene
    labels = clustered(nodes, pairs, must, cannot, guarded=guarded).labels
    bound = clustered(nodes, [], must).labels
    for one, other in must:
        assert labels[one] == labels[other]
    for one, other in [*cannot, *[(a, b) for a, b, _p, _v, veto in pairs if veto]]:
        assert labels[one] != labels[other] or bound[one] == bound[other]


@settings(max_examples=200, deadline=None)
@given(scenes())
def test_groups_that_each_hold_a_must_link_are_joined_only_by_one(scene: Scene) -> None:
    nodes, pairs, must, cannot = scene
    labels = clustered(nodes, pairs, must, cannot).labels
    bound = clustered(nodes, [], must).labels
    holders = {bound[one] for one, _ in must}
    for one in range(nodes):
        for other in range(nodes):
            if bound[one] in holders and bound[other] in holders and labels[one] == labels[other]:
                assert bound[one] == bound[other]


def test_unguarded_groups_that_each_hold_a_must_link_are_joined_by_scores() -> None:
    every = [(a, b, 0.95, 2, False) for a in range(4) for b in range(a + 1, 4)]
    must = [(0, 1), (2, 3)]
    assert parts(clustered(4, every, must)) == {frozenset({0, 1}), frozenset({2, 3})}
    found = clustered(4, every, must, guarded=False)
    assert parts(found) == {frozenset(range(4))}
    assert found.conflicts == []
    parted = clustered(4, every, must, cannot=[(1, 2)], guarded=False)
    assert parts(parted) == {frozenset({0, 1}), frozenset({2, 3})}
    assert {conflict.nodes for conflict in parted.conflicts} == {(0, 1, 2, 3)}


def test_a_record_equally_near_two_that_do_not_belong_together_joins_neither() -> None:
    found = clustered(3, [(0, 1, 0.9, 2, False), (1, 2, 0.9, 2, False)])
    assert parts(found) == {frozenset({0}), frozenset({1}), frozenset({2})}
    assert [(c.kind, c.nodes) for c in found.conflicts] == [("tie", (0, 1, 2))]


def test_records_equally_near_to_each_other_join() -> None:
    found = clustered(3, [(0, 1, 0.9, 2, False), (1, 2, 0.9, 2, False), (0, 2, 0.9, 2, False)])
    assert parts(found) == {frozenset({0, 1, 2})}
    assert found.conflicts == []


def test_a_chain_is_cut_where_the_average_falls_below_the_bar() -> None:
    found = clustered(3, [(0, 1, 0.95, 2, False), (1, 2, 0.6, 2, False)])
    assert parts(found) == {frozenset({0, 1}), frozenset({2})}


def test_what_joined_one_and_scores_high_with_its_decided_opposite_is_named() -> None:
    pairs: list[Pair] = [(0, 2, 0.99, 2, False), (1, 2, 0.9, 2, False), (0, 1, 0.9, 2, False)]
    found = clustered(3, pairs, cannot=[(0, 1)])
    assert parts(found) == {frozenset({0, 2}), frozenset({1})}
    assert [(c.kind, c.nodes) for c in found.conflicts] == [("decided_apart", (0, 1, 2))]


def test_a_must_link_between_two_groups_brings_all_their_records_together() -> None:
    groups = [(a, b, 0.95, 2, False) for a in range(6) for b in range(a + 1, 6) if a // 3 == b // 3]
    found = clustered(6, groups, must=[(0, 3)])
    assert parts(found) == {frozenset(range(6))}
    assert found.conflicts == []


def test_a_record_equally_near_two_that_a_person_joined_joins_both() -> None:
    pairs: list[Pair] = [(0, 1, 0.9, 2, False), (1, 2, 0.9, 2, False)]
    found = clustered(3, pairs, must=[(0, 2)])
    assert parts(found) == {frozenset({0, 1, 2})}
    assert found.conflicts == []


def test_a_must_link_takes_nobody_in_whom_the_rules_would_leave_out() -> None:
    groups = [(a, b, 0.95, 2, False) for a in range(6) for b in range(a + 1, 6) if a // 3 == b // 3]
    near_one: Pair = (0, 6, 0.9, 2, False)
    found = clustered(7, [*groups, near_one], must=[(0, 3)])
    assert frozenset({6}) in parts(found)


def test_decisions_that_contradict_each_other_are_named() -> None:
    found = clustered(3, [], must=[(0, 1), (1, 2)], cannot=[(0, 2)])
    assert parts(found) == {frozenset({0, 1, 2})}
    assert [(c.kind, c.nodes) for c in found.conflicts] == [("decisions_contradict", (0, 1, 2))]


@pytest.mark.timeout(300)
def test_a_chain_of_a_hundred_thousand_records_is_resolved_in_seconds() -> None:
    size = 100_000
    dice = np.random.default_rng(1)
    left = np.arange(size - 1)
    found = cluster(
        size,
        left,
        left + 1,
        0.5 + 0.5 * dice.random(size - 1),
        np.full(size - 1, 2),
        np.zeros(size - 1, bool),
    )
    assert len(found.labels) == size


def test_nothing_gives_nothing() -> None:
    assert clustered(0, []).labels.tolist() == []
    assert clustered(1, []).labels.tolist() == [0]


@pytest.mark.parametrize("links", [0, 1, 3000, 9000])
def test_linked_nodes_are_the_connected_components_of_scipy(links: int) -> None:
    nodes = 6000
    dice = np.random.default_rng(links)
    one, other = dice.integers(0, nodes, (2, links))
    graph = coo_array((np.ones(links), (one, other)), shape=(nodes, nodes))
    count, expected = connected_components(graph, directed=False)
    found = linked(nodes, one, other)
    assert len(np.unique(found)) == len(set(zip(found.tolist(), expected, strict=True))) == count
    assert (found <= np.arange(nodes)).all()


def test_a_long_chain_told_backwards_is_one_component() -> None:
    nodes = 20_000
    chain = np.arange(nodes - 1, 0, -1)
    dice = np.random.default_rng(1)
    dice.shuffle(chain)
    assert not linked(nodes, chain, chain - 1).any()
