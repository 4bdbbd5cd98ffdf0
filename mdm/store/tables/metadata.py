"""The metadata that all tables share, and the column types they are made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Integer, MetaData, Text, text

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

METADATA = MetaData(naming_convention=NAMING)

Id = BigInteger().with_variant(Integer(), "sqlite")
"""A number the database or the hub assigns; SQLite makes only INTEGER keys its row id."""

Code = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is a key: ordered bytewise on both databases."""


def only(condition: str) -> dict[str, Any]:
    """Makes an index partial on both databases: it holds the rows that meet the condition."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}
