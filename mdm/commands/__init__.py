"""The commands; each file registers its own on the application."""

from collections.abc import Callable

import typer

from mdm.commands import (
    client,
    config,
    dedupe,
    init,
    load,
    rejects,
    relay,
    serve,
    settings,
    tick,
    user,
)

ALL: tuple[Callable[[typer.Typer], None], ...] = (
    init.register,
    load.register,
    tick.register,
    relay.register,
    config.register,
    rejects.register,
    dedupe.register,
    client.register,
    user.register,
    serve.register,
    settings.register,
)
