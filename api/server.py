"""The WSGI server that the hub is shipped with."""

from __future__ import annotations

from granian import Granian
from granian.constants import Interfaces

THREADS = 4
"""Threads of a worker that wait for PostgreSQL; SQLite answers from one faster than from four."""


def run_server(host: str, port: int, workers: int, dialect: str) -> None:
    """Serves until it is told to stop; every worker opens the hub that the settings name."""
    Granian(
        "api.app:served",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=workers,
        blocking_threads=THREADS if dialect == "postgresql" else 1,
        log_access=False,
        websockets=False,
    ).serve()
