"""Many rows at once: COPY on PostgreSQL, executemany on SQLite, long lists as one parameter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, text

Rows = Sequence[Sequence[Any]]


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Rows, *, ignore: bool = False
) -> None:
    """Inserts rows whose values stand in the order of `columns`.

    With `ignore`, a row whose key is there already is passed over.
    """
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        _copy(connection, table.name, columns, rows, ignore)
    else:
        _insert_many(connection, table.name, columns, rows, ignore)


def _insert_many(
    connection: Connection, table: str, columns: Sequence[str], rows: Rows, ignore: bool
) -> None:
    marks = ", ".join("?" * len(columns))
    names = ", ".join(f'"{name}"' for name in columns)
    word = "INSERT OR IGNORE" if ignore else "INSERT"
    _cursor(connection).executemany(f'{word} INTO "{table}" ({names}) VALUES ({marks})', rows)


def _copy(
    connection: Connection, table: str, columns: Sequence[str], rows: Rows, ignore: bool
) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    target = f'"{table}"'
    cursor = _cursor(connection)
    if ignore:
        cursor.execute(
            f"CREATE TEMP TABLE incoming ON COMMIT DROP AS SELECT {names} FROM {target} LIMIT 0"
        )
        target = "incoming"
    with cursor.copy(f"COPY {target} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    if ignore:
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {names} FROM incoming ON CONFLICT DO NOTHING'
        )
        cursor.execute("DROP TABLE incoming")


def run_many(connection: Connection, statement: str, rows: Rows) -> None:
    """Runs one statement with `?` marks for every row of values."""
    if not rows:
        return
    sql = statement
    if connection.dialect.name == "postgresql":
        sql = sql.replace("?", "%s")
    _cursor(connection).executemany(sql, rows)


def _cursor(connection: Connection) -> Any:
    """The driver's cursor: SQLAlchemy's own bulk paths cost two to four times as much."""
    raw = connection.connection.driver_connection
    assert raw is not None
    return raw.cursor()


def listed(connection: Connection, *, number: bool = False) -> str:
    """SQL of a one-column table `value` made of one bound JSON parameter `:listed`.

    A long IN list makes PostgreSQL scan a fresh table; one parameter does not.
    """
    if connection.dialect.name == "sqlite":
        return "(SELECT value FROM json_each(:listed))"
    value = "CAST(value AS bigint)" if number else 'value COLLATE "C"'
    return f"(SELECT {value} AS value FROM json_array_elements_text(CAST(:listed AS json)))"


def rows_for(
    connection: Connection, sql: str, values: Iterable[Any], *, number: bool = False, **more: Any
) -> list[Any]:
    """Rows of a query that names its long list `{listed}`; one round trip however long."""
    statement = text(sql.format(listed=listed(connection, number=number)))
    parameter = msgspec.json.encode(list(values)).decode()
    return list(connection.execute(statement, {"listed": parameter, **more}))
