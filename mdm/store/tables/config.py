"""Configuration that runs: activated versions by content hash."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Table, Text

from mdm.store.tables.metadata import METADATA, Code, Id

config_version = Table(
    "config_version",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("kind", Code, nullable=False),  # source, subscription, rules, ownership, codes
    Column("name", Code, nullable=False),
    Column("hash", Code, nullable=False),
    Column("content", Text, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("activated_by", Text, nullable=False),
    Column("activated_at", Code, nullable=False),
    Column("tx", Id, nullable=False),
    Column("rematched_at", Code),  # of rules: when the stored records had been matched by them
    Index("ix_config_version_name", "kind", "name"),
    sqlite_autoincrement=True,
)

rule_proposal = Table(
    "rule_proposal",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("domain", Code, nullable=False),
    Column("hash", Code, nullable=False),
    Column("content", Text, nullable=False),
    Column("effect", Text, nullable=False),  # JSON: what activating it would do
    Column("state", Code, nullable=False),  # open, activated, overtaken, dropped
    Column("proposed_by", Text, nullable=False),
    Column("reason", Text),
    Column("proposed_at", Code, nullable=False),
    Column("tx", Id, nullable=False),
    Index("ix_rule_proposal_domain", "domain", "state"),
    sqlite_autoincrement=True,
)
