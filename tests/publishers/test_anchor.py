"""Where the audit stands is told to a file and, retained, to the broker."""

from __future__ import annotations

import json
from pathlib import Path

from publishers.mqtt import parse_address
from publishers.relay import AUDIT, new_relay, relay_once
from tests.publishers.hub import Writer, golden, prepared, subscription
from tests.publishers.listener import listening
from tests.servers.mosquitto import Mosquitto


def test_the_head_of_the_audit_stands_in_the_file_and_retained_at_the_broker(
    database_url: str, tmp_path: Path, mosquitto: Mosquitto
) -> None:
    database = prepared(database_url, tmp_path)
    writer = Writer(database, [subscription()])
    address = parse_address(mosquitto.url, "mdm-relay-hub")
    for version in (1, 2):
        writer.commit(golden(1, version))
        relay_once(new_relay(database, address, "hub", 7, tmp_path / "mdm.anchors"))
    first, last = (json.loads(one) for one in (tmp_path / "mdm.anchors").read_text().splitlines())
    assert first["seq"] < last["seq"]
    with listening(mosquitto.url, AUDIT) as heard:
        heard.wait_for(1)
    assert heard.events[0].retained
    assert json.loads(heard.events[0].payload) == last
    database.close()
