"""What other matching rules would do to a domain: golden records joined and split, tasks, names."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.cluster import Clusters
from matching.engines.batch import BatchMatch
from matching.rules import Rules
from mdm.golden.decide import ordered
from mdm.inbound.guard import Budgets, Facts, Tripped, judge
from mdm.rematch import Body, Work, grouped, matched
from mdm.store import whole

POSSIBLE = 1
EXAMPLES = 10
SHOWN = 5
"""Source records of an example that are named."""


@dataclass(frozen=True, slots=True)
class Example:
    """Golden records that would be one, or one that would be several."""

    happens: str
    """`join` or `split`."""
    golden_ids: tuple[str, ...]
    records: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """Counts of what activating rules would do, with examples."""

    records: int
    golden_before: int
    golden_after: int
    joined: int
    """Golden records that would end in another."""
    split: int
    """Golden records that would come out of another."""
    largest: int
    """Source records of the largest group that would grow."""
    tasks_opened: int
    tasks_closed: int
    examples: tuple[Example, ...] = ()


def effect(work: Work, body: Body, rules: Rules) -> Effect:
    """What these rules would make of the records as they stand; nothing is written."""
    with work.hub.database.read() as connection:
        open_now = set(whole.open_questions(connection, work.domain.name))
    if not len(body.ids):
        return Effect(0, 0, 0, 0, 0, 0, 0, 0)
    match = matched(body, rules)
    clusters = grouped(body, match)
    now, before = np.unique(np.array(body.golden_ids), return_inverse=True)
    _labels, after = np.unique(clusters.labels, return_inverse=True)
    met = np.unique(np.stack([before, after], axis=1), axis=0)
    goldens_of = np.bincount(met[:, 1])
    groups_of = np.bincount(met[:, 0])
    questions = _questions(body, match, _answering(body, clusters))
    return Effect(
        records=len(body.ids),
        golden_before=len(now),
        golden_after=len(goldens_of),
        joined=int((goldens_of - 1).sum()),
        split=int((groups_of - 1).sum()),
        largest=_largest_grown(before, after),
        tasks_opened=len(questions - open_now),
        tasks_closed=len(open_now - questions),
        examples=(
            *_examples(body, "join", after, np.flatnonzero(goldens_of > 1)),
            *_examples(body, "split", before, np.flatnonzero(groups_of > 1)),
        ),
    )


def _largest_grown(before: npt.NDArray[np.int64], after: npt.NDArray[np.int64]) -> int:
    """The size of the largest group that would be larger than each golden record it comes from."""
    held, told = np.bincount(before)[before], np.bincount(after)[after]
    grown = told[told > held]
    return int(grown.max()) if len(grown) else 0


def _answering(body: Body, clusters: Clusters) -> list[str]:
    """The golden id that each row would answer with, as far as can be told beforehand."""
    first: dict[int, str] = {}
    for row, label in enumerate(clusters.labels.tolist()):
        first.setdefault(label, body.golden_ids[row])
    taken = Counter(first.values())
    # A golden record that comes apart leaves its id with one part; the others get ids of their own.
    return [
        first[label] if taken[first[label]] == 1 or row == label else f"{first[label]}/{label}"
        for row, label in enumerate(clusters.labels.tolist())
    ]


def _questions(body: Body, match: BatchMatch, answering: list[str]) -> set[str]:
    """What possible pairs of different groups would be asked about."""
    decided = {
        ordered(answering[rows[a]], answering[rows[b]])
        for rows in (body.rows,)
        for decision in body.decisions
        if decision.kind == "different"
        for a, b in decision.pairs
        if a in rows and b in rows
    }
    asked = np.flatnonzero(match.verdicts.verdict >= POSSIBLE)
    pairs = {
        ordered(answering[one], answering[other])
        for one, other in zip(match.left[asked].tolist(), match.right[asked].tolist(), strict=True)
        if answering[one] != answering[other]
    }
    return {"|".join(pair) for pair in pairs - decided}


def _examples(
    body: Body, happens: str, groups: npt.NDArray[np.int64], which: npt.NDArray[np.int64]
) -> list[Example]:
    names = body.columns.get_column("name", default=None)
    found = []
    for group in which[:EXAMPLES].tolist():
        rows = np.flatnonzero(groups == group)
        some = rows[:SHOWN].tolist()
        told = [] if names is None else [names[row] for row in some]
        said = [one if isinstance(one, str) else str((list(one or []) or [""])[0]) for one in told]
        found.append(
            Example(
                happens,
                tuple(sorted({body.golden_ids[row] for row in rows.tolist()})),
                tuple(":".join(body.crosswalk[row]) for row in some),
                tuple(dict.fromkeys(said)),
            )
        )
    return found


def over_budget(told: Effect, budgets: Budgets = Budgets()) -> list[Tripped]:  # noqa: B008 # frozen
    """The budgets that the effect exceeds; none for a domain too small to judge.

    Other rules change a golden value only where they join or split, so that budget counts both.
    """
    facts = Facts(
        rows=told.golden_before,
        merged=told.joined + told.split,
        merged_by=Counter({"the new rules": told.joined + told.split}),
        clusters=Counter({"the new rules": told.largest}),
    )
    return judge(facts, budgets)
