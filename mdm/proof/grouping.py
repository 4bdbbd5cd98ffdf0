"""Which source records belonged together at a moment: matched, decided, named by the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from matching.cluster import cluster
from matching.engines.local import match_batch
from matching.online import Form, compare, prepare
from matching.rules import Rules
from matching.score import Verdicts
from mdm.model.match_columns import stacked
from mdm.proof.difference import Difference
from mdm.proof.folding import Folded, Past
from mdm.store.log import Ints
from mdm.store.replay import Ledger, Word

_NONE = np.zeros(0, dtype=np.int64)
NAMES = {"source": pl.String, "key": pl.String, "code": pl.String}
FEW = 400
"""Records up to which pairs are scored one by one: a batch costs a tenth of a second at least."""


@dataclass(slots=True)
class Records:
    """Source records side by side: their ids, and what they are named and grouped by."""

    ids: Ints
    names: pl.DataFrame
    columns: list[bytes]
    past: list[Past]

    @classmethod
    def of(cls, parts: Iterable[Folded], differences: list[Difference]) -> Records:
        """The parts one below the other; their differences are added to the list."""
        ids, names, columns, past = [_NONE], [pl.DataFrame(schema=NAMES)], [], []
        for part in parts:
            ids.append(part.ids)
            names.append(pl.read_ipc_stream(part.names))
            past.append(part.past)
            differences += part.differences
            if part.columns and len(part.ids):
                columns.append(part.columns)
        return cls(np.concatenate(ids), pl.concat(names), columns, past)

    def score(self, rules: Rules, threads: int | None = None) -> Scored:
        """Every pair of them that share a key, scored."""
        rows = stacked(self.columns) if self.columns else pl.DataFrame()
        return score(rows, rules, threads)


@dataclass(slots=True)
class Scored:
    """Pairs of rows with what the rules say of them, and rows under keys that hold too many."""

    left: Ints
    right: Ints
    verdicts: Verdicts
    keys: Ints
    """Every key, ascending."""
    holders: Ints
    """The row that has it."""
    crowded: Ints
    cap: int
    """Rows that one key may hold."""


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


@dataclass(frozen=True, slots=True)
class Misnamed:
    """An id for which the ledger does not say what the records give."""

    record: int
    """A record of the group."""
    name: str
    path: str
    said: str | None
    due: str | None


@dataclass(slots=True)
class Grouped:
    """The groups of a domain, what of the ledger does not fit them, and what cannot be said."""

    groups: list[Group] = field(default_factory=list)
    misnamed: list[Misnamed] = field(default_factory=list)
    suspended: set[int] = field(default_factory=set)
    """Records in groups where a match key passed its cap: the law is suspended for them."""

    def only(self, wanted: set[int] | None, suspended: set[int]) -> Grouped:
        """The groups that hold a wanted record (None: every group) and no suspended one."""
        out = self.suspended | suspended
        also = {i for g in self.groups if not out.isdisjoint(g.records) for i in g.records}
        out |= also

        def stays(records: Sequence[int]) -> bool:
            asked = wanted is None or not wanted.isdisjoint(records)
            return asked and out.isdisjoint(records)

        return Grouped(
            [group for group in self.groups if stays(group.records)],
            [one for one in self.misnamed if stays((one.record,))],
            out,
        )

    def without(self, golden_ids: set[str]) -> Grouped:
        """The groups that these ids do not lead to."""
        if not golden_ids:
            return self
        left = [
            group
            for group in self.groups
            if golden_ids.isdisjoint((group.golden_id, *group.retired))
        ]
        return Grouped(left, self.misnamed, self.suspended)


def grouped_by_code(records: Records, ledger: Ledger) -> Grouped:
    """Records of one code are one group."""
    labels = records.names["code"].rank("dense").cast(pl.Int64).to_numpy()
    return named(records.ids, labels, ledger, {})


def grouped_by_match(
    records: Records,
    scored: Scored,
    words: Sequence[Word],
    turned: Mapping[int, int],
    ledger: Ledger,
) -> Grouped:
    """Records that match are together, unless a person said otherwise."""
    node = _nodes(records.ids, words)
    clusters = cluster(
        len(records.ids),
        scored.left,
        scored.right,
        scored.verdicts.probability,
        scored.verdicts.verdict,
        scored.verdicts.veto,
        must=_pairs(words, node, "same"),
        cannot=_pairs(words, node, "different"),
        order=_ranks(records.names),
    )
    found = named(records.ids, clusters.labels, ledger, turned)
    if len(scored.crowded):
        touched = np.isin(clusters.labels, clusters.labels[scored.crowded])
        found.suspended = set(records.ids[touched].tolist())
    return found


def score(rows: pl.DataFrame, rules: Rules, threads: int | None) -> Scored:
    """Every pair of rows that share a key, scored."""
    if len(rows) > FEW:
        match = match_batch(rows, rules, threads)
        over = np.array([each.key for each in match.over_common], dtype=np.int64)
        key, row = match.keys
        crowded = np.unique(row[np.isin(key, over)]) if len(over) else row[:0]
        left, right = match.left.astype(np.int64), match.right.astype(np.int64)
        over_common = crowded.astype(np.int64)
        holders = row.astype(np.int64)
        return Scored(left, right, match.verdicts, key, holders, over_common, rules.key_cap)
    return _score_few([prepare(row, rules) for row in rows.to_dicts()], rules)


def _score_few(forms: Sequence[Form], rules: Rules) -> Scored:
    holders: dict[int, list[int]] = {}
    for number, form in enumerate(forms):
        for key in set(form.keys):
            holders.setdefault(key, []).append(number)
    shared = [held for held in holders.values() if len(held) <= rules.key_cap]
    crowded = {n for held in holders.values() if len(held) > rules.key_cap for n in held}
    pairs = sorted({(a, b) for held in shared for a in held for b in held if a < b})
    verdicts = compare([forms[a] for a, _ in pairs], [forms[b] for _, b in pairs], rules)
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    told = np.array([(k, n) for k in sorted(holders) for n in holders[k]], dtype=np.int64)
    keys = told.reshape(-1, 2).T
    over_common = np.array(sorted(crowded), dtype=np.int64)
    return Scored(ends[0], ends[1], verdicts, keys[0], keys[1], over_common, rules.key_cap)


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


def _ranks(names: pl.DataFrame) -> Ints:
    """The place of every record in the order of crosswalk keys."""
    order = names.with_row_index("row").sort("source", "key")["row"].to_numpy()
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
            said = f"source record {records[0]}"
            found.misnamed.append(Misnamed(records[0], said, "assigned", None, "an entry"))
            continue
        living = [one for one in founded if one not in ledger.leads]
        chosen = min(living or founded, key=ledger.age.__getitem__)
        retired = tuple(one for one in founded if one != chosen)
        for one in founded:
            leads, due = ledger.leads.get(one), None if one == chosen else chosen
            if leads != due:
                found.misnamed.append(Misnamed(records[0], one, "merged_into", leads, due))
        decided = max((turned.get(one, 0) for one in records), default=0) if turned else 0
        found.groups.append(Group(chosen, tuple(records), own, retired, decided))
    return found
