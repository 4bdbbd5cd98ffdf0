"""A batch on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matching.columns import Int32, Int64
from matching.engines.batch import BatchMatch, OverCommon
from matching.engines.keys import Keys, candidates, distinct, keys_of
from matching.engines.levels import Levels, levels
from matching.rules import Rules
from matching.score import Verdicts, judge
from matching.table import Table
from matching.tabulate import table


@dataclass(slots=True)
class Compared:
    """Candidate pairs of a batch with their levels, before rules weigh them."""

    table: Table
    left: Int32
    right: Int32
    kinds: NDArray[np.uint32]
    """The kinds of keys (`blocking.KEY_NAMES`) that each pair shares, a bit each."""
    levels: Levels
    over_common: list[OverCommon]


def match_batch(columns: pl.DataFrame, rules: Rules, threads: int | None = None) -> BatchMatch:
    """Every pair of rows that share a blocking key, scored; one row per record."""
    made = table(columns, rules, threads or os.cpu_count() or 1)
    del columns  # of a large table its standardised form is enough
    keys = list(keys_of(made, rules))
    met = compared(made, keys, rules, threads)
    verdicts = judge(met.levels, rules)
    return BatchMatch(listed(keys), met.left, met.right, verdicts, met.over_common)


def keys_of_rows(columns: pl.DataFrame, rules: Rules) -> tuple[Int64, Int32]:
    """The blocking keys of every row: key and row, each once, sorted by key, then row."""
    return listed(list(keys_of(table(columns, rules), rules)))


def score_pairs(columns: pl.DataFrame, left: Int32, right: Int32, rules: Rules) -> Verdicts:
    """Verdicts of the pairs of rows left[i], right[i]."""
    cores = os.cpu_count() or 1
    return judge(levels(table(columns, rules), left, right, rules, cores), rules)


def compared(made: Table, keys: list[Keys], rules: Rules, threads: int | None = None) -> Compared:
    """The pairs that share a key, each once, and their levels."""
    found: list[Int64] = []
    over: list[OverCommon] = []
    for each in keys:
        pairs, crowded = candidates(each, made.rows, rules)
        found.append(pairs)
        over.extend(crowded)
    pairs, kinds = distinct(np.concatenate([np.zeros(0, dtype=np.int64), *found]))
    left = (pairs // max(made.rows, 1)).astype(np.int32)
    right = (pairs % max(made.rows, 1)).astype(np.int32)
    cores = threads or os.cpu_count() or 1
    return Compared(made, left, right, kinds, levels(made, left, right, rules, cores), over)


def listed(keys: list[Keys]) -> tuple[Int64, Int32]:
    """Every key with its row, each once, sorted by key, then row."""
    key = np.concatenate([each.keys for each in keys]) if keys else np.zeros(0, dtype=np.int64)
    row = np.concatenate([each.rows for each in keys]) if keys else np.zeros(0, dtype=np.int32)
    order = np.lexsort((row, key))
    key, row = key[order], row[order]
    if not len(key):
        return key, row
    again = np.concatenate([[False], (key[1:] == key[:-1]) & (row[1:] == row[:-1])])
    return key[~again], row[~again]
