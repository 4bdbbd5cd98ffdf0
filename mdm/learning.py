"""Matching rules that learn: a refit is a proposal with its predicted effect, never a change.

The candidate is fitted to the records themselves and to what stewards decided; it becomes live only
when a person activates it. How many more decisions are wanted before the hub may link by itself is
part of the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from matching.find import Decisions, Wish, find
from matching.rules import Rules
from matching.score import MATCH, Verdicts, judge

WANTED_DECISIONS = 50
"""Decisions of a domain from which it is worth lowering the bar for linking by itself."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far rules agree with the decisions: shares of the pairs, and their mean."""

    precision: float
    recall: float
    f_score: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """Candidate rules, and what activating them would do."""

    rules: Rules
    before: Agreement
    after: Agreement
    links_kept: int
    links_lost: int
    links_gained: int
    decisions: int
    decisions_wanted: int


def propose(columns: pl.DataFrame, decisions: Decisions, rules: Rules) -> Proposal:
    """Rules refitted to the records and the decisions, beside the rules that are live."""
    free = replace(rules, auto_link="best")
    found = find(columns, Wish(rules=free, decisions=decisions))
    candidate = replace(found.rules, auto_link=rules.auto_link, key_cap=rules.key_cap)
    now = judge(found.levels, rules).verdict == MATCH
    then = judge(found.levels, candidate).verdict == MATCH
    place = {
        pair: at
        for at, pair in enumerate(zip(found.left.tolist(), found.right.tolist(), strict=True))
    }
    pairs = zip(decisions.left.tolist(), decisions.right.tolist(), strict=True)
    rows = np.array([place.get((min(pair), max(pair)), -1) for pair in pairs], dtype=np.int64)
    met = rows >= 0
    told = found.levels[rows[met]]
    same = decisions.same[met]
    return Proposal(
        rules=candidate,
        before=agreement(judge(told, replace(rules, auto_link="best")), same),
        after=agreement(judge(told, replace(candidate, auto_link="best")), same),
        links_kept=int((now & then).sum()),
        links_lost=int((now & ~then).sum()),
        links_gained=int((~now & then).sum()),
        decisions=len(decisions.same),
        decisions_wanted=max(0, WANTED_DECISIONS - len(decisions.same)),
    )


def agreement(said: Verdicts, same: np.ndarray) -> Agreement:
    """How far verdicts agree with what people decided."""
    linked = said.verdict == MATCH
    right = float((linked & same).sum())
    precision = right / max(float(linked.sum()), 1.0)
    recall = right / max(float(same.sum()), 1.0)
    return Agreement(precision, recall, 2 * precision * recall / max(precision + recall, 1e-9))
