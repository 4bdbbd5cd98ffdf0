"""The database behind the hub: one engine, tuned for its dialect."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from mdm.errors import BadConfiguration

__all__ = ["Connection", "Database", "open_database", "without_password"]

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # FULL: an acknowledged commit survives a power cut, not only a crash of the process.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=30000",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA mmap_size=67108864",
    "PRAGMA wal_autocheckpoint=20000",
)


@dataclass(frozen=True, slots=True)
class Database:
    """An engine and the dialect it speaks."""

    engine: Engine

    @property
    def dialect(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self.engine.dialect.name

    @property
    def url(self) -> str:
        """The URL it was opened with, password included."""
        return self.engine.url.render_as_string(hide_password=False)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection in one read transaction: everything seen is of one moment."""
        with self.engine.connect() as connection:
            if self.dialect == "postgresql":
                connection.exec_driver_sql(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
                )
            else:
                connection.exec_driver_sql("BEGIN")
            yield connection
            if self.dialect == "postgresql":
                # There is nothing to commit; but after a rollback the driver forgets every
                # statement that PostgreSQL has planned, and each question is planned anew.
                connection.commit()
            else:
                connection.rollback()

    def refresh_statistics(self) -> None:
        """Lets PostgreSQL look at its tables now: of many new rows it knows nothing for a minute.

        SQLite's statements name their way themselves.
        """
        if self.dialect == "postgresql":
            with self.engine.connect().execution_options(
                isolation_level="AUTOCOMMIT"
            ) as connection:
                connection.exec_driver_sql("ANALYZE")

    def close(self) -> None:
        """Gives all connections back."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """The database of this URL, not yet connected; BadConfiguration where it is neither kind."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BadConfiguration(
            "MDM_DATABASE_URL is no address of a database; write sqlite:///FILE or"
            " postgresql+psycopg://USER:PASSWORD@HOST/NAME."
        ) from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return Database(_sqlite(parsed.database or "mdm.db"))
    if backend == "postgresql":
        return Database(_postgresql(parsed.set(drivername="postgresql+psycopg")))
    raise BadConfiguration(
        f"MDM_DATABASE_URL names {backend!r}; the hub runs on sqlite and postgresql."
    )


def _postgresql(url: URL) -> Engine:
    engine = create_engine(url, pool_size=8)
    # Whoever lets it go without closing it gives its connections back all the same.
    weakref.finalize(engine, engine.pool.dispose)

    @event.listens_for(engine, "connect")
    def tune(connection: Any, _record: Any) -> None:
        # Of a list PostgreSQL expects so many rows that it compiles a statement of one millisecond
        # for fifty.
        connection.autocommit = True
        connection.execute("SET jit = off")
        connection.autocommit = False

    return engine


def _sqlite(file: str) -> Engine:
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{file}", connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def tune(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN is deferred and comes late; ours is said in transaction.py.
        connection.isolation_level = None
        for pragma in SQLITE_PRAGMAS:
            connection.execute(pragma)

    return engine


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    return make_url(url).render_as_string(hide_password=True)
