"""Who may do what: users, sessions, clients, remembered answers to repeated requests."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from mdm.store.tables.metadata import METADATA, Code, Id

user_account = Table(
    "user_account",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("name", Code, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("totp_secret", LargeBinary),  # sealed
    Column("roles", Text, nullable=False),  # JSON list
    Column("active", Boolean, nullable=False),
    Column("created_at", Code, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Code),
    UniqueConstraint("name"),
    sqlite_autoincrement=True,
)

session = Table(
    "session",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_id", Id, nullable=False),
    Column("created_at", Code, nullable=False),
    Column("seen_at", Code, nullable=False),
    Column("expires_at", Code, nullable=False),
    Index("ix_session_user_id", "user_id"),
)

client = Table(
    "client",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("name", Code, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),  # SHA-256 of a 256-bit random key
    Column("key_hint", Code, nullable=False),  # the key's first characters, for people
    Column("subscription", Code),
    Column("roles", Text, nullable=False),  # JSON list
    Column("scopes", Text, nullable=False),  # JSON list
    Column("active", Boolean, nullable=False),
    Column("created_at", Code, nullable=False),
    UniqueConstraint("name"),
    Index("ix_client_key_hash", "key_hash", unique=True),
    sqlite_autoincrement=True,
)

idempotency = Table(
    "idempotency",
    METADATA,
    Column("client", Code, primary_key=True),
    Column("route", Code, primary_key=True),
    Column("key", Code, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("status", Integer),
    Column("answer", Text),
    Column("at", Code, nullable=False),
)
