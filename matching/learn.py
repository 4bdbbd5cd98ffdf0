"""Weights from the user's own data: without a label from several views, then from decisions.

Fields fall into views that err independently (name, place, contact, birth, bank). The posterior of
a pair from all other views is the noisy label on which a view's weights are fitted, by logistic
regression centred on the weights before (soft co-training; views as in Blum and Mitchell 1998).
Where identifiers are told they are a further, better label, whose own error is estimated from the
posterior (EM for a noisy label). Random pairs are among the negatives throughout: where nearly all
candidates are matches, candidates alone would split the matches in two.
Decisions update the weights as a Bayesian logistic regression with the weights before as prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from matching.blocking import KEY_FIELDS
from matching.em import against_chance, sigmoid
from matching.fields import FIELDS, IDENTIFIERS, POSITION, identified
from matching.regress import Labelled, Prior, regress
from matching.rules import Rules

Levels = NDArray[np.int8]
Floats = NDArray[np.float64]
VIEWS: tuple[tuple[str, ...], ...] = (
    ("name", "number", "legal_form", "person_name"),
    ("street", "city", "postcode", "country"),
    ("phone", "email", "website"),
    ("birth_date",),
    ("iban",),
)
LN2 = float(np.log(2.0))
SIZES = [len(field.levels) for field in FIELDS]
STARTS = np.concatenate([[0], np.cumsum(SIZES)]).astype(np.int64)
ROUNDS = 8
PRIOR_BITS = 2.0
"""Standard deviation, in bits, of a weight around its prior."""
DECISION_BITS = 3.0
"""The same around what was learned without a label, once people have decided."""
RANDOM_SHARE = 0.3
"""What the random pairs count, together, against the candidates."""
RANDOM_LOGIT = -8.0
FEWEST_PAIRS = 20
FEWEST_LABELS = 50
LOST = 0.5
"""The share of doubt left from which views have taught each other nothing."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs found by blocking: their levels, and the kinds of keys each shares, a bit each."""

    levels: Levels
    kinds: NDArray[np.uint32]
    odds: float = 1.0
    """How many pairs the records have for each of these."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct rows of levels with how often each comes, and their indicator columns."""

    levels: Levels
    count: Floats
    columns: Floats
    aside: dict[tuple[str, ...], Floats]
    """By view, how often each comes among the pairs that met without a word of that view."""


def patterns(candidates: Candidates) -> Patterns:
    """The distinct rows of levels; all learning is done on these few."""
    _, first, row, count = np.unique(
        packed(candidates.levels), return_index=True, return_inverse=True, return_counts=True
    )
    distinct = candidates.levels[first]
    aside = {
        view: np.bincount(row, met_without(candidates.kinds, view), len(first)).astype(np.float64)
        for view in VIEWS
    }
    return Patterns(distinct, count.astype(np.float64), indicators(distinct), aside)


def met_without(kinds: NDArray[np.uint32], view: Sequence[str]) -> NDArray[np.bool_]:
    """The pairs that share a key in which no field of the view has a part."""
    free = sum(
        1 << kind for kind, fields in enumerate(KEY_FIELDS) if not set(fields).intersection(view)
    )
    return np.asarray((kinds & np.uint32(free)) > 0)


def packed(levels: Levels) -> NDArray[np.int64]:
    """Every row of levels as one number; rows in their order are numbers in theirs."""
    code = np.zeros(len(levels), dtype=np.int64)
    for at, size in enumerate(SIZES):
        code *= size + 1
        code += levels[:, at] + 1
    return code


def indicators(levels: Levels) -> Floats:
    """One column per field and level, 1 where the row has it."""
    out = np.zeros((len(levels), int(STARTS[-1])))
    for at in range(len(SIZES)):
        told = np.flatnonzero(levels[:, at] >= 0)
        out[told, STARTS[at] + levels[told, at]] = 1.0
    return out


def columns_of(fields: Sequence[str]) -> NDArray[np.int64]:
    """The indicator columns of these fields."""
    return np.concatenate(
        [np.arange(STARTS[POSITION[name]], STARTS[POSITION[name] + 1]) for name in fields]
    )


def told_by(levels: Levels, fields: Sequence[str]) -> NDArray[np.bool_]:
    """Whether a row has any of these fields."""
    return np.asarray((levels[:, [POSITION[name] for name in fields]] >= 0).any(axis=1))


@cache
def level_signs() -> Floats:
    """-1 for the worst level of each field, 1 for the best (and the best held by many), else 0."""
    signs = np.zeros(int(STARTS[-1]))
    for at, each in enumerate(FIELDS):
        signs[STARTS[at]] = -1.0
        for place, level in enumerate(each.levels):
            if level.name.startswith("equal"):
                signs[STARTS[at] + place] = 1.0
    return signs


def vector(rules: Rules) -> Floats:
    """The rules' weights as one row, in nats."""
    return np.concatenate([np.asarray(rules.weights[f.name]) for f in FIELDS]) * LN2


def with_weights(rules: Rules, weights: Floats, prior: float) -> Rules:
    """The rules with other weights (nats), rounded to a hundredth of a bit: readable, stable."""
    bits = np.round(weights / LN2, 2) + 0.0
    told = {
        field.name: tuple(float(each) for each in bits[STARTS[at] : STARTS[at + 1]])
        for at, field in enumerate(FIELDS)
    }
    return replace(rules, weights=MappingProxyType(told), prior_bits=round(prior / LN2, 2))


def share(pairs: Patterns, score: Floats, prior: float) -> float:
    """The prior, in nats, that agrees with the share of matches it leads to."""
    for _ in range(3):
        matches = float((sigmoid(score + prior) * pairs.count).sum())
        rate = (matches + 1.0) / (float(pairs.count.sum()) + 2.0)
        prior = float(np.log(rate / (1.0 - rate)))
    return prior


def fit(candidates: Candidates, random_levels: Levels, rules: Rules) -> Rules:
    """Rules with weights refitted to the candidates' levels, without a label.

    Data that tell one view alone (only a name) leave the weights as they are.
    """
    # The matrices are small: BLAS threads wait for each other far longer than they compute.
    with threadpool_limits(1, user_api="blas"):
        return fitted(candidates, random_levels, rules)


def fitted(candidates: Candidates, random_levels: Levels, rules: Rules) -> Rules:
    """`fit`, on as many threads as BLAS takes."""
    pairs = patterns(candidates)
    chance = patterns(Candidates(random_levels, np.zeros(len(random_levels), dtype=np.uint32)))
    seen = [view for view in VIEWS if variety(pairs, view) >= FEWEST_PAIRS]
    numbered = pairs.count[told_by(pairs.levels, IDENTIFIERS)].sum() >= FEWEST_PAIRS
    if len(seen) + int(numbered) < 2:  # noqa: PLR2004 - one view cannot check itself
        return rules
    weights, prior = taught(
        pairs, [view_of(pairs, chance, view, pairs.count) for view in seen], rules
    )
    if doubt(pairs, pairs.columns @ weights + prior) > LOST:
        # Every candidate shares something: what two views share apart looks like a contradiction,
        # and where that is most of what is seen, views unlearn each other.
        met = [view_of(pairs, chance, view, pairs.aside[view]) for view in seen]
        weights, prior = taught(pairs, met, rules)
    if doubt(pairs, pairs.columns @ weights + prior) > LOST:
        # Too many errors in too few fields: what is left is how unlikely each level is by chance.
        fields = [(pairs.aside[view], [columns_of([name]) for name in view]) for view in seen]
        weights, prior = against_chance(pairs, chance, vector(rules), fields, candidates.odds)
    weights, prior = from_identifiers(pairs, weights, prior)
    return with_weights(rules, weights, prior)


def variety(pairs: Patterns, view: tuple[str, ...]) -> float:
    """How many pairs say in the view what most do not: a constant teaches nothing."""
    told = told_by(pairs.levels, view)
    if not told.any():
        return 0.0
    _, way = ways(pairs.levels[told], [POSITION[name] for name in view])
    count = np.bincount(way, pairs.count[told])
    return float(count.sum() - count.max())


def taught(pairs: Patterns, views: Sequence[View], rules: Rules) -> tuple[Floats, float]:
    """Weights and prior that the views, each taught by all others, agree on."""
    shipped = vector(rules)
    weights, prior = shipped.copy(), rules.prior_bits * LN2
    for _ in range(ROUNDS):
        prior = share(pairs, pairs.columns @ weights, prior)
        weights = 0.5 * weights + 0.5 * refitted(pairs, views, (weights, shipped), prior)
    return weights, share(pairs, pairs.columns @ weights, prior)


def doubt(pairs: Patterns, score: Floats) -> float:
    """The share of what is unknown that the score leaves unknown: 1 where it tells nothing."""
    likely = sigmoid(score)
    rate = float((likely * pairs.count).sum() / pairs.count.sum())
    left = float((entropy(likely) * pairs.count).sum() / pairs.count.sum())
    return left / float(entropy(np.array([rate]))[0])


def entropy(likely: Floats) -> Floats:
    """Bits that are unknown of what has this probability."""
    likely = np.clip(likely, 1e-9, 1.0 - 1e-9)
    return np.asarray(-likely * np.log2(likely) - (1.0 - likely) * np.log2(1.0 - likely))


@dataclass(frozen=True, slots=True)
class View:
    """What pairs say in one view: the few distinct ways, and which of them each pattern says."""

    fields: NDArray[np.int64]
    """The indicator columns of its fields."""
    told: NDArray[np.bool_]
    """The patterns that say anything in it, among pairs that met by something else."""
    count: Floats
    """How often each of those comes."""
    said: Floats
    """The indicator columns of its fields, of those patterns."""
    way: NDArray[np.int64]
    """The number of the way of each of those."""
    columns: Floats
    """Indicator columns of the ways, then of what random pairs say."""
    chance: Floats
    """How often random pairs say each of theirs."""


def view_of(pairs: Patterns, chance: Patterns, names: Sequence[str], count: Floats) -> View:
    """The pairs, each as often as `count` says, and the random pairs as one view sees them."""
    told = told_by(pairs.levels, names) & (count > 0)
    if count[told].sum() < FEWEST_PAIRS:
        count, told = pairs.count, told_by(pairs.levels, names)
    fields = columns_of(names)
    at = [POSITION[name] for name in names]
    first, way = ways(pairs.levels[told], at)
    random_first, random_way = ways(chance.levels, at)
    said = pairs.columns[np.ix_(told, fields)]
    columns = [said[first], chance.columns[np.ix_(random_first, fields)]]
    seen = np.bincount(random_way, chance.count).astype(np.float64)
    return View(fields, told, count[told], said, way, np.vstack(columns), seen)


def ways(levels: Levels, at: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first row of each distinct combination of levels of some fields, and each row's."""
    only = np.full_like(levels, -1)
    only[:, at] = levels[:, at]
    _, first, way = np.unique(packed(only), return_index=True, return_inverse=True)
    return first, way


def refitted(
    pairs: Patterns, views: Sequence[View], weights: tuple[Floats, Floats], prior: float
) -> Floats:
    """Weights of each view, fitted to what all other views say; `weights`: current, shipped."""
    current, shipped = weights
    new = current.copy()
    total = pairs.columns @ current + prior
    for view in views:
        columns, told = view.fields, view.told
        label = sigmoid(total[told] - view.said @ current[columns])
        count = view.count
        rate = float((label * count).sum() / count.sum())
        offset = np.log((rate + 1e-4) / (1.0 - rate + 1e-4))
        seen = np.bincount(view.way, count)
        said = np.bincount(view.way, label * count) / seen
        random_weight = RANDOM_SHARE * count.sum() * view.chance / max(view.chance.sum(), 1.0)
        rows = Labelled(
            view.columns,
            np.concatenate([said, np.zeros(len(view.chance))]),
            np.concatenate([seen, random_weight]),
            np.concatenate([np.full(len(said), offset), np.full(len(view.chance), RANDOM_LOGIT)]),
        )
        precision = np.full(len(columns), 1.0 / (PRIOR_BITS * LN2) ** 2)
        new[columns] = regress(
            rows, Prior(shipped[columns], precision, level_signs()[columns]), current[columns]
        )
    return new


def from_identifiers(pairs: Patterns, weights: Floats, prior: float) -> tuple[Floats, float]:
    """Weights and prior refitted to equal and different identifiers, taken as a noisy label."""
    equal = identified(pairs.levels)
    told = equal | (pairs.levels[:, [POSITION[name] for name in IDENTIFIERS]] == 0).any(axis=1)
    enough = min(pairs.count[equal].sum(), pairs.count[told & ~equal].sum()) >= FEWEST_LABELS
    if not enough:
        return weights, prior
    rest = np.setdiff1d(np.arange(int(STARTS[-1])), columns_of(IDENTIFIERS))
    columns, count, same = without_identifiers(pairs, told, equal)
    columns = np.hstack([columns[:, rest], np.ones((len(columns), 1))])
    centre = np.append(weights[rest], prior)
    precision = np.full(len(centre), 1.0 / (1.5 * PRIOR_BITS * LN2) ** 2)
    precision[-1] = 0.01
    signs = np.append(level_signs()[rest], 0.0)
    fitted = centre
    hit, false = 0.9, 0.001
    for _ in range(ROUNDS):
        before = sigmoid(columns @ fitted)
        likely = np.where(same, hit, 1.0 - hit)
        unlikely = np.where(same, false, 1.0 - false)
        label = before * likely / (before * likely + (1.0 - before) * unlikely)
        hit = float((label * count * same).sum() + 9.0) / float((label * count).sum() + 10.0)
        false = float(((1 - label) * count * same).sum() + 0.01) / float(
            ((1 - label) * count).sum() + 10.0
        )
        hit, false = min(hit, 0.995), min(max(false, 1e-5), 0.05)
        rows = Labelled(columns, label, count, np.zeros(len(count)))
        fitted = regress(rows, Prior(centre, precision, signs), fitted)
    new = weights.copy()
    new[rest] = fitted[:-1]
    return identifier_weights(new, hit, false), float(fitted[-1])


def without_identifiers(
    pairs: Patterns, told: NDArray[np.bool_], equal: NDArray[np.bool_]
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """The told patterns that differ in more than identifiers: columns, count, label of each."""
    only = pairs.levels[told]
    only[:, [POSITION[name] for name in IDENTIFIERS]] = -1
    label = equal[told]
    _, first, row = np.unique(packed(only) * 2 + label, return_index=True, return_inverse=True)
    count = np.asarray(np.bincount(row, pairs.count[told]), dtype=np.float64)
    return pairs.columns[np.flatnonzero(told)[first]], count, label[first]


def identifier_weights(weights: Floats, hit: float, false: float) -> Floats:
    """What an equal and a different identifier are worth, by the rates of the noisy label."""
    new = weights.copy()
    for name in IDENTIFIERS:
        columns = columns_of([name])
        different = np.log((1.0 - hit) / (1.0 - false))
        equal = np.log(hit / false)
        new[columns[0]] = 0.5 * (new[columns[0]] + different)
        new[columns[-1]] = 0.5 * (new[columns[-1]] + equal)
    return new


def decide(levels: Levels, same: NDArray[np.bool_], rules: Rules) -> Rules:
    """Rules with weights updated by decisions: the levels of decided pairs, and what was said."""
    if not len(same):
        return rules
    prior = rules.prior_bits * LN2
    columns = np.hstack([indicators(levels), np.ones((len(levels), 1))])
    centre = np.append(vector(rules), prior)
    precision = np.full(len(centre), 1.0 / (DECISION_BITS * LN2) ** 2)
    precision[-1] /= 4.0
    rows = Labelled(columns, same.astype(np.float64), np.ones(len(same)), np.zeros(len(same)))
    fitted = regress(rows, Prior(centre, precision, np.append(level_signs(), 0.0)), centre)
    return with_weights(rules, fitted[:-1], float(fitted[-1]))
