"""The commands; each file registers its own on the application."""

from collections.abc import Callable

import typer

from mdm.commands import config, init, load, rejects, relay, run, settings, tick

ALL: tuple[Callable[[typer.Typer], None], ...] = (
    init.register,
    load.register,
    tick.register,
    run.register,
    relay.register,
    config.register,
    rejects.register,
    settings.register,
)
