"""The relay against real brokers: everything arrives, in order, whatever is killed when."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from mdm.store import outbox
from mdm.store.database import Database
from publishers.embedded import embedded_broker
from publishers.mqtt import parse_address
from publishers.relay import STATUS, Relay, new_relay, relay_forever, relay_once
from tests.publishers.hub import Writer, golden, golden_id, prepared, subscription
from tests.publishers.listener import listening
from tests.servers.mosquitto import Mosquitto


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    opened = prepared(database_url, tmp_path)
    yield opened
    opened.close()


def relay_to(database: Database, url: str) -> Relay:
    return new_relay(database, parse_address(url, "mdm-relay-hub"), "hub", 7)


def test_what_is_committed_arrives_and_is_marked(database: Database, mosquitto: Mosquitto) -> None:
    writer = Writer(database, [subscription()])
    writer.commit(*(golden(number) for number in range(2_000)))
    with listening(mosquitto.url) as heard:
        done = relay_once(relay_to(database, mosquitto.url))
        heard.wait_for(2_000)
    assert (done.sent, done.refused, done.dead) == (2_000, 0, 0)
    topics = {message.topic for message in heard.events}
    assert topics == {f"mdm/v1/coupa/supplier/{golden_id(n)}" for n in range(2_000)}
    with database.read() as connection:
        assert outbox.counts(connection) == {"pending": 0, "sent": 2_000, "dead": 0}


def test_a_message_has_the_content_type_and_names_its_correlation(
    database: Database, mosquitto: Mosquitto
) -> None:
    Writer(database, [subscription()]).commit(golden(1))
    with listening(mosquitto.url) as heard:
        relay_once(relay_to(database, mosquitto.url))
        heard.wait_for(1)
    message = heard.events[0]
    event = msgspec.json.decode(message.payload)
    assert message.content_type == "application/cloudevents+json"
    assert message.properties["correlationid"] == event["correlationid"]
    assert event["type"] == "mdm.supplier.created.v1"
    assert event["data"]["record"]["name"] == "Supplier 1 v1"


def test_versions_of_one_record_arrive_in_order_and_the_last_stays_retained(
    database: Database, mosquitto: Mosquitto
) -> None:
    writer = Writer(database, [subscription()])
    for version in range(1, 21):
        writer.commit(golden(1, version), golden(2, version))
    with listening(mosquitto.url) as heard:
        relay_once(relay_to(database, mosquitto.url))
        heard.wait_for(40)
    for number in (1, 2):
        versions = [e["entityversion"] for e in heard.decoded if e["subject"] == golden_id(number)]
        assert versions == list(range(1, 21))
    with listening(mosquitto.url) as late:
        late.wait_for(2)
    assert {event["data"]["version"] for event in late.decoded} == {20}


def test_sending_again_sends_nothing(database: Database, mosquitto: Mosquitto) -> None:
    Writer(database, [subscription()]).commit(golden(1))
    relay_once(relay_to(database, mosquitto.url))
    Writer(database, [subscription()]).commit(golden(1))
    assert relay_once(relay_to(database, mosquitto.url)).sent == 0


def test_the_status_is_retained_with_the_epoch(database: Database, mosquitto: Mosquitto) -> None:
    relay_once(relay_to(database, mosquitto.url))
    with listening(mosquitto.url, STATUS) as heard:
        heard.wait_for(1)
    assert heard.decoded[0] == {"hub_id": "hub", "epoch": 7, "state": "offline"}


def test_a_broker_that_lost_everything_gets_all_retained_topics_again(
    database: Database, mosquitto: Mosquitto
) -> None:
    Writer(database, [subscription()]).commit(*(golden(number) for number in range(50)))
    relay_once(relay_to(database, mosquitto.url))
    mosquitto.kill()
    for kept in mosquitto.folder.glob("*.db*"):
        kept.unlink()
    mosquitto.start()
    done = relay_once(relay_to(database, mosquitto.url))
    assert (done.sent, done.restored) == (0, 50)
    with listening(mosquitto.url) as heard:
        heard.wait_for(50)


def test_the_relay_goes_on_when_the_broker_comes_back(
    database: Database, mosquitto: Mosquitto
) -> None:
    writer = Writer(database, [subscription()])
    stop = threading.Event()
    thread = threading.Thread(
        target=relay_forever, args=(relay_to(database, mosquitto.url), stop), daemon=True
    )
    thread.start()
    try:
        for round_ in range(3):
            writer.commit(*(golden(number, round_ + 1) for number in range(300)))
            mosquitto.kill()
            mosquitto.start()
        with listening(mosquitto.url) as heard:
            heard.wait_until(
                lambda: sum(e["data"]["version"] == 3 for e in heard.by_topic().values()) == 300
            )
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()
    with database.read() as connection:
        assert outbox.counts(connection)["pending"] == 0


def test_the_embedded_broker_takes_events_and_lets_the_monitor_only_read(
    database: Database,
) -> None:
    Writer(database, [subscription()]).commit(*(golden(number) for number in range(20)))
    with embedded_broker() as broker:
        with listening(broker.monitor_url) as heard:
            assert relay_once(relay_to(database, broker.url)).sent == 20
            heard.wait_for(20)
            heard.client.publish("mdm/v1/coupa/supplier/x", b"forged", qos=1, retain=True)
            heard.wait_until(lambda: len(heard.events) >= 20)
        with listening(broker.monitor_url) as later:
            later.wait_for(1)
            time.sleep(1)
            assert b"forged" not in {m.payload for m in (*heard.events, *later.events)}
