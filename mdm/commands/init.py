"""`mdm init`: creates or upgrades the database, its keys and its built-in configuration."""

from __future__ import annotations

import typer

from mdm.commands.output import AsJson, answer
from mdm.config import built_in
from mdm.settings import Settings
from mdm.store.hub import initialise


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command()
    def init(as_json: AsJson = False) -> None:
        """Create or upgrade the database.

        Creates the database named by MDM_DATABASE_URL (default sqlite:///mdm.db) or upgrades it to
        the newest shape, makes the key file where there is none, and activates the built-in
        sources and subscriptions. Safe to run again.
        """
        settings = Settings()
        facts = initialise(settings, built_in())
        answer(facts, as_json, "The hub is ready. Next: `mdm load SOURCE FILE`.")
