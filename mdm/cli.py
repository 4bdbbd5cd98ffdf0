"""The `mdm` command: every command in one place, each from its own file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from mdm.commands import register
from mdm.errors import HubError

WrongUsage = cast("type[Exception]", typer.BadParameter.__base__)
"""What is raised of words that no command takes: typer itself has no name for it."""


class Program(TyperGroup):
    """The program: with `--json`, what is wrong with its words is told to programs, too."""

    def make_context(self, *args: Any, **more: Any) -> Any:
        """Reads the program's own words."""
        with _wrong_usage_told():
            return super().make_context(*args, **more)

    def invoke(self, ctx: Any) -> Any:
        """Reads the words of the command, and runs it."""
        with _wrong_usage_told():
            return super().invoke(ctx)


@contextmanager
def _wrong_usage_told() -> Iterator[None]:
    try:
        yield
    except WrongUsage as error:
        said: Any = error
        _tell("wrong_usage", "Wrong usage", said.format_message())
        raise


def _tell(code: str, title: str, detail: str) -> None:
    """Writes an error as the one object that `--json` promises; people read it on stderr."""
    if "--json" in sys.argv:
        told = {"code": code, "title": title, "detail": detail}
        sys.stdout.write(json.dumps({"error": told}, ensure_ascii=False) + "\n")


def application(asked: str | None = None) -> typer.Typer:
    """The program with the command that is asked for; with all of them where none is."""
    app = typer.Typer(
        name="mdm",
        cls=Program,
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
        _tell(error.code, error.title, error.detail)
        sys.exit(1)
