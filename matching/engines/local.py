"""A batch on this machine."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl

from matching.engines.batch import BatchMatch, OverCommon
from matching.fields import INPUTS
from matching.online import compare, prepare
from matching.rules import Rules


def match_batch(columns: pl.DataFrame, rules: Rules, threads: int | None = None) -> BatchMatch:
    """Every pair of rows that share a blocking key, scored; one row per record."""
    told = columns.select([name for name in INPUTS if name in columns.columns])
    forms = [prepare(row, rules) for row in told.iter_rows(named=True)]
    listed = sorted((key, row) for row, form in enumerate(forms) for key in form.keys)
    keys = np.array([key for key, _ in listed], dtype=np.int64)
    rows = np.array([row for _, row in listed], dtype=np.int32)
    starts = np.flatnonzero(np.r_[True, np.diff(keys) != 0]) if len(keys) else np.zeros(0, int)
    pairs: set[tuple[int, int]] = set()
    over: list[OverCommon] = []
    for start, end in zip(starts, np.r_[starts[1:], len(keys)], strict=True):
        if end - start > rules.key_cap:
            over.append(OverCommon("key", int(keys[start]), int(end - start), int(rows[start])))
        else:
            pairs.update(combinations(rows[start:end].tolist(), 2))
    ordered = sorted(pairs)
    left = np.array([one for one, _ in ordered], dtype=np.int32)
    right = np.array([other for _, other in ordered], dtype=np.int32)
    verdicts = compare([forms[each] for each in left], [forms[each] for each in right], rules)
    return BatchMatch((keys, rows), left, right, verdicts, over)
