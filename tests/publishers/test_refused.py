"""What a broker refuses is tried again, given up in the end, and sent when somebody says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from mdm.store import outbox
from mdm.store.database import Database
from mdm.store.sequencer import sequence, unnumbered
from mdm.store.transaction import Act
from publishers.mqtt import parse_address
from publishers.relay import ATTEMPTS, Relay, Sent, new_relay, relay_once
from tests.publishers.hub import Writer, golden, golden_id, prepared, subscription
from tests.publishers.listener import listening
from tests.servers import mosquitto as server
from tests.servers.mosquitto import Mosquitto

ALLOWED = "topic readwrite mdm/v1/hub/#\ntopic readwrite mdm/v1/coupa/supplier/{}\n"
ALL = "topic readwrite #\n"


@pytest.fixture
def strict(mosquitto_program: str, tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that takes events of one supplier only, as its access list says."""
    folder = tmp_path / "strict"
    folder.mkdir()
    (folder / "acl").write_text(ALLOWED.format(golden_id(1)))
    broker = server.new_mosquitto(mosquitto_program, folder, f"acl_file {folder}/acl\n")
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    opened = prepared(database_url, tmp_path)
    yield opened
    opened.close()


def relay_to(database: Database, broker: Mosquitto) -> Relay:
    return new_relay(database, parse_address(broker.url, "mdm-relay-hub"), "hub", 7)


def numbered(database: Database) -> None:
    """Waits until all that is committed has its number: a transaction elsewhere may delay it."""
    while True:
        sequence(database, "test")
        with database.read() as connection:
            if not unnumbered(connection):
                return


def give_up(database: Database, broker: Mosquitto) -> Sent:
    """Attempts, each as if its time had come, until an event is a dead letter."""
    total = Sent()
    while not total.dead:
        with database.engine.begin() as connection:
            connection.execute(
                text("UPDATE outbox SET next_at = '2000-01-01T00:00:00Z' WHERE next_at IS NOT NULL")
            )
        total.add(relay_once(relay_to(database, broker)))
    return total


def test_a_refused_event_holds_up_its_own_subject_only(
    database: Database, strict: Mosquitto
) -> None:
    writer = Writer(database, [subscription()])
    writer.commit(golden(1), golden(2))
    writer.commit(golden(2, 2))
    numbered(database)
    done = relay_once(relay_to(database, strict))
    assert (done.sent, done.refused, done.dead) == (1, 1, 0)
    with database.read() as connection:
        assert outbox.counts(connection) == {"pending": 2, "sent": 1, "dead": 0}


def test_what_is_refused_every_time_becomes_a_dead_letter_and_says_why(
    database: Database, strict: Mosquitto
) -> None:
    writer = Writer(database, [subscription()])
    writer.commit(golden(2))
    numbered(database)
    assert give_up(database, strict) == Sent(refused=ATTEMPTS, dead=1)
    writer.commit(golden(2, 2))
    numbered(database)
    assert relay_once(relay_to(database, strict)).sent == 0
    with database.read() as connection:
        assert outbox.counts(connection) == {"pending": 1, "sent": 0, "dead": 1}
        told = connection.scalar(text("SELECT error FROM outbox WHERE state = 'dead'"))
    assert told == "The broker refused it with reason code 0x87."


def test_a_dead_letter_that_is_redriven_arrives_before_what_waited_for_it(
    database: Database, strict: Mosquitto
) -> None:
    writer = Writer(database, [subscription()])
    writer.commit(golden(2))
    numbered(database)
    give_up(database, strict)
    writer.commit(golden(2, 2))
    numbered(database)
    (strict.folder / "acl").write_text(ALL)
    strict.restart()
    assert outbox.redrive(database, Act("dead letters sent again", "test"), "coupa") == 1
    with listening(strict.url) as heard:
        assert relay_once(relay_to(database, strict)).sent == 2
        heard.wait_for(2)
    assert [event["entityversion"] for event in heard.decoded] == [1, 2]
