"""`mdm serve`: the API and the workbench over HTTP."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from mdm.commands.output import AsJson, answer
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
        as_json: AsJson = False,
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

        if as_json:
            answer({"url": f"http://{host}:{port}"}, as_json)
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # the server's words are no answer
        run_server(host, port, workers or os.cpu_count() or 1, dialect)
