"""The reject store: refused rows, their reasons, sealed payloads, and what became of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from mdm.store.bulk import rows_for, run_many
from mdm.store.statements import text
from mdm.store.transaction import Tx

OPEN, RETRIED, SUPERSEDED = "open", "retried", "superseded"


@dataclass(frozen=True, slots=True)
class Kept:
    """A refused row as it is kept; `raw` is its payload, sealed."""

    id: int
    source: str
    domain: str
    source_key: str | None
    file: str | None
    line: int
    code: str
    reason: str
    raw: bytes
    mapping_version: str
    state: str
    at: str


_COLUMNS = (
    "id, source, domain, source_key, file, line, code, reason, raw, mapping_version, state, at"
)


def listed(
    connection: Connection,
    state: str | None = OPEN,
    source: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[Kept]:
    """Refused rows in the order they were refused, from behind a number on."""
    rows = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM reject WHERE id > :after"
            " AND (:state = '' OR state = :state) AND (:source = '' OR source = :source)"
            " ORDER BY id LIMIT :limit"
        ),
        {"after": after, "state": state or "", "source": source or "", "limit": limit},
    )
    return [_kept(row) for row in rows]


def counts(connection: Connection) -> list[tuple[str, str, str, int]]:
    """(source, domain, code, how many) of the open refusals, the most frequent first."""
    rows = connection.execute(
        text(
            "SELECT source, domain, code, COUNT(*) AS times FROM reject WHERE state = 'open'"
            " GROUP BY source, domain, code ORDER BY times DESC, source, domain, code"
        )
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def by_id(connection: Connection, number: int) -> Kept | None:
    """The refused row of this number; None where there is none."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM reject WHERE id = :id"), {"id": number}
    ).first()
    return _kept(row) if row is not None else None


def settle(tx: Tx, numbers: Collection[int], state: str = RETRIED) -> None:
    """Notes what became of refused rows."""
    run_many(
        tx.connection, "UPDATE reject SET state = ? WHERE id = ?", [(state, n) for n in numbers]
    )
    for number in numbers:
        tx.note("reject_settled", f"reject:{number}", state=state)


def overtaken(connection: Connection, source: str, domain: str, keys: Collection[str]) -> list[int]:
    """The open refusals of records whose rows were taken since: their source corrected them."""
    rows = rows_for(
        connection,
        "SELECT id FROM reject JOIN {listed} AS wanted ON source_key = wanted.value"
        " WHERE source = :source AND domain = :domain AND state = 'open' ORDER BY id",
        keys,
        source=source,
        domain=domain,
    )
    return [row[0] for row in rows]


def open_keys(connection: Connection, source: str, domain: str) -> set[str]:
    """The keys of a source's records that have open refusals."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT source_key FROM reject WHERE state = 'open' AND source = :source"
            " AND domain = :domain AND source_key IS NOT NULL"
        ),
        {"source": source, "domain": domain},
    )
    return {row[0] for row in rows}


def _kept(row: object) -> Kept:
    values = list(row)  # type: ignore[call-overload] # a row of the driver is a tuple
    values[8] = bytes(values[8])
    return Kept(*values)
