"""`mdm client`: programs that may ask the hub."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from mdm.commands.output import AsJson, answer, operator
from mdm.people.clients import add_client
from mdm.settings import Settings
from mdm.store.hub import open_hub
from mdm.store.transaction import Act


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(no_args_is_help=True, help="Programs that ask the hub, each with a key.")
    app.add_typer(group, name="client")

    @group.callback()
    def about() -> None:
        """Programs that ask the hub, each with a key."""

    @group.command("add")
    def add(
        name: Annotated[str, typer.Argument(help="What the client is called.")],
        subscription: Annotated[
            str | None, typer.Option(help="It sees what is published to this subscriber.")
        ] = None,
        role: Annotated[
            list[str] | None,
            typer.Option(help="steward, approver, admin or auditor; may be repeated."),
        ] = None,
        scope: Annotated[
            list[str] | None,
            typer.Option(help="push, or push:SOURCE for one source; may be repeated."),
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """Add a client and print its key, which is shown this once and kept nowhere."""
        hub = open_hub(Settings())
        act = Act("client", operator(), reason=f"client {name} added")
        made = add_client(hub, act, name, (role or [], scope or []), subscription)
        answer(asdict(made), as_json, f"Client {name} may ask with this key. Keep it safe.")
