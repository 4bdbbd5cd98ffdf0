"""The `mdm` command: every command in one place, each from its own file."""

from __future__ import annotations

import json
import sys

import typer
from rich.console import Console
from rich.markup import escape

from mdm.commands import register
from mdm.errors import HubError


def application(asked: str | None = None) -> typer.Typer:
    """The program with the command that is asked for; with all of them where none is."""
    app = typer.Typer(
        name="mdm",
        help="The finance master data hub: one golden record of each supplier, cost center, project"
        " and tax code, matched, approved and published.\n\nStart with `mdm demo`.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
    )
    # Without a callback, a program of one command would not ask for the command's name.
    app.callback()(lambda: None)
    register(app, asked)
    return app


def main() -> None:
    """Runs a command; exit 0 done, 1 failed or found something wrong, 2 wrong usage."""
    try:
        asked = sys.argv[1].replace("-", "_") if len(sys.argv) > 1 else None
        application(asked)()
    except HubError as error:
        said = f"[bold red]{escape(error.title)}.[/] {escape(error.detail)}"
        Console(stderr=True).print(said, highlight=False)
        if "--json" in sys.argv:
            told = {"code": error.code, "title": error.title, "detail": error.detail}
            sys.stdout.write(json.dumps({"error": told}, ensure_ascii=False) + "\n")
        sys.exit(1)
