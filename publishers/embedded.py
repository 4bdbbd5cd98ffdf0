"""A broker inside this process, for one machine and for trying out: MQTT 3.1.1, in memory."""

from __future__ import annotations

import asyncio
import gc
import hmac
import logging
import secrets
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from amqtt.broker import Broker
from amqtt.contexts import Action, BaseContext, BrokerConfig, ListenerConfig
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from publishers.mqtt import OLDER

HUB, MONITOR = "hub", "monitor"


@dataclass(frozen=True, slots=True)
class EmbeddedBroker:
    """Where the embedded broker listens, and the two who may come in."""

    port: int
    hub_password: str
    monitor_password: str

    @property
    def url(self) -> str:
        """The address for the relay, which may publish."""
        return f"mqtt://{HUB}:{self.hub_password}@127.0.0.1:{self.port}?{OLDER}"

    @property
    def monitor_url(self) -> str:
        """The address for people and tests, who may read `mdm/v1/#` and nothing else."""
        return f"mqtt://{MONITOR}:{self.monitor_password}@127.0.0.1:{self.port}"


class UsersPlugin(BaseAuthPlugin):  # type: ignore[misc]  # amqtt ships no types
    """Lets in who knows a password."""

    @dataclass
    class Config:
        """Passwords by user."""

        passwords: dict[str, str] = field(default_factory=dict)

    async def authenticate(self, *, session: Session) -> bool:
        """Whether the session's user and password are known."""
        passwords: dict[str, str] = self._get_config_option("passwords", {})
        known = passwords.get(session.username or "")
        return known is not None and hmac.compare_digest(known, session.password or "")


class TopicsPlugin(BaseTopicPlugin):  # type: ignore[misc]  # amqtt ships no types
    """The hub publishes and reads; the monitor reads `mdm/v1/`; nobody does anything else."""

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)

    async def topic_filtering(
        self,
        *,
        session: Session | None = None,
        topic: str | None = None,
        action: Action | None = None,
    ) -> bool:
        """Whether this user may do this with this topic."""
        user = session.username if session else None
        below = topic is not None and topic.startswith("mdm/v1/")
        return below and (user == HUB or (user == MONITOR and action is not Action.PUBLISH))


@contextmanager
def embedded_broker(port: int = 0) -> Iterator[EmbeddedBroker]:
    """A running broker on the loopback address; port 0 takes a free one."""
    # The library tells of every packet, and of every client that just goes away.
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)
    logging.getLogger("transitions").setLevel(logging.CRITICAL)
    access = (secrets.token_urlsafe(18), secrets.token_urlsafe(18))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="embedded-broker", daemon=True)
    thread.start()
    broker = asyncio.run_coroutine_threadsafe(_start(port, access), loop).result(30)
    try:
        yield EmbeddedBroker(_port(broker), *access)
    finally:
        asyncio.run_coroutine_threadsafe(_stop(broker), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _start(port: int, access: tuple[str, str]) -> Broker:
    passwords = dict(zip((HUB, MONITOR), access, strict=True))
    config = BrokerConfig(
        listeners={"default": ListenerConfig(bind=f"127.0.0.1:{port}")},
        plugins={
            f"{__name__}.UsersPlugin": {"passwords": passwords},
            f"{__name__}.TopicsPlugin": {},
        },
    )
    broker = Broker(config, loop=asyncio.get_running_loop())
    await broker.start()
    return broker


async def _stop(broker: Broker) -> None:
    await broker.shutdown()
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    with warnings.catch_warnings():
        # The library leaves the streams of clients that just went away to the collector, which
        # closes them with a warning: it must do so while there still is a loop.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
        await asyncio.sleep(0)


def _port(broker: Broker) -> int:
    servers: dict[str, Any] = broker._servers
    instance = servers["default"].instance
    return int(instance.sockets[0].getsockname()[1])
