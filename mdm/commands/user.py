"""`mdm user`: people who may sign in to the workbench."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from mdm.commands.output import AsJson, answer, operator
from mdm.people.users import add_user
from mdm.settings import Settings
from mdm.store.hub import open_hub
from mdm.store.transaction import Act


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(no_args_is_help=True, help="People who may sign in to the workbench.")
    app.add_typer(group, name="user")

    @group.callback()
    def about() -> None:
        """People who may sign in to the workbench."""

    @group.command("add")
    def add(
        name: Annotated[str, typer.Argument(help="What the user is called.")],
        role: Annotated[
            list[str], typer.Option(help="steward, approver, admin or auditor; may be repeated.")
        ],
        ask: Annotated[
            bool, typer.Option("--ask", help="Ask for the password instead of making one.")
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """Add a user and print the password and the secret of the one-time codes, once."""
        said = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if ask else None
        hub = open_hub(Settings())
        act = Act("user", operator(), reason=f"user {name} added")
        made = add_user(hub, act, name, role, said)
        sentence = f"User {name} may sign in. Enter the secret into an authenticator app."
        answer(asdict(made), as_json, sentence)
