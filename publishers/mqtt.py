"""A connection to an MQTT broker that says of every message whether the broker has it.

MQTT 5, and 3.1.1 where the broker speaks nothing newer. A connection is used once: when it is
lost, what was not acknowledged is still in the outbox, and a new one sends it again.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from mdm.errors import BadConfiguration, HubError
from mdm.publication.message import CONTENT_TYPE

WINDOW = 20
"""Messages in flight: the client's cost grows with it, and below 20 the line idles."""
PATIENCE = 15.0
"""Seconds without any acknowledgement after which a connection counts as lost."""
REFUSED = 0x80
"""Reason codes from here on mean that the broker does not have the message."""
TOO_LARGE = 0x95
OLDER = "mqtt=3.1.1"
"""What a broker's URL says after its `?` where the broker is known to speak nothing newer."""
V5, V311 = MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311


class BrokerUnreachable(HubError):
    """The broker does not answer or does not let the hub in."""

    code = "broker_unreachable"
    title = "Broker cannot be reached"


@dataclass(frozen=True, slots=True)
class Message:
    """What is published: `key` tells the caller's messages apart."""

    key: int
    topic: str
    payload: bytes
    retain: bool = True
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """Where a broker is and who the hub is there."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None
    client_id: str
    only_3_1_1: bool = False
    """Known to speak nothing newer: not even asked, for some never answer the question."""


def parse_address(url: str, client_id: str) -> Address:
    """The address in an `mqtt://` or `mqtts://` URL."""
    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise BadConfiguration(
            f"MDM_BROKER_URL is {parts.scheme or url!r}; it can be embedded, none,"
            " mqtt://HOST:PORT or mqtts://HOST:PORT."
        )
    tls = parts.scheme == "mqtts"
    return Address(
        host=parts.hostname,
        port=parts.port or (8883 if tls else 1883),
        tls=tls,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        client_id=client_id,
        only_3_1_1=parts.query == OLDER,
    )


@dataclass(slots=True)
class _State:
    """What the network thread has seen; guarded by `changed`."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    connected: ReasonCode | None = None
    limits: dict[str, int] = field(default_factory=dict)
    lost: bool = False
    acknowledged: dict[int, int] = field(default_factory=dict)
    received: dict[str, bytes] = field(default_factory=dict)
    subscribed: bool = False


class Link:
    """One connection, from `connect` until it is lost or closed."""

    def __init__(self, client: Client, version: MQTTProtocolVersion) -> None:
        self.client = client
        self.version = version
        self.state = _State()
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe

    @property
    def lost(self) -> bool:
        """Whether the connection has ended."""
        return self.state.lost

    def send(self, messages: Sequence[Message]) -> dict[int, int]:
        """Publishes in order; the broker's reason code by key, none for what it never acknowledged.

        Never more is in flight than the broker's Receive Maximum allows.
        """
        state = self.state
        window = min(WINDOW, state.limits.get("ReceiveMaximum", WINDOW))
        largest = state.limits.get("MaximumPacketSize", 0)
        keys: dict[int, int] = {}
        answers: dict[int, int] = {}
        for message in messages:
            if largest and len(message.payload) + len(message.topic) + 64 > largest:
                answers[message.key] = TOO_LARGE
                continue
            if not self._wait(lambda: len(keys) - len(state.acknowledged) < window):
                break
            said = self.client.publish(
                message.topic,
                message.payload,
                qos=1,
                retain=message.retain,
                properties=self._properties(message),
            )
            if said.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
                self._give_up()
                break
            keys[said.mid] = message.key
        self._wait(lambda: len(state.acknowledged) >= len(keys))
        with state.changed:
            answers |= {keys[mid]: code for mid, code in state.acknowledged.items() if mid in keys}
            state.acknowledged.clear()
        return answers

    def retained(self, topics: Sequence[str], seconds: float = 1.0) -> dict[str, bytes]:
        """What stands retained on these topics, as far as it arrives in time."""
        self.client.subscribe([(topic, 1) for topic in topics])
        if not self._wait(lambda: self.state.subscribed):
            return {}
        with self.state.changed:
            self.state.changed.wait_for(
                lambda: all(topic in self.state.received for topic in topics), seconds
            )
            return dict(self.state.received)

    def send_and_hear(self, message: Message, seconds: float = 5.0) -> bool:
        """Publishes on a topic that `retained` asked for; whether it came back to us in time."""
        with self.state.changed:
            self.state.received.pop(message.topic, None)
        self.send([message])
        with self.state.changed:
            return self.state.changed.wait_for(
                lambda: self.state.received.get(message.topic) == message.payload, seconds
            )

    def close(self) -> None:
        """Says goodbye: the broker does not publish the Will."""
        self.client.disconnect()
        self.client.loop_stop()

    def _wait(self, condition: Any) -> bool:
        """Waits until the condition holds; False, and lost, where nothing moves any more."""
        state = self.state
        with state.changed:
            while not state.lost:
                if condition():
                    return True
                seen = len(state.acknowledged)
                if not state.changed.wait(PATIENCE) and len(state.acknowledged) == seen:
                    break
        self._give_up()
        return False

    def _give_up(self) -> None:
        self.state.lost = True
        self.client.loop_stop()

    def _properties(self, message: Message) -> Properties | None:
        if self.version is not V5:
            return None
        said = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's own gap
        said.ContentType = CONTENT_TYPE
        if message.properties:
            said.UserProperty = list(message.properties)
        return said

    def _on_connect(
        self, _client: Client, _data: Any, _flags: ConnectFlags, code: ReasonCode, said: Any
    ) -> None:
        with self.state.changed:
            for name in ("ReceiveMaximum", "MaximumPacketSize"):
                if said is not None and hasattr(said, name):
                    self.state.limits[name] = int(getattr(said, name))
            self.state.connected = code
            self.state.changed.notify_all()

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, _code: ReasonCode, _said: Any
    ) -> None:
        with self.state.changed:
            self.state.lost = True
            self.state.changed.notify_all()

    def _on_publish(
        self, _client: Client, _data: Any, mid: int, code: ReasonCode, _said: Any
    ) -> None:
        with self.state.changed:
            self.state.acknowledged[mid] = int(code.value)
            self.state.changed.notify_all()

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        with self.state.changed:
            self.state.received[message.topic] = bytes(message.payload)
            self.state.changed.notify_all()

    def _on_subscribe(
        self, _client: Client, _data: Any, _mid: int, _codes: Any, _said: Any
    ) -> None:
        with self.state.changed:
            self.state.subscribed = True
            self.state.changed.notify_all()


def connect(address: Address, will: Message, seconds: float = 10.0) -> Link:
    """An open connection; BrokerUnreachable says what the broker answered."""
    if address.only_3_1_1:
        return _connect(address, will, V311, seconds)
    try:
        return _connect(address, will, V5, seconds)
    except BrokerUnreachable as error:
        if not error.facts.get("older"):
            raise
    return _connect(address, will, V311, seconds)


def _at_once(_client: Client, _data: Any, opened: Any) -> None:
    """Sends every packet when it is written: held back for the next one, each waits for an ACK."""
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _connect(address: Address, will: Message, version: MQTTProtocolVersion, seconds: float) -> Link:
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=address.client_id,
        protocol=version,
        reconnect_on_failure=False,
        clean_session=None if version is V5 else True,
    )
    # The window is kept here: the client's own queue would hold what the broker refuses to take.
    client.max_inflight_messages_set(65_535)
    client.will_set(will.topic, will.payload, qos=1, retain=will.retain)
    if address.user is not None:
        client.username_pw_set(address.user, address.password)
    if address.tls:
        client.tls_set()
    client.on_socket_open = _at_once
    link = Link(client, version)
    where = f"{address.host}:{address.port}"
    try:
        client.connect(address.host, address.port, keepalive=30)
    except OSError as error:
        raise BrokerUnreachable(f"The broker at {where} does not answer: {error}.") from error
    client.loop_start()
    state = link.state
    with state.changed:
        state.changed.wait_for(lambda: state.connected is not None or state.lost, seconds)
    code = state.connected
    if code is None or code.is_failure:
        client.loop_stop()
        # A broker that knows no MQTT 5 closes the connection or says so in its own way.
        older = version is V5 and (code is None or code.value in (0x01, 0x84))
        said = "closed the connection" if code is None else f"refused: {code}"
        raise BrokerUnreachable(f"The broker at {where} {said}.", older=older)
    return link
