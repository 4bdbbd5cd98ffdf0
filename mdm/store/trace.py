"""What led to what: the acts that concern a golden record, and what each brought, made and sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from mdm.store.bulk import rows_for
from mdm.store.statements import text

ARRIVED = ("source", "source_key", "version", "state", "mapping_version", "load", "line", "record")
BECAME = ("version", "status", "merged_into", "record")
SENT = ("subscriber", "type", "entityversion", "at", "state", "attempts", "sent_at", "error")
ACT = "at recorded_at kind actor on_behalf_of reason correlation_id seq".split()

TOLD = "version, state, mapping_version, load_id, line, record, tx"
SOURCES = (
    f"SELECT id AS record_id, {TOLD} FROM source_record WHERE golden_id = :id"
    f" UNION ALL SELECT record_id, {', '.join(f'earlier.{n}' for n in TOLD.split(', '))}"
    " FROM source_record AS home JOIN source_version AS earlier ON earlier.record_id = home.id"
    " WHERE home.golden_id = :id"
)
VERSIONS = (
    "SELECT version, status, merged_into, record, tx FROM golden WHERE golden_id = :id UNION ALL"
    " SELECT version, status, merged_into, record, tx FROM golden_history WHERE golden_id = :id"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which acts are asked for: those before an id, of one correlation, so many at most."""

    golden_id: str
    correlation_id: str | None
    before: int
    limit: int


def acts(connection: Connection, wanted: Wanted) -> dict[int, dict[str, Any]]:
    """The transactions that told, changed or merged the record, the latest first, by their ids."""
    named = " AND act.correlation_id = :correlation_id" if wanted.correlation_id else ""
    rows = connection.execute(
        text(
            f"SELECT act.id, {', '.join(f'act.{name}' for name in ACT)} FROM hub_transaction AS act"
            f" JOIN (SELECT tx FROM ({VERSIONS}) AS became UNION SELECT tx FROM ({SOURCES})"
            f" AS told) AS own ON own.tx = act.id WHERE act.id < :before{named}"
            " ORDER BY act.id DESC LIMIT :limit"
        ),
        {
            "id": wanted.golden_id,
            "before": wanted.before,
            "limit": wanted.limit,
            **({"correlation_id": wanted.correlation_id} if wanted.correlation_id else {}),
        },
    )
    return {row[0]: dict(zip(ACT, row[1:], strict=True)) for row in rows}


def arrived(connection: Connection, golden_id: str, acts: Collection[int]) -> list[Any]:
    """(transaction, *ARRIVED) of the source versions that these transactions brought."""
    return rows_for(
        connection,
        "SELECT told.tx, home.source, home.source_key, told.version, told.state,"
        f" told.mapping_version, told.load_id, told.line, told.record FROM ({SOURCES}) AS told"
        " JOIN {listed} AS wanted ON told.tx = wanted.value"
        " JOIN source_record AS home ON home.id = told.record_id"
        " ORDER BY home.source, home.source_key, told.version",
        acts,
        number=True,
        id=golden_id,
    )


def became(connection: Connection, golden_id: str, acts: Collection[int]) -> list[Any]:
    """(transaction, *BECAME) of the golden versions that these transactions made."""
    return rows_for(
        connection,
        f"SELECT made.tx, version, status, merged_into, record FROM ({VERSIONS}) AS made"
        " JOIN {listed} AS wanted ON made.tx = wanted.value ORDER BY version",
        acts,
        number=True,
        id=golden_id,
    )


def sent(connection: Connection, golden_id: str, acts: Collection[int]) -> list[Any]:
    """(transaction, *SENT, data) of the messages that these transactions put into the outbox."""
    return rows_for(
        connection,
        f"SELECT message.tx, {', '.join(SENT)}, message.data"
        " FROM outbox AS message JOIN {listed} AS wanted ON message.tx = wanted.value"
        " JOIN hub_transaction AS act ON act.id = message.tx"
        " WHERE message.golden_id = :id ORDER BY message.id",
        acts,
        number=True,
        id=golden_id,
    )
