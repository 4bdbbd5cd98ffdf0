"""The chain that holds two members of a group together."""

from __future__ import annotations

from matching.path import strongest_chain


def test_the_chain_avoids_the_weakest_pair_where_it_can() -> None:
    pairs = [(1, 2, 0.6), (1, 3, 0.9), (3, 2, 0.8), (2, 4, 0.99)]
    assert strongest_chain(pairs, 1, 2) == [(1, 3, 0.9), (3, 2, 0.8)]
    assert strongest_chain(pairs, 4, 1) == [(4, 2, 0.99), (2, 3, 0.8), (3, 1, 0.9)]


def test_what_nothing_joins_has_no_chain() -> None:
    assert strongest_chain([(1, 2, 0.9)], 1, 3) == []
    assert strongest_chain([(1, 2, 0.9)], 1, 1) == []
