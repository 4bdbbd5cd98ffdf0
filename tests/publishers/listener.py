"""A subscriber for tests: keeps all it hears, in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from publishers.mqtt import parse_address

EVENTS = "mdm/v1/+/+/+"


@dataclass(slots=True)
class Heard:
    """One message."""

    topic: str
    payload: bytes
    retained: bool
    content_type: str | None
    properties: dict[str, str]


@dataclass(slots=True)
class Listener:
    """What was heard so far."""

    client: Client
    events: list[Heard] = field(default_factory=list)

    @property
    def decoded(self) -> list[dict[str, Any]]:
        """The payloads as JSON."""
        return [msgspec.json.decode(message.payload) for message in self.events]

    def by_topic(self) -> dict[str, dict[str, Any]]:
        """The last event on each topic."""
        return {message.topic: msgspec.json.decode(message.payload) for message in self.events}

    def wait_for(self, count: int) -> None:
        """Returns once so many messages were heard."""
        self.wait_until(lambda: len(self.events) >= count)

    def wait_until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        """Returns once the condition holds; fails the test if it never does."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"heard {len(self.events)} messages, not what was due"
            time.sleep(0.05)


@contextmanager
def listening(url: str, topic: str = EVENTS) -> Iterator[Listener]:
    """A subscriber that listens as long as the `with` block lasts."""
    address = parse_address(url, "")
    # The embedded broker speaks MQTT 3.1.1 and asks who it is; mosquitto here lets all in.
    version = MQTTProtocolVersion.MQTTv311 if address.user else MQTTProtocolVersion.MQTTv5
    client = Client(CallbackAPIVersion.VERSION2, protocol=version)
    if address.user:
        client.username_pw_set(address.user, address.password)
    heard = Listener(client)
    subscribed: list[int] = []

    def on_message(_client: Client, _data: Any, message: MQTTMessage) -> None:
        said = message.properties
        heard.events.append(
            Heard(
                message.topic,
                bytes(message.payload),
                message.retain,
                getattr(said, "ContentType", None),
                dict(getattr(said, "UserProperty", ())),
            )
        )

    client.on_message = on_message
    client.on_connect = lambda one, *_more: one.subscribe(topic, qos=1)
    client.on_subscribe = lambda *_more: subscribed.append(1)
    client.connect(address.host, address.port)
    client.loop_start()
    try:
        heard.wait_until(lambda: bool(subscribed))
        yield heard
    finally:
        client.disconnect()
        client.loop_stop()
