"""From a source's file to a subscriber and a lookup, over every part in between."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from mdm.load import LoadRequest, load
from mdm.records import Mode
from mdm.store.hub import Hub
from publishers.client import Event, Holding
from publishers.mqtt import parse_address
from publishers.relay import new_relay, relay_once
from tests.api.web import SUPPLIERS, alike, serve
from tests.servers.mosquitto import Mosquitto

PATIENCE = 20.0


class Platform:
    """A subscriber as a platform would run one: keeps a session, takes what is new."""

    def __init__(self, broker: Mosquitto, name: str) -> None:
        self.holding = Holding()
        self.types: dict[str, list[str]] = {}
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=mqtt.MQTTv5)
        self.client.on_message = self._take
        self.client.connect("127.0.0.1", broker.port)
        self.client.subscribe(f"mdm/v1/{name}/#", qos=1)
        self.client.loop_start()

    def _take(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        event = msgspec.json.decode(message.payload, type=Event)
        self.types.setdefault(event.subject, []).append(event.type)
        self.holding.take(bytes(message.payload))

    def wait(self, until: Callable[[], bool]) -> None:
        """Returns once it is so; fails where it never is."""
        end = time.monotonic() + PATIENCE
        while not until():
            assert time.monotonic() < end, self.types
            time.sleep(0.05)

    def leave(self) -> None:
        """Goes, in order."""
        self.client.disconnect()
        self.client.loop_stop()


def _file(folder: Path) -> Path:
    rows = [*SUPPLIERS, *alike()]
    path = folder / "suppliers.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, sorted({name for row in rows for name in row}))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_file_becomes_golden_records_that_a_subscriber_gets_and_a_person_merges(
    hub: Hub, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    load(
        hub,
        LoadRequest("csv", (_file(tmp_path),), Mode.INCREMENTAL, actor="test"),
        lambda *_seen: None,
    )
    web = serve(hub)
    platform = Platform(mosquitto, "coupa")
    relay = new_relay(
        hub.database, parse_address(mosquitto.url, "relay"), hub.hub_id, int(hub.epoch)
    )
    try:
        relay_once(relay)
        served = {one["golden_id"] for one in web.get("/v1/suppliers?limit=100").json["results"]}
        platform.wait(lambda: served <= set(platform.holding.records))

        task = web.get("/v1/tasks?kind=possible_duplicate").json["results"][0]
        path = f"/v1/tasks/{task['id']}"
        headers = {"If-Match": web.get(path).headers["ETag"]}
        done = web.post(f"{path}/decision", json={"decision": "same"}, headers=headers)
        (survivor,) = done.json["golden_ids"]
        relay_once(relay)
        platform.wait(lambda: survivor in platform.holding.leads_to.values())
    finally:
        platform.leave()
    (merged,) = [one for one, now in platform.holding.leads_to.items() if now == survivor]
    assert platform.types[merged][-1] == "mdm.supplier.merged.v1"
    answer = web.get(f"/v1/suppliers/{merged}").json
    assert (answer["golden_id"], answer["redirected_from"]) == (survivor, merged)
    published = platform.holding.records[survivor]
    assert "bank_accounts" not in published
    assert published["name"] == answer["record"]["name"]
