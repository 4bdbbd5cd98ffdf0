"""Law 7 at the wire: relay and broker killed at random points; every record converges."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from mdm.store import outbox
from mdm.store.database import Database
from publishers.client import Holding
from tests.publishers.hub import Writer, golden, golden_id, prepared, subscription
from tests.publishers.listener import Listener, listening
from tests.servers.mosquitto import Mosquitto

RECORDS = 400
ROUNDS = 6

RELAY = """
import sys, threading
from mdm.store.database import open_database
from publishers.mqtt import parse_address
from publishers.relay import new_relay, relay_forever
address = parse_address(sys.argv[2], "mdm-relay-hub")
relay_forever(new_relay(open_database(sys.argv[1]), address, "hub", 7), threading.Event())
"""


@pytest.fixture
def database(sqlite_url: str, tmp_path: Path) -> Iterator[Database]:
    opened = prepared(sqlite_url, tmp_path)
    yield opened
    opened.close()


def started(database: Database, mosquitto: Mosquitto) -> subprocess.Popen[bytes]:
    root = Path(__file__).parents[2]
    return subprocess.Popen([sys.executable, "-c", RELAY, database.url, mosquitto.url], cwd=root)


def converged(heard: Listener) -> bool:
    """Whether the last event of every record was heard."""
    held = Holding()
    for message in heard.events:
        held.take(message.payload)
    names = {subject: record["name"] for subject, record in held.records.items()}
    return names == {golden_id(n): f"Supplier {n} v{ROUNDS}" for n in range(RECORDS)}


@pytest.mark.parametrize("victim", ["relay", "broker"])
def test_every_record_converges_and_only_equal_events_come_twice(
    database: Database, mosquitto: Mosquitto, victim: str
) -> None:
    luck = random.Random()
    writer = Writer(database, [subscription()])
    relay = started(database, mosquitto)
    payloads: dict[str, set[bytes]] = defaultdict(set)
    try:
        for version in range(1, ROUNDS + 1):
            writer.commit(*(golden(number, version) for number in range(RECORDS)))
            time.sleep(luck.uniform(0.0, 0.6))
            if victim == "relay":
                relay.send_signal(signal.SIGKILL)
                relay.wait()
                _forget_lease(database)
                relay = started(database, mosquitto)
            else:
                mosquitto.kill()
                mosquitto.start()
        with listening(mosquitto.url) as heard:
            heard.wait_until(lambda: converged(heard), seconds=60)
            for message in heard.events:
                payloads[msgspec.json.decode(message.payload)["id"]].add(message.payload)
    finally:
        relay.kill()
        relay.wait()
    assert all(len(same) == 1 for same in payloads.values())
    with database.read() as connection:
        assert outbox.counts(connection) == {"pending": 0, "sent": RECORDS * ROUNDS, "dead": 0}


def _forget_lease(database: Database) -> None:
    """Spares the test the wait until the killed one's lease has run out."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM lease")
