"""The raw limit: the rows that a load left behind, written again with nothing but the driver.

The same tables with the same indexes and keys, the same durability; one executemany per chunk on
SQLite, one binary COPY per table on PostgreSQL. What the hub needs beyond this is its own work:
reading, mapping, cleaning, matching, grouping, surviving.
"""

import sqlite3
import time
from dataclasses import dataclass

import psycopg
from sqlalchemy import make_url

from mdm.store.database import SQLITE_PRAGMAS, open_database
from mdm.store.schema import upgrade
from mdm.store.tables import METADATA

CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class RawLimit:
    """Seconds and rows of writing what is in a database into an empty one."""

    seconds: float
    rows: int


def raw_limit(loaded_url: str, empty_url: str) -> RawLimit:
    """Copies every table of a loaded hub into an empty database and times the writing alone."""
    database = open_database(empty_url)
    upgrade(database)
    database.close()
    if make_url(loaded_url).get_backend_name() == "sqlite":
        return _executemany(_file(loaded_url), _file(empty_url))
    return _copy(_plain(loaded_url), _plain(empty_url))


def _executemany(loaded: str, empty: str) -> RawLimit:
    source = sqlite3.connect(loaded)
    target = sqlite3.connect(empty, isolation_level=None)
    for pragma in SQLITE_PRAGMAS:
        target.execute(pragma)
    target.execute("PRAGMA foreign_keys=OFF")  # whole tables in any order
    seconds, rows = 0.0, 0
    for table in METADATA.sorted_tables:
        cursor = source.execute(f'SELECT * FROM "{table.name}"')
        marks = ", ".join("?" * len(cursor.description))
        while chunk := cursor.fetchmany(CHUNK):
            start = time.perf_counter()
            target.execute("BEGIN IMMEDIATE")
            target.executemany(f'INSERT OR IGNORE INTO "{table.name}" VALUES ({marks})', chunk)
            target.execute("COMMIT")
            seconds += time.perf_counter() - start
            rows += len(chunk)
    source.close()
    target.close()
    return RawLimit(seconds, rows)


def _copy(loaded: str, empty: str) -> RawLimit:
    seconds, rows = 0.0, 0
    with psycopg.connect(loaded) as source, psycopg.connect(empty) as target:
        for table in METADATA.sorted_tables:
            # What the migrations put there makes room; the audit, which refuses that, is empty.
            if target.execute(f'SELECT 1 FROM "{table.name}" LIMIT 1'.encode()).fetchone():
                target.execute(f'TRUNCATE "{table.name}" CASCADE'.encode())
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            out = f'COPY "{table.name}" ({columns}) TO STDOUT (FORMAT binary)'.encode()
            into = f'COPY "{table.name}" ({columns}) FROM STDIN (FORMAT binary)'.encode()
            cursor = target.cursor()
            with source.cursor().copy(out) as reading, cursor.copy(into) as writing:
                for block in reading:
                    start = time.perf_counter()
                    writing.write(block)
                    seconds += time.perf_counter() - start
                start = time.perf_counter()
            seconds += time.perf_counter() - start
            rows += cursor.rowcount
            start = time.perf_counter()
            target.commit()
            seconds += time.perf_counter() - start
    return RawLimit(seconds, rows)


def _file(url: str) -> str:
    return url.removeprefix("sqlite:///")


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
