"""Matches all stored records of a domain anew, by the rules that run: in batches, resumable.

First every key and scored pair is brought to what these rules give, nothing golden touched; then
the groups whose pairs changed are decided anew, evented as any other act. Records that change
meanwhile take the ordinary path and are paired again at the end. A re-match that was cut short is
run again from its start: what stands right already is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from matching.cluster import Clusters, cluster
from matching.engines.batch import BatchMatch
from matching.engines.local import match_batch
from matching.rules import Rules
from mdm.crowding import settle_crowds
from mdm.golden.state import Decision, Edge
from mdm.model.domain import Domain
from mdm.model.match_columns import match_columns, stacked
from mdm.pairing import pair_again
from mdm.pipeline import Applied, decide_within
from mdm.store import configuration, rule_sets, whole, write_sources
from mdm.store.hub import Hub, rules_of
from mdm.store.transaction import Act, Tx, transaction

Ints = npt.NDArray[np.int64]
Progress = Callable[[str, int], None]
KEYS = 100_000
"""Match keys that are compared, and written where they differ, in one transaction."""
LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1
WRITTEN = 5_000
"""Records whose pairs are written in one transaction."""
DECIDED = 1_000
"""Records around which groups are decided in one transaction."""


def no_progress(_what: str, _rows: int) -> None:
    """Reports to nobody."""


@dataclass(frozen=True, slots=True)
class Body:
    """All source records of a domain, a row each, in the order of their ids."""

    ids: Ints
    golden_ids: list[str]
    crosswalk: list[tuple[str, str]]
    columns: pl.DataFrame
    decisions: list[Decision]
    known: int
    """The latest transaction when it was read."""

    @property
    def rows(self) -> dict[int, int]:
        """The row of each record."""
        return {record_id: row for row, record_id in enumerate(self.ids.tolist())}


@dataclass(frozen=True, slots=True)
class Work:
    """On which domain of which hub, by whose act, and whom to tell how far it is."""

    hub: Hub
    domain: Domain
    act: Act
    progress: Progress = no_progress


@dataclass(slots=True)
class Rematched:
    """What a re-match changed."""

    version: str
    records: int = 0
    pairs_changed: int = 0
    applied: Applied = field(default_factory=Applied)

    def facts(self) -> dict[str, Any]:
        """The counts, as they are told."""
        return {
            "rules": self.version,
            "records": self.records,
            "pairs_changed": self.pairs_changed,
            "golden_added": self.applied.golden_added,
            "golden_changed": self.applied.golden_changed,
            "tasks_opened": self.applied.tasks_opened,
        }


def body_of(work: Work) -> Body:
    """The domain's records as they stand."""
    hub, domain = work.hub, work.domain
    ids: list[int] = []
    goldens: list[str] = []
    crosswalk: list[tuple[str, str]] = []
    parts: list[bytes] = []
    with hub.database.read() as connection:
        known = whole.latest_transaction(connection)
        for page in whole.standing(connection, domain.name):
            ids += [one.id for one in page]
            goldens += [one.golden_id for one in page]
            crosswalk += [(one.source, one.source_key) for one in page]
            # An excluded record says nothing: it has no key and meets nobody.
            said = [{} if one.state == "excluded" else one.record for one in page]
            parts.append(match_columns(domain, said))
            work.progress("reading", len(ids))
        decisions = whole.decided(connection, domain.name)
    columns = stacked(parts) if parts else pl.DataFrame()
    return Body(np.array(ids, dtype=np.int64), goldens, crosswalk, columns, decisions, known)


def matched(body: Body, rules: Rules) -> BatchMatch:
    """Every pair of the body that shares a key, scored by these rules."""
    return match_batch(body.columns, rules)


def grouped(body: Body, match: BatchMatch) -> Clusters:
    """The groups of the body that these pairs and the decisions in force give."""
    rows = body.rows
    said = match.verdicts
    ranks = np.empty(len(body.ids), dtype=np.int64)
    order = sorted(range(len(body.ids)), key=body.crosswalk.__getitem__)
    ranks[order] = np.arange(len(order))
    return cluster(
        len(body.ids),
        match.left.astype(np.int64),
        match.right.astype(np.int64),
        said.probability,
        said.verdict,
        said.veto,
        must=_decided(body.decisions, rows, "same"),
        cannot=_decided(body.decisions, rows, "different"),
        order=ranks,
    )


def _decided(
    decisions: Iterable[Decision], rows: dict[int, int], kind: str
) -> list[tuple[int, int]]:
    return [
        (rows[a], rows[b])
        for decision in decisions
        if decision.kind == kind
        for a, b in decision.pairs
        if a in rows and b in rows
    ]


def rematch(work: Work, *, again: bool = False) -> Rematched:
    """Brings what is stored to what the running rules give; `again`: after one that was cut."""
    hub, domain = work.hub, work.domain
    with hub.database.read() as connection:
        rules = rules_of(connection, hub, domain.name)
    act = replace(work.act, kind="rematch", domain=domain.name, facts={"rules": rules.version})
    work = replace(work, act=act)
    done = Rematched(rules.version)
    body = body_of(work)
    if len(body.ids):
        work.progress("matching", 0)
        match = matched(body, rules)
        _write_keys(work, body, match)
        moved = _write_pairs(work, body, match, done)
        if again:
            with hub.database.read() as connection:
                moved |= whole.linked(connection, body.ids.tolist())
        _pair_late(work, body, done)
        _decide(work, moved, done)
    with transaction(hub.database, act) as tx:
        settle_crowds(tx, domain, rules)
        version = configuration.live_hash(tx.connection, "rules", domain.name)
        rule_sets.settled(tx, domain.name, version or "")
    done.records = len(body.ids)
    return done


def _write_keys(work: Work, body: Body, match: BatchMatch) -> None:
    """Makes the keys of the body's records the ones these rules give, a range at a time."""
    key, record = match.keys[0], body.ids[match.keys[1]]
    # A range ends where a key ends.
    ends = [at for at in range(KEYS, len(key), KEYS) if key[at] != key[at - 1]]
    bounds = [0, *ends, len(key)]
    lows = [LOWEST, *key[ends].tolist()]
    highs = [*(low - 1 for low in lows[1:]), HIGHEST]
    for place, (low, high) in enumerate(zip(lows, highs, strict=True)):
        part = slice(bounds[place], bounds[place + 1])
        wanted = set(zip(key[part].tolist(), record[part].tolist(), strict=True))
        with transaction(work.hub.database, work.act) as tx:
            tx.cancelled = not _write_range(tx, body, wanted, (low, high))
        work.progress("writing keys", bounds[place + 1])


def _write_range(
    tx: Tx, body: Body, wanted: set[tuple[int, int]], between: tuple[int, int]
) -> bool:
    held = set(whole.keys_between(tx.connection, *between))
    differing = {record_id for _key, record_id in held ^ wanted}
    ours = np.array(sorted(differing), dtype=np.int64)
    place = np.minimum(np.searchsorted(body.ids, ours), len(body.ids) - 1)
    # Other domains keep their keys here too, and records that came meanwhile have theirs.
    mine = set(ours[body.ids[place] == ours].tolist())
    mine -= whole.changed_since(tx.connection, mine, body.known)
    gone = sorted(row for row in held - wanted if row[1] in mine)
    fresh = sorted(row for row in wanted - held if row[1] in mine)
    write_sources.replace_keys(tx.connection, gone, fresh)
    return bool(gone or fresh)


def _write_pairs(work: Work, body: Body, match: BatchMatch, done: Rematched) -> set[int]:
    """Writes scored pairs that differ; returns the records whose pairs say something else."""
    one, other = body.ids[match.left], body.ids[match.right]
    left, right = np.minimum(one, other), np.maximum(one, other)
    by_right = np.argsort(right, kind="stable")
    moved: set[int] = set()
    for start in range(0, len(body.ids), WRITTEN):
        ids = body.ids[start : start + WRITTEN]
        low, high = np.searchsorted(right[by_right], [ids[0], ids[-1] + 1])
        edges = _edges(match, by_right[low:high], (left, right), done.version)
        with transaction(work.hub.database, work.act) as tx:
            changed = _write_batch(tx, ids.tolist(), edges, body.known)
            tx.cancelled = changed is None
        done.pairs_changed += len(changed or ())
        moved |= {end for pair in changed or () for end in pair}
        work.progress("scoring", start + len(ids))
    return moved


def _edges(
    match: BatchMatch, numbers: Ints, ends: tuple[Ints, Ints], version: str
) -> dict[tuple[int, int], Edge]:
    said, (left, right) = match.verdicts, ends
    columns = zip(
        left[numbers].tolist(),
        right[numbers].tolist(),
        said.probability[numbers].tolist(),
        said.verdict[numbers].tolist(),
        said.veto[numbers].tolist(),
        numbers.tolist(),
        strict=True,
    )
    return {
        (a, b): Edge(a, b, probability, verdict, bool(veto), said.evidence[at], version)
        for a, b, probability, verdict, veto, at in columns
    }


def _write_batch(
    tx: Tx, ids: Sequence[int], edges: dict[tuple[int, int], Edge], known: int
) -> list[tuple[int, int]] | None:
    """Puts right what differs; the pairs that say something else, None where none differs."""
    connection = tx.connection
    late = whole.changed_since(connection, ids, known)
    before = whole.edges_by_right(connection, set(ids) - late)
    after = {pair: edge for pair, edge in edges.items() if not late.intersection(pair)}
    fresh = [edge for pair, edge in after.items() if not _same(before.get(pair), edge)]
    gone = [pair for pair in before if pair not in after]
    if not (fresh or gone):
        return None
    replaced = [(edge.left, edge.right) for edge in fresh if (edge.left, edge.right) in before]
    ended = [before[pair] for pair in (*gone, *replaced)]
    write_sources.turn_edges(connection, ended, fresh, tx.id)
    telling = [(edge.left, edge.right) for edge in fresh if _tells(before, edge)]
    return telling + [pair for pair in gone if before[pair].verdict or before[pair].veto]


def _same(before: Edge | None, after: Edge) -> bool:
    """Whether the pair stands so already; by which rules it was scored is no difference."""
    return before is not None and replace(before, rules=after.rules) == after


def _tells(before: dict[tuple[int, int], Edge], after: Edge) -> bool:
    standing = before.get((after.left, after.right))
    return bool(after.verdict or after.veto or (standing and (standing.verdict or standing.veto)))


def _pair_late(work: Work, body: Body, done: Rematched) -> None:
    """Pairs records anew that came or changed while the others were being matched."""
    with work.hub.database.read() as connection:
        late = whole.come_since(connection, work.domain.name, body.known)
    for start in range(0, len(late), DECIDED):
        with transaction(work.hub.database, work.act) as tx:
            ids = late[start : start + DECIDED]
            pair_again(tx, work.hub, work.domain, ids)
            done.applied.add(decide_within(tx, work.hub, work.domain, set(ids)))


def _decide(work: Work, moved: set[int], done: Rematched) -> None:
    waiting: Sequence[int] = sorted(moved)
    for start in range(0, len(waiting), DECIDED):
        some = set(waiting[start : start + DECIDED])
        with transaction(work.hub.database, work.act) as tx:
            done.applied.add(decide_within(tx, work.hub, work.domain, some))
        work.progress("deciding", start + len(some))
