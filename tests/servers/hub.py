"""Hubs for the tests: `mdm init` runs once per database kind, every further hub is a copy of it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import event, text
from typer.testing import CliRunner

from mdm.cli import application
from mdm.settings import Settings
from mdm.store.database import Database
from mdm.store.hub import Hub, open_hub
from tests.servers.postgres import Postgres


@dataclass(slots=True)
class Template:
    """An initialised, untouched hub that is copied and never opened."""

    url: str
    keys: Path
    postgres: Postgres | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def copy(self, folder: Path) -> Settings:
        """The settings of a fresh hub like it, with its files in the folder."""
        keys = folder / "mdm.keys"
        if not keys.exists():
            shutil.copy(self.keys, keys)
        return Settings(
            database_url=self._copy_database(folder),
            keys=keys,
            anchors=folder / "mdm.anchors",
            broker_url="none",
        )

    def drop(self, settings: Settings) -> None:
        """Removes the copy's database from the PostgreSQL server; files go with their folder."""
        if self.postgres is not None:
            self.postgres.drop(settings.database_url)

    def _copy_database(self, folder: Path) -> str:
        if self.postgres is not None:
            return self.postgres.create(template=self.url.rpartition("/")[2])
        file = folder / f"mdm{next(self._numbers)}.db"
        shutil.copy(self.url.removeprefix("sqlite:///"), file)
        return f"sqlite:///{file}"


def new_template(url: str, folder: Path, postgres: Postgres | None = None) -> Template:
    """Runs `mdm init` on an empty database."""
    keys = folder / "mdm.keys"
    environment = {
        "MDM_DATABASE_URL": url,
        "MDM_KEYS": str(keys),
        "MDM_ANCHORS": str(folder / "mdm.anchors"),
    }
    with patch.dict(os.environ, environment), chdir(folder):  # out of reach of a `.env`
        done = CliRunner().invoke(application(), ["init", "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return Template(url, keys, postgres)


@contextmanager
def hub_maker(template: Template, folder: Path) -> Iterator[Callable[[], Hub]]:
    """A function that gives a fresh hub at each call; all are closed and dropped at the end."""
    with ExitStack() as stack:

        def new_hub() -> Hub:
            settings = template.copy(folder)
            stack.callback(template.drop, settings)
            hub = open_hub(settings)
            unhurried(hub.database)
            stack.callback(hub.database.close)
            return hub

        yield new_hub


def unhurried(database: Database) -> None:
    """Lets commits on SQLite not wait for the disk: tests kill programs, never the machine."""
    if database.dialect == "sqlite":
        database.close()  # connections from now on
        event.listen(database.engine, "connect", _without_waiting)


def _without_waiting(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def unguard(database: Database) -> None:
    """Takes the audit's triggers away: what somebody does who owns the database."""
    with database.engine.begin() as connection:
        if database.dialect == "postgresql":
            for table in ("audit", "audit_seal"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_only_grows ON {table}"))
            return
        sql = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit%'"
        for (name,) in connection.execute(text(sql)).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
