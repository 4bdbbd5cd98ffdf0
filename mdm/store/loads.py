"""The log of loads, the payloads we hold already, rejects, unmapped codes and sealed values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, insert

from mdm import clock
from mdm.records import Mode, Reject, SealedValue
from mdm.store.bulk import insert_missing, rows_for, run_many
from mdm.store.database import Database
from mdm.store.statements import text
from mdm.store.tables.source import load as loads
from mdm.store.tables.source import reject, sealed_value
from mdm.store.transaction import Act, Tx, transaction

REJECT = (
    "load_id",
    "source",
    "domain",
    "source_key",
    "file",
    "line",
    "code",
    "reason",
    "raw",
    "mapping_version",
    "state",
    "at",
    "payload_hash",
)


def start(database: Database, act: Act, source: str, mode: Mode, files: Sequence[Any]) -> int:
    """Notes that a load is being applied; returns its number."""
    values = {
        "source": source,
        "mode": mode.value,
        "state": "applying",
        "files": msgspec.json.encode(files).decode(),
        "actor": act.actor,
        "correlation_id": act.correlation_id,
        "started_at": clock.iso(clock.now()),
    }
    with transaction(database, act) as tx:
        row = tx.connection.execute(insert(loads).values(values))
        assert row.inserted_primary_key is not None
        number = int(row.inserted_primary_key[0])
        tx.note("load_started", f"load:{number}", source=source, mode=mode.value, files=files)
    return number


def finish(database: Database, act: Act, load_id: int, counts: Mapping[str, Any]) -> None:
    """Notes that a load is done, with what it did."""
    with transaction(database, act) as tx:
        tx.connection.execute(
            text(
                "UPDATE load SET state = 'done', finished_at = :at, counts = :counts WHERE id = :id"
            ),
            {
                "at": clock.iso(clock.now()),
                "counts": msgspec.json.encode(counts).decode(),
                "id": load_id,
            },
        )
        tx.note("load_ended", f"load:{load_id}", counts=counts)


def payload_hashes(database: Database, source: str, domain: str) -> list[tuple[bytes, int]]:
    """(payload hash, record id) of every source record whose latest version is not ended."""
    with database.read() as connection:
        rows = connection.execute(
            text(
                "SELECT raw_hash, id FROM source_record"
                " WHERE domain = :domain AND source = :source AND state <> 'ended'"
            ),
            {"domain": domain, "source": source},
        )
        return [(bytes(row[0]), row[1]) for row in rows]


def record_ids(
    connection: Connection, source: str, domain: str, keys: Collection[str]
) -> dict[str, int]:
    """The record id of each key of a source that we hold."""
    rows = rows_for(
        connection,
        "SELECT source_key, id FROM source_record JOIN {listed} AS wanted"
        " ON source_key = wanted.value WHERE domain = :domain AND source = :source",
        keys,
        domain=domain,
        source=source,
    )
    return {row[0]: row[1] for row in rows}


def absent(
    database: Database, source: str, domain: str, keys: Collection[str], held: Collection[int]
) -> list[int]:
    """Ids of the source's records, not ended yet, that are neither among the keys nor the ids."""
    with database.read() as connection:
        rows = connection.execute(
            text(
                "SELECT id, source_key FROM source_record"
                " WHERE domain = :domain AND source = :source AND state <> 'ended' ORDER BY id"
            ),
            {"domain": domain, "source": source},
        )
        return [row[0] for row in rows if row[0] not in held and row[1] not in keys]


def payloads(database: Database, ids: Collection[int]) -> list[tuple[int, str, bytes, bytes]]:
    """(record, mapping version, sealed payload, its hash) of every version of these records."""
    columns = "mapping_version, raw, raw_hash"
    with database.read() as connection:
        rows = rows_for(
            connection,
            f"SELECT id, {columns} FROM source_record JOIN {{listed}} AS wanted"
            f" ON id = wanted.value UNION ALL SELECT record_id, {columns} FROM source_version"
            " JOIN {listed} AS wanted ON record_id = wanted.value",
            ids,
            number=True,
        )
        return [(row[0], row[1], bytes(row[2]), bytes(row[3])) for row in rows]


def keep_sealed(connection: Connection, values: Sequence[SealedValue]) -> None:
    """Keeps protected values in the vault; one that is there already stays."""
    rows = list({value.fingerprint: value.sealed for value in values}.items())
    insert_missing(connection, sealed_value, ("fingerprint", "sealed"), rows)


@dataclass(frozen=True, slots=True)
class Refused:
    """Where rows were refused or codes not understood."""

    source: str
    domain: str
    file: str
    load_id: int | None
    mapping_version: str


def keep_rejects(tx: Tx, where: Refused, rejects: Sequence[Reject]) -> int:
    """Keeps refused rows with their reasons; the same row refused again stays one reject.

    Returns how many were not kept before.
    """
    before = tx.connection.scalar(text("SELECT count(*) FROM reject")) or 0
    rows = [
        (
            where.load_id,
            where.source,
            where.domain,
            item.source_key,
            where.file,
            item.line,
            item.code,
            item.reason,
            item.raw,
            where.mapping_version,
            "open",
            tx.at,
            item.payload_hash,
        )
        for item in rejects
    ]
    insert_missing(tx.connection, reject, REJECT, rows)
    kept = int(tx.connection.scalar(text("SELECT count(*) FROM reject")) or 0) - int(before)
    if kept:
        tx.note("rejects_kept", f"source:{where.source}", file=where.file, count=kept)
    return kept


def count_unmapped(tx: Tx, where: Refused, codes: Mapping[tuple[str, str], int]) -> None:
    """Queues code values that the value maps do not know, with how often they were told."""
    run_many(
        tx.connection,
        "INSERT INTO unmapped_code (source, domain, field, value, count, first_at, last_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, domain, field, value) DO UPDATE SET"
        " count = unmapped_code.count + excluded.count, last_at = excluded.last_at,"
        " resolved_at = NULL",
        [
            (where.source, where.domain, field, value, count, tx.at, tx.at)
            for (field, value), count in sorted(codes.items())
        ],
    )


def is_empty(database: Database, domain: str) -> bool:
    """Whether the hub holds no source record of the domain."""
    with database.read() as connection:
        return (
            connection.scalar(
                text("SELECT 1 FROM source_record WHERE domain = :domain LIMIT 1"),
                {"domain": domain},
            )
            is None
        )
