"""Configuration that runs: activated versions by content hash."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Table, Text

from mdm.store.tables.metadata import METADATA, Code, Id

config_version = Table(
    "config_version",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("kind", Code, nullable=False),  # source, subscription, rules
    Column("name", Code, nullable=False),
    Column("hash", Code, nullable=False),
    Column("content", Text, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("activated_by", Text, nullable=False),
    Column("activated_at", Code, nullable=False),
    Column("tx", Id, nullable=False),
    Index("ix_config_version_name", "kind", "name"),
    sqlite_autoincrement=True,
)
