"""Writes source records, their versions, match keys and scored edges."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import Connection

from mdm.golden.state import Edge, Held
from mdm.store import links
from mdm.store.bulk import Ints, Rows, insert_missing, insert_pairs, insert_rows, listed, run_many
from mdm.store.statements import text
from mdm.store.tables.source import (
    edge,
    edge_history,
    match_key,
    source_moved,
    source_record,
    source_version,
)

NEW_RECORD = (
    "id",
    "domain",
    "source",
    "source_key",
    "golden_id",
    "own_id",
    "state",
    "version",
    "record",
    "told",
    "findings",
    "raw",
    "content_hash",
    "raw_hash",
    "sequence",
    "source_time",
    "mapping_version",
    "load_id",
    "line",
)
"""Columns of a row of `record_row`; the transaction's number goes with every row."""
IDENTIFYING = ("id", "domain", "source", "source_key", "own_id")
VERSION = ", ".join((*(name for name in NEW_RECORD if name not in IDENTIFYING), "tx"))
EDGE = ("left_id", "right_id", "probability", "verdict", "veto", "evidence")

KeyRows = Sequence[tuple[int, int]]
"""(match key, record id)."""

_encode = msgspec.json.Encoder().encode


def json_text(value: object) -> str:
    """Compact JSON text of a document."""
    return _encode(value).decode()


def insert_records(connection: Connection, records: Sequence[Held], tx: int) -> None:
    """Inserts source records that were not held before."""
    rows = [record_row(record) for record in records]
    insert_rows(connection, source_record, NEW_RECORD, rows, constants={"tx": tx})


def update_records(connection: Connection, records: Sequence[Held]) -> None:
    """Replaces the latest versions; what stood there becomes history."""
    if not records:
        return
    archive_records(connection, [record.id for record in records], records[0].tx)
    names = (*NEW_RECORD[4:], "tx")
    sets = ", ".join(f"{name} = ?" for name in names)
    rows = [(*record_row(record)[4:], record.tx, record.id) for record in records]
    run_many(connection, f"UPDATE source_record SET {sets} WHERE id = ?", rows)


def archive_records(connection: Connection, ids: Collection[int], tx: int) -> None:
    """Copies the latest versions of these records into their history."""
    connection.execute(
        text(
            f"INSERT INTO source_version (record_id, {VERSION}, until_tx)"
            f" SELECT id, {VERSION}, :tx FROM source_record"
            f" JOIN {listed(connection, number=True)} AS wanted ON id = wanted.value"
        ),
        {"listed": json_text(list(ids)), "tx": tx},
    )


def insert_version(connection: Connection, record: Held) -> None:
    """Inserts a version that arrived late straight into the record's history."""
    columns = ("record_id", *VERSION.split(", "), "until_tx")
    values = dict(zip(NEW_RECORD, record_row(record), strict=True)) | {"tx": record.tx}
    row = (record.id, *(values[name] for name in columns[1:-1]), record.tx)
    insert_rows(connection, source_version, columns, [row])


def note_told_again(connection: Connection, rows: Sequence[tuple[str, int, int]]) -> None:
    """Keeps up to where in the source's order versions (sequence, record, version) were told.

    What they say is not changed, so they are no new versions.
    """
    for table, record in (("source_record", "id"), ("source_version", "record_id")):
        run_many(
            connection,
            f"UPDATE {table} SET sequence = ? WHERE {record} = ? AND version = ?",
            rows,
        )


def assign_goldens(connection: Connection, rows: Sequence[tuple[int, str, str | None]]) -> None:
    """Lets records answer with other golden ids: (record, golden id, own id)."""
    run_many(
        connection,
        "UPDATE source_record SET golden_id = ?, own_id = ? WHERE id = ?",
        [(golden_id, own_id, record_id) for record_id, golden_id, own_id in rows],
    )


def note_moves(connection: Connection, moves: Sequence[tuple[int, str]], tx: int) -> None:
    """Keeps where records (record, golden id) answered before this transaction."""
    rows = [(record_id, tx, golden_id) for record_id, golden_id in moves]
    insert_missing(connection, source_moved, ("record_id", "until_tx", "golden_id"), rows)


def insert_keys(connection: Connection, keys: Ints, records: Ints) -> None:
    """Inserts the match keys of records that had none."""
    insert_pairs(connection, match_key, keys, records)


def insert_edges(connection: Connection, rows: Rows, rules: str, tx: int) -> None:
    """Inserts scored pairs of new records: rows of the columns `EDGE`."""
    insert_rows(connection, edge, EDGE, rows, constants={"rules": rules, "tx": tx})


def replace_keys(connection: Connection, before: KeyRows, after: KeyRows) -> None:
    """Puts (key, record) rows in place of those that stood for an earlier version.

    What stood there follows from that version, so no index need find it.
    """
    run_many(connection, "DELETE FROM match_key WHERE key = ? AND record_id = ?", before)
    insert_rows(connection, match_key, ("key", "record_id"), after)


def forget_keys(connection: Connection, ids: Collection[int]) -> None:
    """Takes every key of these records away, whichever rules made it; reads the whole table."""
    if ids:
        connection.execute(
            text(
                "DELETE FROM match_key WHERE record_id IN"
                f" (SELECT value FROM {listed(connection, number=True)} AS wanted)"
            ),
            {"listed": json_text(list(ids))},
        )


def replace_edges(
    connection: Connection, changed: Collection[int], edges: Sequence[Edge], tx: int
) -> None:
    """Puts newly scored pairs in place of all earlier pairs of the changed records.

    A pair that is scored as it was keeps its row.
    """
    before = links.edges_at(connection, changed)
    after = {(one.left, one.right): one for one in edges}
    ended = [one for pair, one in before.items() if after.get(pair) != one]
    begun = [one for pair, one in after.items() if before.get(pair) != one]
    turn_edges(connection, ended, begun, tx)


def turn_edges(
    connection: Connection, ended: Sequence[Edge], begun: Sequence[Edge], tx: int
) -> None:
    """Takes stored pairs away and puts others there; what stood becomes history."""
    # What stood only within this transaction nobody ever knew.
    known = [(*_scored(one), one.rules, one.tx) for one in ended if one.tx != tx]
    columns = (*EDGE, "rules", "tx")
    insert_rows(connection, edge_history, columns, known, constants={"until_tx": tx})
    pairs = [(one.left, one.right) for one in ended]
    run_many(connection, "DELETE FROM edge WHERE left_id = ? AND right_id = ?", pairs)
    if begun:
        insert_edges(connection, list(map(_scored, begun)), begun[0].rules, tx)


def _scored(one: Edge) -> tuple[object, ...]:
    return (one.left, one.right, one.probability, one.verdict, one.veto, one.evidence)


def record_row(record: Held) -> tuple[object, ...]:
    """The record as a row of `source_record`, without its transaction."""
    return (
        record.id,
        record.domain,
        record.source,
        record.source_key,
        record.golden_id,
        record.own_id,
        record.state,
        record.version,
        json_text(record.record),
        json_text(record.told) if record.told is not None else None,
        json_text(record.findings) if record.findings else None,
        record.raw,
        record.content_hash,
        record.raw_hash,
        record.sequence,
        record.source_time,
        record.mapping_version,
        record.load_id,
        record.line,
    )
