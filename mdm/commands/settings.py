"""`mdm settings`: what can be set, what is set, and what it means."""

from __future__ import annotations

import typer
from rich.table import Table

from mdm.commands.output import OUT, AsJson, answer
from mdm.settings import Settings
from mdm.store.database import without_password


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("settings")
    def show_settings(as_json: AsJson = False) -> None:
        """List every setting with its value and meaning."""
        current = Settings()
        rows = {
            f"MDM_{name.upper()}": (_shown(name, current), field.description or "")
            for name, field in Settings.model_fields.items()
        }
        if as_json:
            answer({name: value for name, (value, _meaning) in rows.items()}, as_json)
            return
        table = Table("Setting", "Value", "Meaning", box=None, header_style="bold")
        for name, (value, meaning) in rows.items():
            table.add_row(name, value, meaning)
        OUT.print(table)


def _shown(name: str, settings: Settings) -> str:
    if name == "database_url":
        return without_password(settings.database_url)
    if name in ("keys", "anchors"):
        return str(settings.keys_file if name == "keys" else settings.anchors_file)
    return str(getattr(settings, name))
