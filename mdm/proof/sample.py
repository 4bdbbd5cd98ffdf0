"""Some source records at an earlier moment, with all that could share a group with them then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from matching.rules import Rules
from matching.score import MATCH
from mdm.model.domain import Domain
from mdm.pairing import key_of_code
from mdm.proof.folding import Past
from mdm.proof.grouping import Records, Scored
from mdm.store.hub import Hub
from mdm.store.log import Ints
from mdm.store.replay import Word

EVERY = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Index:
    """Which source records stand under which key: in their latest version, and at the moments."""

    keys: Ints
    ids: Ints
    past: Past
    cap: int

    def under(self, keys: Ints, moment: int) -> tuple[set[int], set[int]]:
        """Records that may have stood under one of these keys, and keys that hold too many."""
        found: set[int] = set()
        crowded: set[int] = set()
        for key in keys.tolist():
            start, end = np.searchsorted(self.keys, [key, key + 1] if key < EVERY else [key, key])
            if end - start > self.cap:
                crowded.add(key)
                continue
            found.update(self.ids[start:end].tolist())
            start, end = np.searchsorted(self.past.keys, [key, key + 1])
            stood = (self.past.moments[start:end] >> moment) & 1 == 1
            found.update(self.past.ids[start:end][stood].tolist())
        return found, crowded


def index_of(domain: Domain, records: Records, scored: Scored | None, hub: Hub) -> Index:
    """The keys of all versions that count at a moment or now."""
    past = records.past
    keys = np.concatenate([one.keys for one in past])
    order = np.argsort(keys, kind="stable")
    stood = Past(
        keys[order],
        np.concatenate([one.ids for one in past])[order],
        np.concatenate([one.moments for one in past])[order],
    )
    if scored is not None:
        return Index(scored.keys, records.ids[scored.holders], stood, scored.cap)
    secret = hub.keys.match_secret
    codes = [key_of_code(secret, domain, code) for code in records.names["code"]]
    key = np.array(codes, dtype=np.int64)
    order = np.argsort(key, kind="stable")
    return Index(key[order], records.ids[order], stood, len(key))


@dataclass(slots=True)
class Sample:
    """Source records at a moment, and which of them have all their group here."""

    records: Records
    scored: Scored | None
    wanted: set[int] | None = None
    """None: every one."""
    suspended: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Reach:
    """How a sample grows: what was said then, the rules, the decisions, who stood under a key."""

    tell: Callable[[tuple[int, ...]], Records]
    rules: Rules | None
    words: Sequence[Word]
    index: Index
    moment: int
    code_key: Callable[[str], int]


def around(seeds: set[int], reach: Reach) -> Sample:
    """The seeds, whatever matches them or is bound to them, and all that shares a key with those.

    The records in `wanted` have their whole group in the sample.
    """
    wanted, near = set(seeds), set(seeds)
    while True:
        records = reach.tell(tuple(sorted(near)))
        scored = records.score(reach.rules) if reach.rules is not None else None
        wanted |= _tied(records, scored, reach.words, wanted)
        keys, rows = _keys(records, scored, reach)
        of_wanted = np.isin(records.ids[rows], np.fromiter(wanted, dtype=np.int64))
        met, crowded = reach.index.under(np.unique(keys[of_wanted]), reach.moment)
        if (met | wanted) <= near:
            over = np.isin(keys, np.fromiter(crowded, dtype=np.int64)) & of_wanted
            return Sample(records, scored, wanted, set(records.ids[rows[over]].tolist()))
        near |= met | wanted


def _tied(
    records: Records, scored: Scored | None, words: Sequence[Word], wanted: set[int]
) -> set[int]:
    """Records that match a wanted one, directly or through others, or that a decision binds."""
    edges: list[tuple[int, int]] = []
    if scored is None:
        first: dict[str, int] = {}
        for number, code in zip(records.ids.tolist(), records.names["code"], strict=True):
            edges.append((first.setdefault(code, number), number))
    else:
        joins = scored.verdicts.verdict == MATCH
        ends = records.ids[scored.left[joins]], records.ids[scored.right[joins]]
        edges += zip(ends[0].tolist(), ends[1].tolist(), strict=True)
    for word in words:
        bound = (*word.decision.left, *word.decision.right)
        edges += [(bound[0], other) for other in bound[1:]]
    beside: dict[int, set[int]] = {}
    for one, other in edges:
        beside.setdefault(one, set()).add(other)
        beside.setdefault(other, set()).add(one)
    found, frontier = set(wanted), set(wanted)
    while frontier:
        frontier = {other for one in frontier for other in beside.get(one, ())} - found
        found |= frontier
    return found


def _keys(records: Records, scored: Scored | None, reach: Reach) -> tuple[Ints, Ints]:
    if scored is not None:
        return scored.keys, scored.holders
    codes = [reach.code_key(code) for code in records.names["code"]]
    return np.array(codes, dtype=np.int64), np.arange(len(codes), dtype=np.int64)
