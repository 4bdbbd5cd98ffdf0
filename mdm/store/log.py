"""The log of transactions by their commit order: moments of it, the clock, what was activated."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from mdm import clock
from mdm.store.statements import text

Ints = NDArray[np.int64]
Texts = dict[tuple[str, str], str]
"""Configuration texts by kind and name."""
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in the commit order: after transaction number `seq` and before the next one."""

    seq: int
    known: NDArray[np.bool_]
    """By the id of a transaction, whether it had been committed."""

    def __contains__(self, tx: int) -> bool:
        return tx < len(self.known) and bool(self.known[tx])


@dataclass(frozen=True, slots=True)
class Log:
    """Every transaction by its id: place in the commit order, and the instant it counted from."""

    seq: Ints
    """NEVER where it has no number yet, or there is none of this id."""
    instant: Ints
    """In seconds since 1970."""
    ticks: dict[str, tuple[Ints, Ints]]
    """Numbers and instants of the ticks of a domain, in order."""
    trust: list[tuple[int, Texts]] = field(default_factory=list)
    """From which number on which texts of sources and systems of record ran, in order."""
    rules: dict[str, list[Ran]] = field(default_factory=dict)
    """The matching rules of each domain that ran, in order."""

    @property
    def head(self) -> int:
        """The number of the latest transaction."""
        known = self.seq[self.seq < NEVER]
        return int(known.max()) if len(known) else 0

    def at(self, seq: int) -> Moment:
        """The moment after the transaction of this number."""
        return Moment(seq, self.seq <= seq)

    def ran(self, domain: str, seq: int) -> Ran | None:
        """The matching rules that ran at a moment; None where the domain is not matched."""
        running = [one for one in self.rules.get(domain, ()) if one.since <= seq]
        return running[-1] if running else None

    def clock(self, domain: str, decided: int, instant: int, moment: int) -> datetime:
        """The instant that counts for what was decided at `decided`: ticks since then turned it."""
        numbers, instants = self.ticks.get(domain, (_NONE, _NONE))
        first, last = np.searchsorted(numbers, [decided + 1, moment + 1])
        return datetime.fromtimestamp(max([instant, *instants[first:last].tolist()]), UTC)


_NONE = np.zeros(0, dtype=np.int64)


def read_log(connection: Connection) -> Log:
    """The whole log of transactions."""
    size = int(connection.scalar(text("SELECT max(id) FROM hub_transaction")) or 0) + 1
    seq, instant = np.full(size, NEVER), np.zeros(size, dtype=np.int64)
    ticks: dict[str, list[tuple[int, int]]] = {}
    rows = connection.execute(
        text("SELECT id, seq, at, kind, domain FROM hub_transaction ORDER BY seq")
    )
    for number, place, said, kind, domain in rows:
        when = int(clock.parse_instant(said).timestamp())
        seq[number], instant[number] = NEVER if place is None else place, when
        if kind == "tick" and place is not None:
            ticks.setdefault(domain, []).append((place, when))
    columns = {name: np.array(told, dtype=np.int64).T for name, told in ticks.items()}
    turned = {name: (told[0], told[1]) for name, told in columns.items()}
    return Log(seq, instant, turned, _trust(connection), _rules(connection))


@dataclass(frozen=True, slots=True)
class Ran:
    """A set of matching rules that ran from a number on."""

    since: int
    settled: int
    """The number by which all stored records had been matched by it; NEVER: not yet."""
    version: str
    content: str


RAN = (
    "SELECT config.name, act.id, act.seq, config.hash, config.content, config.activated_at,"
    " config.rematched_at, (SELECT max(rematch.seq) FROM hub_transaction AS rematch"
    "  WHERE rematch.kind = 'rematch' AND rematch.domain = config.name"
    "  AND rematch.at = config.rematched_at)"
    " FROM config_version AS config LEFT JOIN hub_transaction AS act ON act.id = config.tx"
    " WHERE config.kind = 'rules' ORDER BY COALESCE(act.seq, 0), config.id"
)


def _rules(connection: Connection) -> dict[str, list[Ran]]:
    found: dict[str, list[Ran]] = {}
    for name, tx, seq, version, content, activated, rematched, settled in connection.execute(
        text(RAN)
    ):
        since = _since(tx, seq)
        if since == NEVER:
            continue
        by = since if rematched == activated else settled
        found.setdefault(name, []).append(Ran(since, NEVER if by is None else by, version, content))
    return found


def _trust(connection: Connection) -> list[tuple[int, Texts]]:
    rows = connection.execute(
        text(
            "SELECT act.id, act.seq, config.kind, config.name, config.content"
            " FROM config_version AS config LEFT JOIN hub_transaction AS act ON act.id = config.tx"
            " WHERE config.kind IN ('source', 'ownership', 'survivorship')"
            " ORDER BY COALESCE(act.seq, 0), config.id"
        )
    )
    found: list[tuple[int, Texts]] = []
    for tx, seq, kind, name, content in rows:
        since = _since(tx, seq)
        if since == NEVER:
            continue
        running = dict(found[-1][1]) if found else {}
        if found and found[-1][0] == since:
            found.pop()
        found.append((since, {**running, (kind, name): content}))
    return found


def _since(tx: int | None, seq: int | None) -> int:
    """From when on what a transaction activated counts; one that is not logged: always."""
    if tx is None:
        return 0
    return NEVER if seq is None else seq
