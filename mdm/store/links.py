"""Links: pairs of source records as they are and were scored, and what people said of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from mdm.golden.state import Edge
from mdm.store.bulk import rows_for
from mdm.store.gather import EDGE_COLUMNS, edge_of
from mdm.store.statements import text

Pair = tuple[int, int]
"""Two source records, the lower id first."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when something held: transactions with their instants; no end: it holds."""

    tx: int
    at: str
    until_tx: int | None
    until: str | None


@dataclass(frozen=True, slots=True)
class Word:
    """A person's decision on a pair."""

    id: int
    kind: str
    actor: str
    simulated: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """Which links of a golden record are asked for: so many, behind a pair."""

    golden_id: str
    after: Pair
    limit: int

    @property
    def bound(self) -> Mapping[str, Any]:
        """The parameters of `PAIRS`."""
        left, right = self.after
        return {"id": self.golden_id, "left": left, "right": right, "limit": self.limit}


def edges_at(connection: Connection, ids: Collection[int]) -> dict[Pair, Edge]:
    """Every scored pair of these records, as it stands."""
    found: dict[Pair, Edge] = {}
    if ids:
        for end in ("left_id", "right_id"):
            sql = f"SELECT {EDGE_COLUMNS} FROM edge JOIN {{listed}} AS wanted"
            rows = rows_for(connection, f"{sql} ON {end} = wanted.value", ids, number=True)
            found.update(((row[0], row[1]), edge_of(row)) for row in rows)
    return found


def pairs(connection: Connection, part: Part) -> list[Pair]:
    """The links of a golden record in the order of their ids.

    Pairs of its source records with each other, and those with records of other golden records
    that are or were possible matches, or of which a person said something.
    """
    rows = connection.execute(text(PAIRS), part.bound)
    return [(int(row[0]), int(row[1])) for row in rows]


def scored(connection: Connection, part: Part) -> list[tuple[Edge, Span]]:
    """How the rules score and scored these links, in no order."""
    rows = connection.execute(text(SCORED), part.bound)
    return [(edge_of(row), Span(row[7], *row[8:])) for row in rows]


def said(connection: Connection, part: Part) -> list[tuple[Pair, Word, Span]]:
    """What people say and said of these links, in no order."""
    rows = connection.execute(text(SAID), part.bound)
    return [
        ((row[0], row[1]), Word(row[2], row[3], row[4], bool(row[5]), row[6]), Span(*row[7:]))
        for row in rows
    ]


def _met(table: str, mine: str, other: str) -> str:
    return (
        f"SELECT pair.left_id, pair.right_id FROM source_record AS mine"
        f" JOIN {table} AS pair ON pair.{mine} = mine.id"
        f" JOIN source_record AS other ON other.id = pair.{other}"
        " WHERE mine.golden_id = :id AND (pair.verdict > 0 OR other.golden_id = :id)"
    )


DECIDED = """
SELECT CASE WHEN one.record_id < two.record_id THEN one.record_id ELSE two.record_id END,
    CASE WHEN one.record_id < two.record_id THEN two.record_id ELSE one.record_id END
FROM source_record AS mine JOIN decision_record AS one ON one.record_id = mine.id
JOIN decision_record AS two ON two.decision_id = one.decision_id AND two.side <> one.side
    AND two.record_id <> one.record_id
WHERE mine.golden_id = :id"""
EVERY = " UNION ".join(
    (
        _met("edge", "left_id", "right_id"),
        _met("edge", "right_id", "left_id"),
        _met("edge_history", "left_id", "right_id"),
        _met("edge_history", "right_id", "left_id"),
        DECIDED,
    )
)
# Made before the page is cut out of it: PostgreSQL would read all pairs behind the page's start.
PAIRS = (
    f"WITH met AS MATERIALIZED ({EVERY}) SELECT left_id, right_id FROM met"
    " WHERE left_id > :left OR (left_id = :left AND right_id > :right)"
    " ORDER BY left_id, right_id LIMIT :limit"
)
STATE = ", ".join(f"state.{name}" for name in EDGE_COLUMNS.split(", "))
OF_PAIR = "state.left_id = page.left_id AND state.right_id = page.right_id"
SCORED = (
    f"WITH page AS ({PAIRS})"
    f" SELECT {STATE}, began.recorded_at, NULL AS until_tx, NULL AS until"
    f" FROM page JOIN edge AS state ON {OF_PAIR}"
    " JOIN hub_transaction AS began ON began.id = state.tx"
    f" UNION ALL SELECT {STATE}, began.recorded_at, state.until_tx, ended.recorded_at"
    f" FROM page JOIN edge_history AS state ON {OF_PAIR}"
    " JOIN hub_transaction AS began ON began.id = state.tx"
    " JOIN hub_transaction AS ended ON ended.id = state.until_tx"
)
SAID = (
    f"WITH page AS ({PAIRS})"
    " SELECT page.left_id, page.right_id, decision.id, decision.kind, decision.actor,"
    " decision.simulated, decision.reason, decision.tx, began.recorded_at, decision.withdrawn_tx,"
    " ended.recorded_at"
    " FROM page JOIN decision_record AS one ON one.record_id = page.left_id"
    " JOIN decision_record AS two ON two.decision_id = one.decision_id"
    " AND two.record_id = page.right_id AND two.side <> one.side"
    " JOIN decision ON decision.id = one.decision_id"
    " JOIN hub_transaction AS began ON began.id = decision.tx"
    " LEFT JOIN hub_transaction AS ended ON ended.id = decision.withdrawn_tx"
)
