"""Which stored records new and changed ones may be the same as, and what the rules say of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain

import numpy as np
import polars as pl

from matching.engines.local import keys_of_rows, score_pairs
from matching.online import Form, Verdicts, compare, prepare
from matching.rules import Rules as MatchRules
from mdm.crowding import EXAMPLES, report_crowds
from mdm.golden.decide import code_of
from mdm.golden.state import Edge, Held
from mdm.model.domain import Domain
from mdm.model.match_columns import frame_of
from mdm.model.match_row import MatchRow, match_row
from mdm.records import Document
from mdm.store import gather, write_sources
from mdm.store.hub import Hub, rules_of
from mdm.store.transaction import Tx
from mdm.store.write_sources import KeyRows

Changed = Sequence[tuple[Held, Held]]


MANY = 200
"""Records or pairs from which they are worked in columns: the same results, many times faster."""


@dataclass(slots=True)
class Sides:
    """Records in compared form: one by one where they are few, in columns where they are many."""

    domain: Domain
    rules: MatchRules
    rows: dict[int, MatchRow] = field(default_factory=dict)
    forms: dict[int, Form] = field(default_factory=dict)

    def row(self, record: Held) -> MatchRow:
        """What the engine reads of a record."""
        known = self.rows.get(record.id)
        if known is None:
            # A collective account for one-time vendors stands for nobody and is not matched.
            known = {} if record.record.get("one_time") else match_row(self.domain, record.record)
            self.rows[record.id] = known
        return known

    def keys(self, records: Collection[Held]) -> KeyRows:
        """(match key, record) of these records; what is kept out of matching has none."""
        live = [record for record in records if record.state != "excluded"]
        if len(live) >= MANY:
            keys, rows = keys_of_rows(self._columns(live), self.rules)
            ids = np.array([record.id for record in live], dtype=np.int64)
            return list(zip(keys.tolist(), ids[rows].tolist(), strict=True))
        return [(key, record.id) for record in live for key in self._form(record).keys]

    def verdicts(self, held: Mapping[int, Held], pairs: Sequence[tuple[int, int]]) -> Verdicts:
        """What the rules say of pairs of these records."""
        if len(pairs) < MANY:
            left, right = ([self._form(held[pair[side]]) for pair in pairs] for side in (0, 1))
            return compare(left, right, self.rules)
        ids = sorted(set(chain.from_iterable(pairs)))
        ends = np.searchsorted(ids, np.array(pairs, dtype=np.int64)).astype(np.int32)
        columns = self._columns([held[record_id] for record_id in ids])
        return score_pairs(columns, ends[:, 0], ends[:, 1], self.rules)

    def _columns(self, records: Sequence[Held]) -> pl.DataFrame:
        return frame_of(self.domain, [self.row(record) for record in records])

    def _form(self, record: Held) -> Form:
        known = self.forms.get(record.id)
        if known is None:
            known = prepare(self.row(record), self.rules)
            self.forms[record.id] = known
        return known


def pair(tx: Tx, hub: Hub, domain: Domain, added: Sequence[Held], changed: Changed) -> set[int]:
    """Writes match keys and scored edges of new and changed records; returns crowded keys.

    A key that too many records have makes no pairs: a task says so, one for each key.
    A changed record whose matching values are the same keeps its keys and edges.
    """
    rules = rules_of(tx.connection, hub, domain.name)
    sides, earlier = Sides(domain, rules), Sides(domain, rules)
    moved = [
        (before, after)
        for before, after in changed
        if (before.state == "excluded") != (after.state == "excluded")
        or earlier.row(before) != sides.row(after)
    ]
    fresh = {record.id: record for record in (*added, *(after for _before, after in moved))}
    rows = sides.keys(fresh.values())
    gone = earlier.keys([before for before, _after in moved])
    ids = {after.id for _before, after in moved}
    # While a re-match is underway a key of the new version may stand already.
    standing = [row for row in rows if row[1] in ids]
    write_sources.replace_keys(tx.connection, [*gone, *standing], rows)
    pairs, crowded = _pairs(tx, rows, rules)
    write_sources.replace_edges(tx.connection, ids, score(tx, sides, fresh, pairs), tx.id)
    if crowded:
        report_crowds(tx, domain, rules, crowded, _examples(domain, rows, fresh, crowded))
    return crowded


def _examples(
    domain: Domain, rows: KeyRows, fresh: Mapping[int, Held], crowded: set[int]
) -> dict[int, MatchRow]:
    """Of each crowded key a few of the fresh records that have it."""
    having: dict[int, list[int]] = {}
    for key, record_id in rows:
        if key in crowded and len(some := having.setdefault(key, [])) < EXAMPLES:
            some.append(record_id)
    ids = {record_id for some in having.values() for record_id in some}
    return {record_id: match_row(domain, fresh[record_id].record) for record_id in sorted(ids)}


def pair_again(tx: Tx, hub: Hub, domain: Domain, ids: Sequence[int]) -> None:
    """Writes keys and pairs of stored records anew, by the rules that run."""
    rules = rules_of(tx.connection, hub, domain.name)
    held = gather.held_by_id(tx.connection, ids)
    sides = Sides(domain, rules)
    rows = sides.keys(held.values())
    write_sources.forget_keys(tx.connection, ids)
    write_sources.replace_keys(tx.connection, (), rows)
    pairs, _crowded = _pairs(tx, rows, rules)
    write_sources.replace_edges(tx.connection, ids, score(tx, sides, held, pairs), tx.id)


def _pairs(
    tx: Tx, rows: Sequence[tuple[int, int]], rules: MatchRules
) -> tuple[list[tuple[int, int]], set[int]]:
    """Candidate pairs (lower id first) of the records in `rows`, and keys too crowded to ask."""
    holders: dict[int, list[int]] = {}
    for key, record_id in rows:
        holders.setdefault(key, []).append(record_id)
    found, crowded = gather.candidates(tx.connection, list(holders), rules.key_cap)
    pairs = {
        (min(one, other), max(one, other))
        for key, other in found
        for one in holders[key]
        if one != other
    }
    return sorted(pairs), set(crowded)


def score(
    tx: Tx, sides: Sides, fresh: Mapping[int, Held], pairs: Sequence[tuple[int, int]]
) -> list[Edge]:
    """The pairs as scored edges; what is not fresh is read from what we hold."""
    held = gather.held_by_id(tx.connection, set(chain.from_iterable(pairs)) - fresh.keys())
    held.update(fresh)
    live = {number for number, record in held.items() if record.state != "excluded"}
    known = [(left, right) for left, right in pairs if left in live and right in live]
    if not known:
        return []
    verdicts, rules = sides.verdicts(held, known), sides.rules
    columns = zip(
        known,
        verdicts.probability.tolist(),
        verdicts.verdict.tolist(),
        verdicts.veto.tolist(),
        verdicts.evidence,
        strict=True,
    )
    return [
        Edge(left, right, probability, verdict, bool(veto), evidence, rules.version)
        for (left, right), probability, verdict, veto, evidence in columns
    ]


def code_key(secret: bytes, domain: Domain, record: Document) -> int:
    """The match key of a domain mastered by code: a keyed hash of scope and code."""
    return key_of_code(secret, domain, code_of(domain, record))


def key_of_code(secret: bytes, domain: Domain, code: str) -> int:
    """The match key of a code, its scope first."""
    said = f"{domain.name}\x1f{code}".encode()
    return int.from_bytes(blake2b(said, digest_size=8, key=secret).digest(), "little", signed=True)


def pair_by_code(
    tx: Tx, hub: Hub, domain: Domain, added: Sequence[Held], changed: Changed
) -> set[int]:
    """Writes the code keys of new and changed records; returns all records under their codes."""
    secret = hub.keys.match_secret
    rows = [(code_key(secret, domain, record.record), record.id) for record in added]
    recoded = list(_recoded(secret, domain, changed))
    write_sources.replace_keys(
        tx.connection,
        [(old, record_id) for old, _new, record_id in recoded],
        rows + [(new, record_id) for _old, new, record_id in recoded],
    )
    keys = {key for key, _record_id in rows} | {
        code_key(secret, domain, after.record) for _before, after in changed
    }
    keys |= {old for old, _new, _record_id in recoded}
    within = gather.records_of_codes(tx.connection, keys)
    return within | {record.id for record in added} | {after.id for _before, after in changed}


def _recoded(secret: bytes, domain: Domain, changed: Changed) -> Iterable[tuple[int, int, int]]:
    for before, after in changed:
        old, new = (code_key(secret, domain, one.record) for one in (before, after))
        if old != new:
            yield old, new, after.id
