"""The commands; each file registers its own on the application, under its own name."""

from __future__ import annotations

from importlib import import_module

import typer

NAMES: tuple[str, ...] = (
    "demo",
    "init",
    "load",
    "loads",
    "tick",
    "run",
    "relay",
    "config",
    "rules",
    "placeholders",
    "rejects",
    "codes",
    "findings",
    "rebuild",
    "dedupe",
    "explain",
    "client",
    "user",
    "serve",
    "verify_audit",
    "settings",
)
"""The files, in the order in which the commands are listed."""


def register(app: typer.Typer, asked: str | None = None) -> None:
    """Adds the command that is asked for, all of them where it is none of ours.

    Only what runs is imported: `mdm dedupe` needs no database, and starts without loading one.
    """
    for name in (asked,) if asked in NAMES else NAMES:
        import_module(f"mdm.commands.{name}").register(app)
