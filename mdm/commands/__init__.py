"""The commands; each file registers its own on the application."""

from collections.abc import Callable

import typer

from mdm.commands import (
    client,
    codes,
    config,
    dedupe,
    demo,
    explain,
    init,
    load,
    loads,
    placeholders,
    rebuild,
    rejects,
    relay,
    rules,
    run,
    serve,
    settings,
    tick,
    user,
    verify_audit,
)

ALL: tuple[Callable[[typer.Typer], None], ...] = (
    demo.register,
    init.register,
    load.register,
    loads.register,
    tick.register,
    run.register,
    relay.register,
    config.register,
    rules.register,
    placeholders.register,
    rejects.register,
    codes.register,
    rebuild.register,
    dedupe.register,
    explain.register,
    client.register,
    user.register,
    serve.register,
    verify_audit.register,
    settings.register,
)
