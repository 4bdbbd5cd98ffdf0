"""`mdm relay`: sends the outbox to the broker."""

from __future__ import annotations

import signal
import threading
from dataclasses import asdict
from typing import Annotated

import typer

from mdm.commands.output import AsJson, answer
from mdm.errors import BadConfiguration
from mdm.settings import Settings
from mdm.store.hub import open_hub


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("relay")
    def run_relay(
        once: Annotated[
            bool, typer.Option("--once", help="Send what is due now, then end.")
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """Send the outbox to the broker that MDM_BROKER_URL names.

        Runs until Ctrl-C. Killed at any point it loses nothing: what the broker has not
        acknowledged is sent again, byte for byte the same.
        """
        from publishers.mqtt import parse_address
        from publishers.relay import new_relay, relay_forever, relay_once

        settings = Settings()
        if settings.broker_url in ("embedded", "none"):
            raise BadConfiguration(
                f"MDM_BROKER_URL is {settings.broker_url!r}: there is no broker to send to. Set it"
                " to mqtt://HOST:PORT, or use `mdm run`, which brings the embedded broker along."
            )
        hub = open_hub(settings)
        address = parse_address(settings.broker_url, f"mdm-relay-{hub.hub_id}")
        relay = new_relay(
            hub.database, address, hub.hub_id, int(hub.epoch), hub.settings.anchors_file
        )
        if once:
            answer(asdict(relay_once(relay)), as_json, "Sent what was due.")
            return
        stop = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_seen: stop.set())
        answer(asdict(relay_forever(relay, stop)), as_json, "The relay has ended.")
