"""`mdm run`: everything of a hub on one machine: HTTP, relay, broker and clock."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from mdm import clock
from mdm.commands.output import ERR, AsJson, answer
from mdm.errors import BadConfiguration, HubError
from mdm.readiness import keep_learning
from mdm.refresh import tick
from mdm.settings import Settings
from mdm.store.anchors import Anchors
from mdm.store.hub import Hub, open_hub
from mdm.store.lease import Lease
from mdm.store.sequencer import sequence
from mdm.store.transaction import Act

TICK_SECONDS = 30.0
LOOK_SECONDS = 0.5
START_SECONDS = 60.0
STOP_SECONDS = 15.0
SERVE = "import sys; from mdm.cli import main; sys.argv[0] = 'mdm'; main()"
Announce = Callable[[str, str], None]


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("run")
    def run(
        host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
        port: Annotated[int, typer.Option(help="Port of the workbench and the API.")] = 8080,
        as_json: AsJson = False,
    ) -> None:
        """Run the whole hub on this machine until Ctrl-C.

        The workbench and the API, the relay to the broker that MDM_BROKER_URL names (the embedded
        one by default), and the clock. On several machines run `mdm serve`, `mdm relay` and
        `mdm tick` apart.
        """

        def announce(url: str, broker: str) -> None:
            sentence = f"The hub is running. Workbench: {url}/workbench/ Ctrl-C ends it."
            answer({"url": url, "broker": broker}, as_json, sentence)

        serve_all(open_hub(Settings()), Place(host, port), announce)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the hub answers over HTTP."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The address for a browser on this machine."""
        return f"http://{self.host}:{self.port}"


def drain(hub: Hub) -> int:
    """Numbers and sends everything that waits; returns how many events the broker took."""
    from publishers.mqtt import parse_address
    from publishers.relay import new_relay, relay_once

    with _broker(hub.settings) as (url, _told):
        if url is None:
            sequence(hub.database, _holder())
            Anchors(hub.database, hub.settings.anchors_file).drop(now=True)
            return 0
        address = parse_address(url, f"mdm-relay-{hub.hub_id}")
        epoch, anchors = int(hub.epoch), hub.settings.anchors_file
        return relay_once(new_relay(hub.database, address, hub.hub_id, epoch, anchors)).sent


def serve_all(hub: Hub, place: Place, announce: Announce) -> None:
    """Serves, relays and ticks until Ctrl-C; whatever ends by itself ends all, with its error."""
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_seen: stop.set())
    with (
        _broker(hub.settings) as (relayed, told),
        ThreadPoolExecutor(max_workers=2) as threads,
        _web_server(hub.settings, place) as web,
    ):
        jobs = [
            threads.submit(_relay_until, stop, hub, relayed),
            threads.submit(_tick_until, stop, hub),
        ]
        try:
            _wait_until_ready(place, web, stop)
            if not stop.is_set():
                announce(place.url, told)
            _watch(stop, jobs, web)
        finally:
            stop.set()


@contextmanager
def _broker(settings: Settings) -> Iterator[tuple[str | None, str]]:
    """The broker's address for the relay, and the one to tell; the embedded one lives within."""
    if settings.broker_url == "none":
        yield None, "none"
    elif settings.broker_url == "embedded":
        from publishers.embedded import embedded_broker

        with embedded_broker() as broker:
            yield broker.url, broker.monitor_url
    else:
        yield settings.broker_url, settings.broker_url.rpartition("@")[2]


@contextmanager
def _web_server(settings: Settings, place: Place) -> Iterator[subprocess.Popen[bytes]]:
    """`mdm serve` on the same hub, in a process of its own, ended at the end."""
    require_free(place)
    words = ["serve", "--host", place.host, "--port", str(place.port)]
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, *words],
        env={**os.environ, **_environment(settings)},
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr.fileno(),  # stdout is the answer's
        start_new_session=True,  # Ctrl-C is for us: we end it in order
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            # A worker that is told to end while it still starts does not hear it.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _environment(settings: Settings) -> dict[str, str]:
    """The variables from which another process reads these very settings."""
    values = settings.model_copy(
        update={"keys": settings.keys_file, "anchors": settings.anchors_file}
    ).model_dump(exclude_none=True)
    return {f"MDM_{name.upper()}": str(value) for name, value in values.items()}


def require_free(place: Place) -> None:
    """Raises BadConfiguration where another program listens there already."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((place.host, place.port))
        except OSError as error:
            raise BadConfiguration(
                f"Nothing can listen on {place.host}:{place.port} ({error.strerror}). Choose"
                " another port with --port."
            ) from error


def _wait_until_ready(place: Place, web: subprocess.Popen[bytes], stop: threading.Event) -> None:
    end = time.monotonic() + START_SECONDS
    while not stop.wait(0.1):
        try:
            with urllib.request.urlopen(f"{place.url}/ready", timeout=5):
                return
        except (urllib.error.URLError, OSError) as error:
            if web.poll() is not None or time.monotonic() > end:
                raise HubError("The web server did not start; its words stand above.") from error


def _watch(stop: threading.Event, jobs: list[Future[None]], web: subprocess.Popen[bytes]) -> None:
    """Waits for the end; raises what ended a job, or that the web server is gone."""
    while not stop.wait(LOOK_SECONDS):
        for job in jobs:
            if job.done():
                job.result()
        if web.poll() is not None:
            raise HubError("The web server has ended; its last words stand above.")


def _relay_until(stop: threading.Event, hub: Hub, url: str | None) -> None:
    if url is None:
        holder = _holder()
        anchors = Anchors(hub.database, hub.settings.anchors_file)
        while not stop.wait(LOOK_SECONDS):
            sequence(hub.database, holder)
            anchors.drop()
        anchors.drop(now=True)
        return
    from publishers.mqtt import parse_address
    from publishers.relay import new_relay, relay_forever

    address = parse_address(url, f"mdm-relay-{hub.hub_id}")
    epoch, file = int(hub.epoch), hub.settings.anchors_file
    relay_forever(new_relay(hub.database, address, hub.hub_id, epoch, file), stop)


def _tick_until(stop: threading.Event, hub: Hub) -> None:
    lease = Lease(hub.database, "tick", _holder())
    while not stop.is_set():
        if lease.held():
            done = tick(hub, clock.now(), "clock")
            if done.golden_changed:
                ERR.print(f"The calendar changed {done.golden_changed} golden records.")
            for learned in keep_learning(hub, Act("config", "clock")):
                ERR.print(f"The matching rules {learned.version} run now.")
        stop.wait(TICK_SECONDS)
    lease.drop()


def _holder() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
