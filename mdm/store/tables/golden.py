"""Golden records: current state, earlier versions, search keys, what the calendar will change."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from mdm.store.tables.metadata import METADATA, Code, Id

golden = Table(
    "golden",
    METADATA,
    Column("no", Id, primary_key=True),  # narrow number for the key tables
    Column("golden_id", Code, nullable=False),
    Column("domain", Code, nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", Code, nullable=False),  # active, blocked, retired, merged, erased
    Column("region", Code),
    Column("record", Text, nullable=False),  # JSON
    Column("lineage", Text, nullable=False),  # JSON: winners by field, members
    Column("merged_into", Code),
    Column("tx", Id, nullable=False),  # the transaction that made this version
    Index("ix_golden_golden_id", "golden_id", unique=True),
    Index("ix_golden_domain", "domain", "golden_id"),
    Index("ix_golden_tx", "tx"),
)

golden_history = Table(
    "golden_history",
    METADATA,
    Column("golden_id", Code, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("status", Code, nullable=False),
    Column("region", Code),
    Column("record", Text, nullable=False),
    Column("lineage", Text, nullable=False),
    Column("merged_into", Code),
    Column("tx", Id, nullable=False),
    Column("until_tx", Id, nullable=False),
)

search_key = Table(
    "search_key",
    METADATA,
    Column(
        "key", BigInteger, primary_key=True, autoincrement=False
    ),  # hash of domain, field, value
    Column("golden_no", Id, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

former_key = Table(
    "former_key",  # search keys that only earlier versions have
    METADATA,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("golden_no", Id, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

hierarchy_edge = Table(
    "hierarchy_edge",  # what persons said; what sources tell stands in the records
    METADATA,
    Column("id", Id, primary_key=True),
    Column("hierarchy", Code, nullable=False),
    Column("child", Code, nullable=False),  # the golden id it was said of, merged later or not
    Column("parent", Code),  # null: none, whatever sources tell
    Column("valid_from", Code),
    Column("valid_to", Code),
    Column("tx", Id, nullable=False),
    Column("until_tx", Id),  # when something else was said
    Index("ix_hierarchy_edge_child", "hierarchy", "child"),
    Index("ix_hierarchy_edge_tx", "hierarchy", "tx"),
    sqlite_autoincrement=True,
)

agenda = Table(
    "agenda",
    METADATA,
    Column("due", Code, primary_key=True),  # business date on which something starts or ends
    Column("golden_id", Code, primary_key=True),
    Column("domain", Code, nullable=False),
    Index("ix_agenda_golden_id", "golden_id"),
    sqlite_with_rowid=False,
)

reference = Table(
    "reference",
    METADATA,
    Column("target", Code, primary_key=True),  # domain and code as told: "legal_entity:1000"
    Column("golden_id", Code, primary_key=True),  # the record that refers
    Index("ix_reference_golden_id", "golden_id"),
    sqlite_with_rowid=False,
)

follow_up = Table(
    "follow_up",
    METADATA,
    Column("tx", Id, primary_key=True, autoincrement=False),  # the transaction that changed it
    Column("target", Code, primary_key=True),  # what changed, "legal_entity:1000"
)
