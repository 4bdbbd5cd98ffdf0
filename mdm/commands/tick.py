"""`mdm tick`: makes time pass."""

from __future__ import annotations

from typing import Annotated

import typer

from mdm import clock
from mdm.commands.output import AsJson, answer
from mdm.errors import BadRequest
from mdm.readiness import keep_learning
from mdm.refresh import tick
from mdm.settings import Settings
from mdm.store.hub import open_hub
from mdm.store.transaction import Act


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("tick")
    def let_time_pass(
        at: Annotated[
            str | None, typer.Option(help="Up to this instant, 2027-01-01T00:00:00Z, or day.")
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """Make time pass: what starts or ends by now takes effect and is published."""
        try:
            instant = clock.parse_moment(at) if at else clock.now()
        except ValueError as error:
            raise BadRequest(
                f"--at: {at!r} is no instant; write 2027-01-01T00:00:00Z, or 2027-01-01."
            ) from error
        hub = open_hub(Settings())
        done = tick(hub, instant, "clock")
        keep_learning(hub, Act("config", "clock"))
        facts = {"at": clock.iso(instant), "golden_changed": done.golden_changed}
        answer(facts, as_json, "Time has passed.")
