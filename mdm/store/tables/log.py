"""What happened: transactions in commit order, the id ledger, the audit."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text

from mdm.store.tables.metadata import METADATA, Code, Id, only

transaction = Table(
    "hub_transaction",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("kind", Code, nullable=False),  # load, decision, tick, push, config, withdraw ...
    Column("domain", Code),
    Column("actor", Text, nullable=False),
    Column("on_behalf_of", Text),
    Column("reason", Text),
    Column("correlation_id", Code, nullable=False),
    Column("at", Code, nullable=False),  # the instant the act counts from
    Column("recorded_at", Code, nullable=False),  # when the hub began to write it
    Column("xid", BigInteger),  # PostgreSQL's xid8; null on SQLite
    Column("seq", BigInteger),  # commit order, given by the sequencer
    Column("epoch", BigInteger),  # raised by a restore; part of the ids of the events
    Column("facts", Text),  # JSON: load, rule version, counts
    Index("ix_hub_transaction_seq", "seq", unique=True),
    Index("ix_hub_transaction_correlation_id", "correlation_id"),
    sqlite_autoincrement=True,
)

id_ledger = Table(
    "id_ledger",
    METADATA,
    Column("id", Id, primary_key=True),  # age: lower is older
    Column("act", Code, nullable=False),  # assigned, joined, parted
    Column("domain", Code, nullable=False),
    Column("golden_id", Code, nullable=False),
    Column("record_id", Id, nullable=False),  # founding record (assigned) or the record that moved
    Column("into", Code),  # joined: the id it now answers with
    Column("tx", Id, nullable=False),
    Index("ix_id_ledger_golden_id", "golden_id"),
    Index("ix_id_ledger_record_id", "record_id"),
    Index("ix_id_ledger_into", "into", **only('"into" IS NOT NULL')),
    sqlite_autoincrement=True,
)

# Both only grow: triggers of a migration refuse UPDATE, DELETE and TRUNCATE.
audit = Table(
    "audit",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("tx", Id, nullable=False),
    Column("subject", Code, nullable=False),  # golden id, or "decision:12", "user:ada" ...
    Column(
        "entry", Text, nullable=False
    ),  # canonical JSON, keyed hashes in place of private values
    Column("hash", LargeBinary, nullable=False),
    Index("ix_audit_tx", "tx", "subject"),
    # A golden record's entries are found by the transactions of its versions.
    Index("ix_audit_subject", "subject", **only("subject LIKE '%:%'")),
    sqlite_autoincrement=True,
)

audit_seal = Table(
    "audit_seal",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("tx", Id, nullable=False),
    Column("entries", BigInteger, nullable=False),  # of this transaction
    Column("total", BigInteger, nullable=False),  # of this one and all before
    Column("marks", LargeBinary, nullable=False),  # four bytes of every entry's hash, in order
    Column("seal", LargeBinary, nullable=False),
    Index("ix_audit_seal_tx", "tx", unique=True),
)

lease = Table(
    "lease",
    METADATA,
    Column("name", Code, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Code, nullable=False),
)

hub = Table(
    "hub",
    METADATA,
    Column("name", Code, primary_key=True),  # epoch, hub_id, key_check ...
    Column("value", Text, nullable=False),
)

counter = Table(
    "counter",
    METADATA,
    Column("name", Code, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
