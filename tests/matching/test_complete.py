"""Pairs that no key brought together are compared where others join them."""

from __future__ import annotations

import numpy as np
import polars as pl

from matching.find import Found, Wish, find

CHAIN = pl.DataFrame(
    {
        "name": ["Zorbatron Fittings", "Zorbatron Fittings", "Xorbatron Fitings"],
        "phone": [["+49 89 1234567"], ["+49 89 1234567", "+49 30 7654321"], ["+49 30 7654321"]],
    }
)


def pairs(found: Found) -> list[tuple[int, int]]:
    return list(zip(found.left.tolist(), found.right.tolist(), strict=True))


def test_the_ends_of_a_chain_are_compared_though_they_share_no_key() -> None:
    assert pairs(find(CHAIN, Wish(learn=False))) == [(0, 1), (1, 2)]
    assert pairs(find(CHAIN)) == [(0, 1), (0, 2), (1, 2)]


def test_ends_of_one_source_are_not_compared_where_sources_are_linked() -> None:
    found = find(CHAIN, Wish(sources=np.array([1, 2, 1])))
    assert pairs(found) == [(0, 1), (1, 2)]
