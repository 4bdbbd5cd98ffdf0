"""Duplicates in a body of records: frequencies, candidates, weights, verdicts, clusters."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matching.cluster import Clusters, cluster
from matching.columns import Int32, Int64
from matching.engines.batch import OverCommon
from matching.engines.keys import keys_of
from matching.engines.levels import Levels, levels
from matching.engines.local import Compared, compared
from matching.frequency import counted, reweighted
from matching.learn import decide, fit, indicators, vector
from matching.rules import Rules, default_rules
from matching.score import Verdicts, judge
from matching.table import Table, table

LARGE = 200_000
"""Rows from which weak keys are cut earlier: pairs must not grow faster than records."""
LARGE_CAP = 20
RANDOM_PAIRS = 20_000
SAMPLE = 120_000
"""Pairs the weights are fitted to."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a person said of pairs of rows."""

    left: Int32
    right: Int32
    same: NDArray[np.bool_]

    @classmethod
    def of(cls, told: Sequence[tuple[int, int, bool]]) -> Decisions:
        """Decisions from rows of (left, right, same)."""
        return cls(
            np.array([left for left, _, _ in told], dtype=np.int32),
            np.array([right for _, right, _ in told], dtype=np.int32),
            np.array([same for _, _, same in told], dtype=np.bool_),
        )


NONE_DECIDED = Decisions.of(())


@dataclass(slots=True)
class Found:
    """Clusters of a body of records with what led to them."""

    rules: Rules
    left: Int32
    right: Int32
    levels: Levels
    verdicts: Verdicts
    clusters: Clusters
    over_common: list[OverCommon] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wish:
    """How to look for duplicates."""

    rules: Rules | None = None
    learn: bool = True
    threshold: float | None = None
    decisions: Decisions = NONE_DECIDED
    sources: Int64 | None = None
    """A number per row: where given, rows of one source are never compared with each other."""
    threads: int | None = None
    progress: Callable[[str], None] = lambda step: None


def find(columns: pl.DataFrame, wish: Wish = Wish()) -> Found:  # noqa: B008 - frozen
    """The duplicates among the rows, by rules refitted to them without a label."""
    rules = wish.rules or replace(default_rules(), auto_link="best")
    wish.progress("standardising")
    made = table(columns, rules)
    if wish.learn:
        rules = counted(made, rules)
        made = reweighted(made, rules)
    if made.rows > LARGE:
        rules = replace(rules, key_cap=min(rules.key_cap, LARGE_CAP))
    wish.progress("comparing")
    met = compared(made, list(keys_of(made, rules)), rules, wish.threads)
    if wish.sources is not None:
        met = across(met, wish.sources)
    wish.progress("learning")
    if wish.learn:
        rules = learned(made, met, rules, wish)
    if wish.threshold is not None:
        rules = replace(rules, threshold=wish.threshold)
    wish.progress("clustering")
    verdicts = judge(met.levels, rules)
    clusters = clustered(made.rows, met, verdicts, rules, wish.decisions)
    return Found(rules, met.left, met.right, met.levels, verdicts, clusters, met.over_common)


def across(met: Compared, sources: Int64) -> Compared:
    """The pairs whose rows are of different sources."""
    keep = sources[met.left] != sources[met.right]
    return replace(met, left=met.left[keep], right=met.right[keep], levels=met.levels[keep])


def learned(made: Table, met: Compared, rules: Rules, wish: Wish) -> Rules:
    """The rules refitted to the pairs, then updated by decisions."""
    threads = wish.threads or os.cpu_count() or 1
    dice = np.random.default_rng(0)
    if made.rows > 1 and len(met.left):
        one = dice.integers(0, made.rows, RANDOM_PAIRS).astype(np.int32)
        other = dice.integers(0, made.rows, RANDOM_PAIRS).astype(np.int32)
        chance = levels(made, one[one != other], other[one != other], rules, threads)
        sample = met.levels
        if len(sample) > SAMPLE:
            sample = sample[np.sort(dice.choice(len(sample), SAMPLE, replace=False))]
        rules = fit(sample, chance, rules)
    told = wish.decisions
    if len(told.same):
        rules = decide(levels(made, told.left, told.right, rules, threads), told.same, rules)
    return rules


def clustered(
    rows: int, met: Compared, verdicts: Verdicts, rules: Rules, decisions: Decisions
) -> Clusters:
    """Clusters of the rows; decisions bind."""
    same = decisions.same
    pairs = np.stack([decisions.left, decisions.right], axis=1).tolist() if len(same) else []
    must = [(one, other) for (one, other), yes in zip(pairs, same, strict=True) if yes]
    cannot = [(one, other) for (one, other), yes in zip(pairs, same, strict=True) if not yes]
    return cluster(
        rows,
        met.left,
        met.right,
        verdicts.probability,
        verdicts.verdict,
        verdicts.veto,
        must,
        cannot,
        bar=rules.threshold,
    )


def bits_of(levels: Levels, rules: Rules) -> NDArray[np.float64]:
    """The bits of pairs; 0 is even odds."""
    return np.asarray(indicators(levels) @ vector(rules) / np.log(2.0) + rules.prior_bits)
