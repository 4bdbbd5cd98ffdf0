"""`mdm settings`: what can be set, what is set, and what it means."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.markup import escape
from rich.table import Table

from mdm.commands.output import OUT, AsJson, answer, in_words
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
            meanings = {name: meaning for name, (_value, meaning) in rows.items()}
            values = {name: value for name, (value, _meaning) in rows.items()}
            answer({**values, "meanings": meanings}, as_json)
            return
        table = Table(box=None, header_style="bold")
        for title in ("Setting", "Value", "Meaning"):
            table.add_column(title, overflow="fold")
        for name, (value, meaning) in rows.items():
            table.add_row(name, escape(in_words(value)), escape(meaning))
        OUT.print(table)


def _shown(name: str, settings: Settings) -> str | int | None:
    """The value in force, without the password that an address may carry."""
    if name in ("database_url", "broker_url"):
        address: str = getattr(settings, name)
        return without_password(address) if "://" in address else address
    if name in ("keys", "anchors"):
        return str(settings.keys_file if name == "keys" else settings.anchors_file)
    value = getattr(settings, name)
    return str(value) if isinstance(value, Path) else value
