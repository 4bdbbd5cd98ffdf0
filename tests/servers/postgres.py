"""A real PostgreSQL cluster of our own, in a temporary folder, for the length of a test session.

It is made awkward on purpose: an ICU locale that does not sort bytewise and a time zone that is
not UTC, so that a forgotten COLLATE "C" or a naive timestamp shows here and not at a
customer's.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.servers.ports import free_port

MISSING = "no PostgreSQL server programs (initdb, pg_ctl) on PATH or in /usr/lib/postgresql/*/bin"
SETTINGS = {
    "fsync": "off",  # the tests kill clients, never the machine
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "TimeZone": "'Asia/Kolkata'",
}


@dataclass(slots=True)
class Postgres:
    """A running cluster that hands out databases."""

    programs: Path
    folder: Path
    port: int
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        """The address the hub's settings take."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template1") -> str:
        """The URL of a fresh database, copied from a template that nobody is connected to."""
        name = f"t{next(self._numbers)}"
        self.sql(f'CREATE DATABASE {name} TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drops the database of a URL, with whoever is still connected."""
        self.sql(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')

    def sql(self, statement: str) -> None:
        """Runs one statement outside a transaction, as the cluster's owner."""
        import psycopg

        address = f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())


def find_programs() -> Path | None:
    """The folder of initdb and pg_ctl: the newest installed version, else PATH, else None."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    on_path = shutil.which("initdb")
    folders = [*versions, *([Path(on_path).parent] if on_path else [])]
    return next((f for f in folders if (f / "initdb").exists() and (f / "pg_ctl").exists()), None)


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root: then the user `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _run(command: Sequence[str | Path], user: str | None) -> None:
    """Runs a server program as its user; raises with what it printed when it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stdout}")


@contextmanager
def running_postgres(programs: Path, settings: Mapping[str, str] = SETTINGS) -> Iterator[Postgres]:
    """A cluster that lives as long as the `with` block."""
    folder = Path(tempfile.mkdtemp(prefix="mdm-pg-"))
    user = _server_user()
    if user:
        shutil.chown(folder, user)
    cluster = Postgres(programs, folder, free_port())
    try:
        _start(cluster, user, settings)
        yield cluster
    finally:
        _run([programs / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop"], user)
        shutil.rmtree(folder, ignore_errors=True)


def _start(cluster: Postgres, user: str | None, settings: Mapping[str, str]) -> None:
    data = cluster.folder / "data"
    locale = ["--locale=C.UTF-8", "--encoding=UTF8", "--locale-provider=icu", "--icu-locale=en-US"]
    _run(
        [cluster.programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", *locale],
        user,
    )
    options = f"-p {cluster.port} -k {cluster.folder} -c listen_addresses=127.0.0.1 " + " ".join(
        f"-c {name}={value}" for name, value in settings.items()
    )
    log = cluster.folder / "log"
    _run([cluster.programs / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start"], user)
