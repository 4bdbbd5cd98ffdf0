"""`mdm serve`: the API and the workbench over HTTP."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from mdm.settings import Settings
from mdm.store import schema
from mdm.store.database import open_database


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("serve")
    def serve(
        host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
        port: Annotated[int, typer.Option(help="Port to listen on.")] = 8080,
        workers: Annotated[
            int, typer.Option(help="Processes; 0: as many as there are cores.", min=0)
        ] = 0,
    ) -> None:
        """Serve the API and the stewards' workbench.

        The workbench is at /workbench/, the interface's description at /docs. `mdm user add` and
        `mdm client add` make those who may use them.
        """
        settings = Settings()
        database = open_database(settings.database_url)
        schema.require_ready(database)
        dialect = database.dialect
        database.close()
        from api.server import run_server

        run_server(host, port, workers or os.cpu_count() or 1, dialect)
