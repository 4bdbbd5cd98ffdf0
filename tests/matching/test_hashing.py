"""Hashes are the same whoever asks, however many ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl

from matching.columns import hashes
from matching.hashing import Hasher

TEXTS = pl.Series([f"supplier number {at}" for at in range(100_000)])
THREADS = 4


def test_a_column_hashed_in_several_threads_at_once_has_the_hashes_of_one_thread() -> None:
    hasher = Hasher(b"secret")
    alone = hashes(TEXTS, hasher)
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(lambda _: hashes(TEXTS, hasher), range(3 * THREADS)))
    assert all(np.array_equal(alone, each) for each in together)


def test_single_values_hashed_beside_a_column_have_its_hashes() -> None:
    hasher = Hasher(b"secret")
    expected = hashes(TEXTS, hasher)[:2000].tolist()
    with ThreadPoolExecutor(THREADS) as pool:
        column = [pool.submit(hashes, TEXTS, hasher) for _ in range(THREADS)]
        single = pool.map(hasher.text, TEXTS.head(2000).to_list())
        assert list(single) == expected
        assert all(each.result().tolist()[:2000] == expected for each in column)
