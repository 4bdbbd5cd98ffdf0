"""Many rows at once: COPY on PostgreSQL, executemany on SQLite, long lists as one parameter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Table

from mdm.store.statements import text

Rows = Sequence[Sequence[Any]]
Ints = npt.NDArray[np.int64]
Constants = Mapping[str, int | str]
NO_CONSTANTS: Constants = {}
PAIRS = 100_000
"""Rows of a key table that are made at a time: as Python's numbers they take a lot of memory."""
FEW = 500
"""Rows for which a temporary table costs PostgreSQL more than it saves."""


def insert_rows(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Rows,
    *,
    constants: Constants = NO_CONSTANTS,
) -> None:
    """Inserts rows whose values stand in the order of `columns`; `constants` go with every row."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        insert_copied(connection, table, columns, copy_text(rows), constants)
        return
    # Constants stand in the statement: binding them again for every row costs a fifth.
    marks = ", ".join((*("?" * len(columns)), *map(_literal, constants.values())))
    statement = f'INSERT INTO "{table.name}" ({_names(columns, constants)}) VALUES ({marks})'
    driver_cursor(connection).executemany(statement, rows)


def insert_missing(
    connection: Connection, table: Table, columns: Sequence[str], rows: Rows
) -> None:
    """Inserts rows, passing over those whose key is there already."""
    if not rows:
        return
    names = _names(columns, NO_CONSTANTS)
    if connection.dialect.name == "sqlite" or len(rows) <= FEW:
        marks = ", ".join("?" * len(columns))
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING'
        run_many(connection, statement, rows)
        return
    cursor = driver_cursor(connection)
    cursor.execute(
        f'CREATE TEMP TABLE incoming ON COMMIT DROP AS SELECT {names} FROM "{table.name}" LIMIT 0'
    )
    with cursor.copy(f"COPY incoming ({names}) FROM STDIN") as copy:
        copy.write(copy_text(rows))
    cursor.execute(
        f'INSERT INTO "{table.name}" ({names}) SELECT {names} FROM incoming ON CONFLICT DO NOTHING'
    )
    cursor.execute("DROP TABLE incoming")


def insert_copied(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    text_rows: bytes,
    constants: Constants = NO_CONSTANTS,
) -> None:
    """Inserts rows that `copy_text` made, on PostgreSQL; `constants` go with every row."""
    if not text_rows:
        return
    if constants:
        # A raw line feed is always the end of a row: within values it is written as \\n.
        ending = "".join(f"\t{_copied(value)}" for value in constants.values()) + "\n"
        text_rows = text_rows.replace(b"\n", ending.encode())
    names = _names(columns, constants)
    with driver_cursor(connection).copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        copy.write(text_rows)


def insert_pairs(connection: Connection, table: Table, keys: Ints, numbers: Ints) -> None:
    """Inserts (key, number) rows in the order of the key, by which the table is stored."""
    order = np.argsort(keys, kind="stable")
    names = [column.name for column in table.primary_key]
    for start in range(0, len(order), PAIRS):
        some = order[start : start + PAIRS]
        rows = list(zip(keys[some].tolist(), numbers[some].tolist(), strict=True))
        insert_rows(connection, table, names, rows)


def copy_text(rows: Rows) -> bytes:
    """Rows in PostgreSQL's COPY text format."""
    return "".join(["\t".join(map(_copied, row)) + "\n" for row in rows]).encode()


def _copied(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        if "\\" in value or "\n" in value or "\t" in value or "\r" in value:
            return value.translate(ESCAPES)
        return value
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)


ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def _names(columns: Sequence[str], constants: Constants) -> str:
    return ", ".join(f'"{name}"' for name in (*columns, *constants))


def _literal(value: int | str) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def run_many(connection: Connection, statement: str, rows: Rows) -> None:
    """Runs one statement with `?` marks for every row of values."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        statement = statement.replace("?", "%s")
    driver_cursor(connection).executemany(statement, rows)


def driver_cursor(connection: Connection) -> Any:
    """The driver's cursor: SQLAlchemy's own bulk paths cost two to four times as much."""
    raw = connection.connection.driver_connection
    assert raw is not None
    return raw.cursor()


def listed(connection: Connection, *, number: bool = False) -> str:
    """SQL of a one-column table `value` made of one bound JSON parameter `:listed`.

    A long IN list makes PostgreSQL scan a fresh table; one parameter does not.
    """
    if connection.dialect.name == "sqlite":
        # DISTINCT makes SQLite lay the list out first and look each value up; else it walks the
        # table, reading the list again for every row.
        return "(SELECT DISTINCT value FROM json_each(:listed))"
    value = "CAST(value AS bigint)" if number else 'value COLLATE "C"'
    return f"(SELECT {value} AS value FROM json_array_elements_text(CAST(:listed AS json)))"


def rows_for(
    connection: Connection, sql: str, values: Iterable[Any], *, number: bool = False, **more: Any
) -> list[Any]:
    """Rows of a query that names its long list `{listed}`; one round trip however long."""
    statement = text(sql.format(listed=listed(connection, number=number)))
    parameter = msgspec.json.encode(list(values)).decode()
    return list(connection.execute(statement, {"listed": parameter, **more}).all())
