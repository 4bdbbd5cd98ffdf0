"""The servers of the tests are real: each answers, and forgets what it should."""

import paho.mqtt.client as mqtt
import psycopg
from paho.mqtt.enums import CallbackAPIVersion
from selenium.webdriver.chrome.webdriver import WebDriver

from tests.servers.mosquitto import Mosquitto
from tests.servers.postgres import Postgres


def _plain(url: str) -> str:
    return url.replace("+psycopg", "")


def test_the_postgresql_of_the_tests_does_not_sort_bytewise(postgres_url: str) -> None:
    with psycopg.connect(_plain(postgres_url)) as connection:
        rows = connection.execute(
            "select word from (values ('B'), ('a')) as words(word) order by word"
        ).fetchall()
    assert rows == [("a",), ("B",)]


def test_a_database_copied_from_a_template_holds_what_the_template_holds(
    postgres: Postgres, postgres_url: str
) -> None:
    with psycopg.connect(_plain(postgres_url)) as connection:
        connection.execute("create table held as select 42 as answer")
    copy = postgres.create(template=postgres_url.rpartition("/")[2])
    with psycopg.connect(_plain(copy)) as connection:
        assert connection.execute("select answer from held").fetchone() == (42,)
    postgres.drop(copy)


def test_the_mosquitto_of_the_tests_keeps_retained_messages_over_a_restart(
    mosquitto: Mosquitto,
) -> None:
    publisher = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    publisher.connect("127.0.0.1", mosquitto.port)
    publisher.loop_start()
    publisher.publish("kept", b"1", qos=1, retain=True).wait_for_publish(10)
    publisher.disconnect()
    publisher.loop_stop()
    mosquitto.restart()

    got: list[bytes | bytearray] = []

    def remember(client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        got.append(message.payload)
        client.disconnect()

    reader = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    reader.on_message = remember
    reader.connect("127.0.0.1", mosquitto.port)
    reader.subscribe("kept", qos=1)
    reader.loop_forever()
    assert got == [b"1"]


def test_the_chromium_of_the_tests_shows_a_page(chromium: WebDriver) -> None:
    chromium.get("data:text/html,<title>hello</title>")
    assert chromium.title == "hello"
