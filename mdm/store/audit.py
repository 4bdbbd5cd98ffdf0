"""Reads the audit as it is proven and exported: transactions in their order, each with its entries.

A line is a plain JSON object. A line of a transaction says what was sealed and what the log holds
of it; the lines of its entries follow. The last line says how many there were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from mdm.store.bulk import listed
from mdm.store.statements import text

TRANSACTIONS = 500
"""Transactions whose seals are read at a time."""
ENTRIES = 50_000
"""Entries read at a time, unless one transaction has more."""
TOLD = "kind, domain, actor, on_behalf_of, reason, correlation_id, at, epoch, facts, seq"
OF_LOG = ", ".join(f"act.{name}" for name in TOLD.split(", "))

Line = dict[str, Any]


def lines(connection: Connection) -> Iterator[Line]:
    """The whole audit: what is sealed in the order of the seals, what is not yet, what is astray.

    Never more than a portion of it is held.
    """
    transactions = entries = 0
    for portion in _portions(_headed(connection)):
        found = _entries(connection, [line["tx"] for line in portion])
        for line in portion:
            yield line
            own = found.get(line["tx"], [])
            yield from own
            transactions += 1
            entries += len(own)
    yield {"line": "end", "transactions": transactions, "entries": entries}


def _headed(connection: Connection) -> Iterator[Line]:
    yield from _sealed(connection)
    yield from _unsealed(connection)
    yield from _astray(connection)


def _portions(headed: Iterator[Line]) -> Iterator[list[Line]]:
    portion: list[Line] = []
    held = 0
    for line in headed:
        # What is not sealed does not say how much it holds: such are few.
        held += line["entries"] or 1
        portion.append(line)
        if held >= ENTRIES or len(portion) >= TRANSACTIONS:
            yield portion
            portion, held = [], 0
    if portion:
        yield portion


def _sealed(connection: Connection) -> Iterator[Line]:
    after = -1
    while True:
        rows = connection.execute(
            text(
                f"SELECT audit_seal.seq, tx, entries, total, marks, seal, act.id, {OF_LOG}"
                " FROM audit_seal LEFT JOIN hub_transaction AS act ON act.id = tx"
                " WHERE audit_seal.seq > :after ORDER BY audit_seal.seq LIMIT :limit"
            ),
            {"after": after, "limit": TRANSACTIONS},
        ).all()
        for row in rows:
            after = row[0]
            yield {
                "line": "transaction",
                "seq": row[0],
                "tx": row[1],
                "entries": row[2],
                "total": row[3],
                "marks": bytes(row[4]).hex(),
                "seal": bytes(row[5]).hex(),
                "told": _told(row[7:]) if row[6] is not None else None,
            }
        if len(rows) < TRANSACTIONS:
            return


def _unsealed(connection: Connection) -> Iterator[Line]:
    rows = connection.execute(
        text(
            f"SELECT act.id, {OF_LOG} FROM hub_transaction AS act"
            " WHERE NOT EXISTS (SELECT 1 FROM audit_seal WHERE tx = act.id) ORDER BY act.id"
        )
    )
    for row in rows.all():
        yield _bare(row[0], _told(row[1:]))


def _astray(connection: Connection) -> Iterator[Line]:
    """Transactions that only entries name."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT tx FROM audit"
            " WHERE NOT EXISTS (SELECT 1 FROM audit_seal WHERE audit_seal.tx = audit.tx)"
            " AND NOT EXISTS (SELECT 1 FROM hub_transaction WHERE id = audit.tx) ORDER BY tx"
        )
    )
    for (tx,) in rows.all():
        yield _bare(tx, None)


def _bare(tx: int, told: Line | None) -> Line:
    seal = dict.fromkeys(("seq", "entries", "total", "marks", "seal"))
    return {"line": "transaction", "tx": tx, **seal, "told": told}


def _told(values: Sequence[Any]) -> Line:
    return dict(zip(TOLD.split(", "), values, strict=True))


def _entries(connection: Connection, transactions: Sequence[int]) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = {}
    rows = connection.execute(
        text(
            "SELECT id, tx, subject, entry, hash FROM audit"
            f" JOIN {listed(connection, number=True)} AS wanted ON tx = wanted.value ORDER BY id"
        ),
        {"listed": msgspec.json.encode(transactions).decode()},
    )
    for number, tx, subject, entry, hashed in rows:
        found.setdefault(tx, []).append(
            {
                "line": "entry",
                "id": number,
                "tx": tx,
                "subject": subject,
                "entry": entry,
                "hash": bytes(hashed).hex(),
            }
        )
    return found


def goldens_with_entries(connection: Connection, after: int, limit: int) -> list[Any]:
    """Golden records from a number on, each with the audit entry of its current version or None."""
    return list(
        connection.execute(
            text(
                "SELECT no, golden_id, version, status, golden.tx, record, lineage, entry"
                # A record may get several versions in one transaction: the last counts.
                " FROM golden LEFT JOIN audit ON audit.id = (SELECT max(id) FROM audit AS told"
                " WHERE told.tx = golden.tx AND told.subject = golden.golden_id)"
                " WHERE no > :after ORDER BY no LIMIT :limit"
            ),
            {"after": after, "limit": limit},
        )
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for: of one subject or correlation, since an instant, and so on."""

    subject: str | None = None
    since: str | None = None
    correlation_id: str | None = None
    after: int = 0
    limit: int = 50


ENTRY = (
    "SELECT audit.id, act.seq, act.at, act.actor, act.on_behalf_of, act.reason,"
    " act.correlation_id, audit.subject, audit.entry"
    " FROM audit JOIN hub_transaction AS act ON act.id = audit.tx"
    " WHERE audit.id > :after AND (:since = '' OR act.at >= :since)"
)
OF_GOLDEN = (
    " AND audit.id IN (SELECT id FROM audit WHERE subject = :moved AND subject LIKE '%:%'"
    " UNION ALL SELECT told.id FROM audit AS told JOIN"
    " (SELECT tx FROM golden WHERE golden_id = :subject"
    " UNION SELECT tx FROM golden_history WHERE golden_id = :subject) AS version"
    " ON told.tx = version.tx AND told.subject = :subject)"
)
OF_OTHER = " AND audit.subject = :subject AND audit.subject LIKE '%:%'"
CORRELATED = (
    " AND audit.tx IN (SELECT id FROM hub_transaction WHERE correlation_id = :correlation_id)"
)
TOLD_OF = ("id", "sequence", "at", "actor", "on_behalf_of", "reason", "correlation_id", "subject")


def entries(connection: Connection, wanted: Wanted) -> list[Line]:
    """Entries with the transaction each belongs to, in the order of their numbers.

    Of a golden record: its versions and its moves in hierarchies.
    """
    subject = wanted.subject or ""
    values: Line = {"after": wanted.after, "since": wanted.since or "", "limit": wanted.limit}
    which = ""
    if ":" in subject:
        which, values["subject"] = OF_OTHER, subject
    elif subject:
        which = OF_GOLDEN
        values |= {"subject": subject, "moved": f"move:{subject}"}
    if wanted.correlation_id is not None:
        which += CORRELATED
        values["correlation_id"] = wanted.correlation_id
    rows = connection.execute(text(f"{ENTRY}{which} ORDER BY audit.id LIMIT :limit"), values)
    return [
        {**dict(zip(TOLD_OF, row[:-1], strict=True)), "entry": msgspec.Raw(row[-1].encode())}
        for row in rows
    ]
