"""Duplicates in a body of records: frequencies, candidates, weights, verdicts, clusters."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matching.cluster import Clusters, cluster
from matching.columns import Int32, Int64, grouped, sizes_of
from matching.complete import completed
from matching.contest import Conflict
from matching.engines.batch import OverCommon
from matching.engines.keys import keys_of
from matching.engines.levels import Levels, levels
from matching.engines.local import Compared, compared
from matching.fields import FIELDS
from matching.found_placeholders import Placeholder, listed
from matching.found_placeholders import found as found_in
from matching.frequency import counted, reweighted
from matching.learn import Candidates, decide, fit, indicators, vector
from matching.rules import Rules, default_rules
from matching.score import MATCH, NO_MATCH, Evidence, Verdicts, judge
from matching.table import Table
from matching.tabulate import table, without

WIDE_ROWS = 75_000
"""Rows up to which weak keys are used too."""
CAPPED = 2_000_000
"""Rows times the records a key may have: pairs must not grow faster than records."""
LEAST_CAP, MOST_CAP = 20, 200
MANY_EQUAL = 20
"""Rows alike in every column from which they are compared as one."""
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

    def apart(self) -> Decisions:
        """The decisions on two different rows."""
        keep = self.left != self.right
        return Decisions(self.left[keep], self.right[keep], self.same[keep])


NONE_DECIDED = Decisions.of(())
NO_ROWS = np.zeros(0, dtype=np.int32)
NO_LEVELS: Levels = np.zeros((0, len(FIELDS)), dtype=np.int8)


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
    placeholders: list[Placeholder] = field(default_factory=list)
    """Values found to stand for "not known", and so not compared."""
    decisions: Decisions = NONE_DECIDED
    self_levels: Levels = field(default_factory=lambda: NO_LEVELS)
    """The levels of rows that stand for several against themselves; -1 for every other row."""

    @property
    def self_match(self) -> NDArray[np.bool_]:
        """Whether another row just like this one would be a match."""
        return np.asarray(judge(self.self_levels, self.rules).verdict == MATCH)

    @property
    def bits(self) -> NDArray[np.float64]:
        """The bits of every pair; 0 is even odds."""
        return bits_of(self.levels, self.rules)

    @property
    def undecided(self) -> NDArray[np.bool_]:
        """The pairs that nobody has decided."""
        decided = {
            (min(one, other), max(one, other))
            for one, other in zip(
                self.decisions.left.tolist(), self.decisions.right.tolist(), strict=True
            )
        }
        if not decided:
            return np.ones(len(self.left), dtype=np.bool_)
        pairs = zip(self.left.tolist(), self.right.tolist(), strict=True)
        return np.array([pair not in decided for pair in pairs], dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Wish:
    """How to look for duplicates."""

    rules: Rules | None = None
    learn: bool = True
    threshold: float | None = None
    decisions: Decisions = NONE_DECIDED
    sources: Int64 | None = None
    """A number per row: where given, rows of one source are never compared with each other."""
    real: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Values by field, in compared form, that are no placeholders whatever they look like."""
    threads: int | None = None
    engine: str = "local"
    progress: Callable[[str], None] = lambda step: None


def find(columns: pl.DataFrame, wish: Wish = Wish(), alike: Int32 = NO_ROWS) -> Found:
    """The duplicates among the rows, by rules refitted to them without a label.

    `alike`: rows that stand for several of which each is just like the other.
    """
    rules = wish.rules or replace(default_rules(), auto_link="best")
    threads = wish.threads or os.cpu_count() or 1
    wish.progress("standardising")
    made = table(columns, rules, threads)
    nobodys: list[Placeholder] = []
    if wish.learn:
        rules, made, nobodys = fitted(columns, made, rules, wish)
    wish.progress("comparing")
    met = paired(columns, made, rules, wish)
    if wish.sources is not None:
        met = across(met, wish.sources)
    wish.progress("learning")
    if wish.learn:
        rules = learned(made, met, rules, wish)
    if wish.threshold is not None:
        rules = replace(rules, threshold=wish.threshold)
    wish.progress("clustering")
    if wish.learn:
        joins = judge(met.levels, rules).verdict == MATCH
        met = completed(met, joins, rules, threads, wish.sources)
    verdicts = bound(judge(met.levels, rules), met, made.rows, wish.decisions)
    clusters = clustered(made.rows, met, verdicts, rules, wish.decisions)
    selves = NO_LEVELS
    if len(alike):
        selves = np.full((made.rows, len(FIELDS)), -1, dtype=np.int8)
        selves[alike] = levels(made, alike, alike, rules, threads)
    return Found(
        rules, met.left, met.right, met.levels, verdicts, clusters, met.over_common, nobodys,
        wish.decisions, selves,
    )  # fmt: skip


def fitted(
    columns: pl.DataFrame, made: Table, rules: Rules, wish: Wish
) -> tuple[Rules, Table, list[Placeholder]]:
    """The rules fitted to the values of the data, its table under them, and its placeholders."""
    nobodys = [each for each in found_in(made) if each.value not in real_in(each, wish)]
    if nobodys:
        rules = listed(rules, nobodys)
        fields = {each.field for each in nobodys}
        made = replace(made, flats=without(made.flats, columns, rules, fields))
    rules = counted(made, rules)
    cap = min(max(CAPPED // max(made.rows, 1), LEAST_CAP), MOST_CAP)
    rules = replace(rules, key_cap=cap, wide=made.rows <= WIDE_ROWS)
    return rules, reweighted(made, rules), nobodys


def find_all(columns: pl.DataFrame, wish: Wish) -> Found:
    """The duplicates among all rows: many rows alike in every column are compared as one.

    A million equal records cost no more than one; whether equal rows are the same is asked of the
    rules too (two rows that say "unknown" are not).
    """
    count = len(columns)
    keyed = (
        columns if wish.sources is None else columns.with_columns(source=pl.Series(wish.sources))
    )
    first, group = groups_of(keyed)
    if len(first) == count:
        return find(columns, wish)
    told = wish.decisions
    inner = replace(
        wish,
        sources=None if wish.sources is None else wish.sources[first],
        decisions=replace(
            told,
            left=group[told.left].astype(np.int32),
            right=group[told.right].astype(np.int32),
        ).apart(),
    )
    again = np.bincount(group, minlength=len(first)) > 1
    found = find(columns[first], inner, np.flatnonzero(again).astype(np.int32))
    return spread(found, first, group, wish)


def real_in(told: Placeholder, wish: Wish) -> frozenset[str]:
    """What a person called real in the field of a placeholder."""
    return wish.real.get(told.field, frozenset())


def groups_of(rows: pl.DataFrame) -> tuple[Int64, Int64]:
    """The first row of each large group of equal rows, and the group of every row.

    Rows with few equals are groups of their own: their pairs are worth telling one by one.
    """
    everyone = np.arange(len(rows))
    if len(rows) < MANY_EQUAL:
        return everyone, everyone
    order, begin = grouped(rows.hash_rows(0).to_numpy())
    sizes = sizes_of(begin, len(order))
    if sizes.max() < MANY_EQUAL:
        return everyone, everyone
    fresh = np.repeat(sizes, sizes) < MANY_EQUAL
    fresh[begin] = True
    first = order[fresh]
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    group = np.empty(len(order), dtype=np.int64)
    group[order] = rank[np.cumsum(fresh) - 1]
    return np.sort(first), group


def spread(found: Found, first: Int64, group: Int64, wish: Wish) -> Found:
    """What was found among distinct rows, told of all rows."""
    alone = np.ones(len(first), dtype=np.bool_)
    if wish.sources is None:
        alone = ~found.self_match
    labels = first[found.clusters.labels][group]
    again = np.ones(len(group), dtype=np.bool_)
    again[first] = False
    apart = again & alone[group]
    labels[apart] = np.flatnonzero(apart)
    joined = np.flatnonzero(again & ~alone[group])
    same = judge(found.self_levels[group[joined]], found.rules)
    verdicts = Verdicts(
        np.concatenate([found.verdicts.probability, same.probability]),
        np.concatenate([found.verdicts.verdict, same.verdict]),
        np.concatenate([found.verdicts.veto, same.veto]),
        Evidence(np.concatenate([found.levels, found.self_levels[group[joined]]])),
    )
    return replace(
        found,
        left=np.concatenate([first[found.left], first[group[joined]]]).astype(np.int32),
        right=np.concatenate([first[found.right], joined]).astype(np.int32),
        levels=np.concatenate([found.levels, found.self_levels[group[joined]]]),
        verdicts=verdicts,
        clusters=Clusters(
            labels,
            [
                Conflict(c.kind, tuple(first[list(c.nodes)].tolist()))
                for c in found.clusters.conflicts
            ],
        ),
        over_common=[replace(each, example=int(first[each.example])) for each in found.over_common],
        decisions=wish.decisions,
    )


def paired(columns: pl.DataFrame, made: Table, rules: Rules, wish: Wish) -> Compared:
    """The candidate pairs with their levels, on the engine asked for."""
    if wish.engine == "spark":
        # A cluster's client library is an extra: the local engine never loads it.
        from matching.engines.spark import compared_on_spark

        return compared_on_spark(columns, made, rules)
    threads = wish.threads or os.cpu_count() or 1
    return compared(made, keys_of(made, rules, threads), rules, threads)


def across(met: Compared, sources: Int64) -> Compared:
    """The pairs whose rows are of different sources."""
    keep = sources[met.left] != sources[met.right]
    return replace(
        met,
        left=met.left[keep],
        right=met.right[keep],
        kinds=met.kinds[keep],
        levels=met.levels[keep],
    )


def learned(made: Table, met: Compared, rules: Rules, wish: Wish) -> Rules:
    """The rules refitted to the pairs, then updated by decisions."""
    threads = wish.threads or os.cpu_count() or 1
    dice = np.random.default_rng(0)
    if made.rows > 1 and len(met.left):
        one = dice.integers(0, made.rows, RANDOM_PAIRS).astype(np.int32)
        other = dice.integers(0, made.rows, RANDOM_PAIRS).astype(np.int32)
        chance = levels(made, one[one != other], other[one != other], rules, threads)
        sample = np.arange(len(met.levels))
        if len(sample) > SAMPLE:
            sample = np.sort(dice.choice(len(sample), SAMPLE, replace=False))
        odds = made.rows * (made.rows - 1) / 2 / len(met.levels)
        rules = fit(Candidates(met.levels[sample], met.kinds[sample], odds), chance, rules)
    told = wish.decisions
    if len(told.same):
        rules = decide(levels(made, told.left, told.right, rules, threads), told.same, rules)
    return rules


def bound(verdicts: Verdicts, met: Compared, rows: int, decisions: Decisions) -> Verdicts:
    """The verdicts, those of decided pairs as decided."""
    if not len(decisions.same):
        return verdicts
    low = np.minimum(decisions.left, decisions.right).astype(np.int64)
    codes = low * rows + np.maximum(decisions.left, decisions.right)
    order = np.argsort(codes, kind="stable")
    codes, same = codes[order], decisions.same[order]
    pairs = met.left.astype(np.int64) * rows + met.right
    place = np.minimum(np.searchsorted(codes, pairs), len(codes) - 1)
    told = np.flatnonzero(codes[place] == pairs)
    verdicts.probability[told] = same[place[told]]
    verdicts.verdict[told] = np.where(same[place[told]], MATCH, NO_MATCH)
    return verdicts


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
        met.left.astype(np.int64),
        met.right.astype(np.int64),
        verdicts.probability,
        verdicts.verdict,
        verdicts.veto,
        must,
        cannot,
        bar=rules.threshold,
        guarded=rules.auto_link != "best",
    )


def bits_of(levels: Levels, rules: Rules) -> NDArray[np.float64]:
    """The bits of pairs; 0 is even odds."""
    return np.asarray(indicators(levels) @ vector(rules) / np.log(2.0) + rules.prior_bits)
