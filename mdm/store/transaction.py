"""The one way to write: a named, numbered transaction."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, insert, select

from mdm import clock
from mdm.inbound.clean import without_accounts
from mdm.store.database import Database
from mdm.store.entries import EntryRow, entry_row, write_entries
from mdm.store.statements import text
from mdm.store.tables.log import transaction as transactions

HEADER = "transaction"
"""The kind of the entry that closes every transaction."""
TRACE: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The W3C trace context of the request that is being answered; the events of its acts carry it."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who does what, on whose behalf and why: what the log says of a transaction."""

    kind: str
    actor: str
    domain: str | None = None
    on_behalf_of: str | None = None
    reason: str | None = None
    correlation_id: str = field(default_factory=lambda: str(uuid4()))
    facts: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    """The instant the act counts from; None: now."""


@dataclass(slots=True)
class Tx:
    """An open transaction: its connection, its number, its instant."""

    connection: Connection
    id: int
    at: str
    act: Act
    epoch: int | None = None
    cancelled: bool = False
    """Set where nothing changed: then not even the transaction's own row is kept."""
    basis: dict[str, Any] = field(default_factory=dict)
    """What it rests on (load, rules, mapping by version), for the audit."""
    entries: list[EntryRow] = field(default_factory=list)
    """What the audit is told of it; written at its end."""
    entries_written: int = 0
    """Entries that stand in the audit already: a first load writes them in bulk."""

    @property
    def correlation_id(self) -> str:
        """The correlation id that everything written here carries."""
        return self.act.correlation_id

    def note(self, kind: str, subject: str, **facts: Any) -> None:
        """Tells the audit what happened to a subject ("decision:12"), in this transaction.

        Facts carry no personal or protected value in clear.
        """
        self.entries.append(entry_row(kind, subject, facts))


@contextmanager
def transaction(database: Database, act: Act) -> Iterator[Tx]:
    """A write transaction: committed at the end, rolled back on any error.

    From its first read to its commit nobody else writes the same domain: SQLite has one writer,
    PostgreSQL holds one advisory lock per domain. What the audit is told of it is written with it.
    """
    with database.engine.connect() as connection:
        begin(connection, database.dialect)
        try:
            if database.dialect == "postgresql":
                lock_domain(connection, act.domain)
            tx = _numbered(connection, database.dialect, _traced(act))
            yield tx
            if tx.cancelled:
                connection.rollback()
            else:
                _close(tx)
                connection.commit()
        except BaseException:
            connection.rollback()
            raise


def begin(connection: Connection, dialect: str) -> None:
    """Starts a write transaction; on SQLite it takes the writer's place at once.

    Said aloud on PostgreSQL too: what only the driver's own cursor writes would not be committed.
    """
    if dialect == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.begin()


def lock_domain(connection: Connection, domain: str | None) -> None:
    """Holds the domain's advisory lock until the transaction ends (PostgreSQL)."""
    if domain is not None:
        number = zlib.crc32(f"mdm:{domain}".encode())
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _traced(act: Act) -> Act:
    """The act with the trace of the request it belongs to; one that is followed up has its own."""
    trace = TRACE.get()
    return replace(act, facts={"traceparent": trace, **act.facts}) if trace else act


def _numbered(connection: Connection, dialect: str, act: Act) -> Tx:
    recorded_at = clock.iso(clock.now())
    at = clock.iso(act.at) if act.at else recorded_at
    values = {
        **_said(act),
        "at": at,
        "recorded_at": recorded_at,
        "facts": msgspec.json.encode(act.facts).decode() if act.facts else None,
        "epoch": text("(SELECT CAST(value AS bigint) FROM hub WHERE name = 'epoch')"),
    }
    if dialect == "postgresql":
        values["xid"] = connection.scalar(select(text("pg_current_xact_id()::text::bigint")))
    statement = insert(transactions).values(values)
    row = connection.execute(statement.returning(transactions.c.id, transactions.c.epoch)).one()
    return Tx(connection, int(row[0]), at, act, row[1])


def _said(act: Act) -> dict[str, Any]:
    return {
        "kind": act.kind,
        "domain": act.domain,
        "actor": act.actor,
        "on_behalf_of": act.on_behalf_of,
        # A person may write anything into a reason, an account number too.
        "reason": without_accounts(act.reason) if act.reason is not None else None,
        "correlation_id": act.correlation_id,
    }


def _close(tx: Tx) -> None:
    """Writes what the audit is told, last of all the transaction itself and how much that was."""
    said = {f"act_{name}" if name == "kind" else name: v for name, v in _said(tx.act).items()}
    facts = {
        **{name: value for name, value in said.items() if value is not None},
        "at": tx.at,
        "epoch": tx.epoch,
        "facts": dict(tx.act.facts),
        "basis": tx.basis,
        "entries": tx.entries_written + len(tx.entries),
    }
    tx.entries.append(entry_row(HEADER, f"transaction:{tx.id}", facts))
    write_entries(tx.connection, tx.id, tx.entries)
