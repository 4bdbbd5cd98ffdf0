"""Which source records belonged together at a moment: matched, decided and named as the log says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matching.cluster import cluster
from matching.engines.local import match_batch
from matching.online import compare, prepare
from matching.rules import Rules
from matching.score import Verdicts
from mdm.model.match_columns import stacked
from mdm.proof.folding import Folded
from mdm.store.replay import Ints, Ledger, Word

FEW = 400
"""Records up to which pairs are scored one by one: a batch costs a tenth of a second at least."""


@dataclass(slots=True)
class Scored:
    """Pairs of rows with what the rules say of them, and rows under keys that hold too many."""

    left: Ints
    right: Ints
    verdicts: Verdicts
    crowded: set[int]


@dataclass(frozen=True, slots=True)
class Group:
    """Source records that answer with one golden id, and the retired ids that lead to it."""

    golden_id: str
    records: tuple[int, ...]
    own: tuple[str | None, ...]
    """Of each record, the golden id that it founded."""
    retired: tuple[str, ...] = ()
    decided: int = 0
    """The latest act of a person on one of the records."""


@dataclass(slots=True)
class Grouped:
    """The groups of a domain, what of the ledger does not fit them, and what cannot be said."""

    groups: list[Group] = field(default_factory=list)
    misnamed: list[tuple[str, str, object, object]] = field(default_factory=list)
    """(golden id, path, what the ledger says, what the records give)."""
    suspended: set[int] = field(default_factory=set)
    """Records in groups where a match key passed its cap: the law is suspended for them."""


def grouped_by_code(part: Folded, ledger: Ledger) -> Grouped:
    """Records of one code are one group."""
    number: dict[str, int] = {}
    labels = [number.setdefault(code, len(number)) for code in part.codes]
    return named(np.array(part.ids), np.array(labels, dtype=np.int64), ledger, {})


def grouped_by_match(
    part: Folded,
    columns: Sequence[bytes],
    rules: Rules,
    said: tuple[Sequence[Word], Mapping[int, int], Ledger],
    threads: int | None = None,
) -> Grouped:
    """Records that match, together unless a person said otherwise."""
    words, turned, ledger = said
    ids = np.array(part.ids, dtype=np.int64)
    scored = score(stacked(columns) if columns else pl.DataFrame(), rules, threads)
    node = _nodes(ids, words)
    clusters = cluster(
        len(ids),
        scored.left,
        scored.right,
        scored.verdicts.probability,
        scored.verdicts.verdict,
        scored.verdicts.veto,
        must=_pairs(words, node, "same"),
        cannot=_pairs(words, node, "different"),
        order=_ranks(part.crosswalk),
    )
    found = named(ids, clusters.labels, ledger, turned)
    if scored.crowded:
        touched = np.isin(clusters.labels, clusters.labels[sorted(scored.crowded)])
        found.suspended = set(ids[touched].tolist())
    return found


def score(rows: pl.DataFrame, rules: Rules, threads: int | None) -> Scored:
    """Every pair of rows that share a key, scored."""
    if len(rows) > FEW:
        match = match_batch(rows, rules, threads)
        over = np.array([each.key for each in match.over_common], dtype=np.int64)
        key, row = match.keys
        crowded = set(row[np.isin(key, over)].tolist()) if len(over) else set()
        return Scored(
            match.left.astype(np.int64), match.right.astype(np.int64), match.verdicts, crowded
        )
    forms = [prepare(row, rules) for row in rows.to_dicts()]
    holders: dict[int, list[int]] = {}
    for number, form in enumerate(forms):
        for key in set(form.keys):
            holders.setdefault(key, []).append(number)
    crowded = {n for held in holders.values() if len(held) > rules.key_cap for n in held}
    shared = (held for held in holders.values() if len(held) <= rules.key_cap)
    pairs = sorted({(a, b) for held in shared for a in held for b in held if a < b})
    verdicts = compare([forms[a] for a, _ in pairs], [forms[b] for _, b in pairs], rules)
    columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Scored(columns[0], columns[1], verdicts, crowded)


def _nodes(ids: Ints, words: Sequence[Word]) -> dict[int, int]:
    """Rows of the records that decisions bind."""
    bound = {i for word in words for i in (*word.decision.left, *word.decision.right)}
    places = np.flatnonzero(np.isin(ids, np.array(sorted(bound), dtype=np.int64)))
    return {int(ids[place]): int(place) for place in places}


def _pairs(words: Sequence[Word], node: Mapping[int, int], kind: str) -> list[tuple[int, int]]:
    return [
        (node[a], node[b])
        for word in words
        if word.decision.kind == kind
        for a, b in word.decision.pairs
        if a in node and b in node
    ]


def _ranks(crosswalk: Sequence[tuple[str, str]]) -> NDArray[np.int64]:
    """The place of every record in the order of crosswalk keys."""
    if not crosswalk:
        return np.zeros(0, dtype=np.int64)
    frame = pl.DataFrame(crosswalk, schema=["source", "key"], orient="row").with_row_index("row")
    order = frame.sort("source", "key")["row"].to_numpy()
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


def named(ids: Ints, labels: Ints, ledger: Ledger, turned: Mapping[int, int]) -> Grouped:
    """The groups with the ids that the ledger gives them."""
    found = Grouped()
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    for rows in np.split(ids[order], starts[1:]) if len(ids) else ():
        records = rows.tolist()
        own = tuple(ledger.founded.get(one) for one in records)
        founded = [one for one in own if one is not None]
        if not founded:
            found.misnamed.append((f"record {records[0]}", "assigned", None, "an entry"))
            continue
        living = [one for one in founded if one not in ledger.leads]
        chosen = min(living or founded, key=ledger.age.__getitem__)
        retired = tuple(one for one in founded if one != chosen)
        for one in founded:
            leads, due = ledger.leads.get(one), None if one == chosen else chosen
            if leads != due:
                found.misnamed.append((one, "merged_into", leads, due))
        decided = max((turned.get(one, 0) for one in records), default=0) if turned else 0
        found.groups.append(Group(chosen, tuple(records), own, retired, decided))
    return found
