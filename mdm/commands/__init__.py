"""The commands; each file registers its own on the application."""

from collections.abc import Callable

import typer

from mdm.commands import init, load, run, settings, tick

ALL: tuple[Callable[[typer.Typer], None], ...] = (
    init.register,
    load.register,
    tick.register,
    run.register,
    settings.register,
)
