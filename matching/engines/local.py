"""A batch on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial

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
from matching.threads import side_by_side


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
    threads = threads or os.cpu_count() or 1
    made = table(columns, rules, threads)
    del columns  # of a large table its standardised form is enough
    keys = keys_of(made, rules, threads)
    met = compared(made, keys, rules, threads)
    verdicts = judge(met.levels, rules)
    return BatchMatch(listed(keys), met.left, met.right, verdicts, met.over_common)


def keys_of_rows(columns: pl.DataFrame, rules: Rules) -> tuple[Int64, Int32]:
    """The blocking keys of every row: key and row, each once, sorted by key, then row."""
    return listed(keys_of(table(columns, rules), rules))


def score_pairs(columns: pl.DataFrame, left: Int32, right: Int32, rules: Rules) -> Verdicts:
    """Verdicts of the pairs of rows left[i], right[i]."""
    cores = os.cpu_count() or 1
    return judge(levels(table(columns, rules), left, right, rules, cores), rules)


def compared(made: Table, keys: list[Keys], rules: Rules, threads: int) -> Compared:
    """The pairs that share a key, each once, and their levels."""
    tasks = [partial(candidates, each, made.rows, rules) for each in keys]
    met = side_by_side(tasks, threads)
    none = np.zeros(0, dtype=np.int64)
    pairs, kinds = distinct(np.concatenate([none, *(found for found, _ in met)]))
    over = [crowded for _, told in met for crowded in told]
    del met  # the pairs are there a second time
    left = (pairs // max(made.rows, 1)).astype(np.int32)
    right = (pairs % max(made.rows, 1)).astype(np.int32)
    return Compared(made, left, right, kinds, levels(made, left, right, rules, threads), over)


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
