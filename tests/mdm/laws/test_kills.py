"""Law 7: a process killed at any point loses nothing and invents nothing.

Acts happen in processes that an alarm ends somewhere on the way, each act then again as people and
jobs repeat what did not answer. In the end the hub is what another one is that nobody killed.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import msgspec
import pytest
from hypothesis import settings as profile
from sqlalchemy import text

from mdm.commands.rebuild import asking
from mdm.proof.audit import verify_hub
from mdm.proof.rebuild import Wish, check
from mdm.store.hub import Hub
from mdm.store.sequencer import sequence
from tests.mdm.laws import world
from tests.mdm.proof.steps import Step, happen

MOST_KILLS = 200
LONGEST = 0.25
"""Seconds after which the alarm comes at the latest."""
ONE_BY_ONE = """
import os, signal, sys
from pathlib import Path
import msgspec
from mdm.settings import Settings
from mdm.store.hub import open_hub
from tests.mdm.proof.steps import Step, happen
from tests.servers.hub import unhurried

settings = Settings(database_url=sys.argv[1], keys=Path(sys.argv[2]), broker_url="none")
hub = open_hub(settings)
unhurried(hub.database)
hub.database.close()  # each child connects for itself
for line in sys.stdin:
    delay, step = msgspec.json.decode(line, type=tuple[float, Step])
    child = os.fork()
    if not child:
        signal.setitimer(signal.ITIMER_REAL, delay)  # nobody listens: it ends the process
        happen(hub, step)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    print(int(os.WIFSIGNALED(status)), flush=True)
"""


def steps(luck: random.Random) -> Iterator[Step]:
    """Acts that may be repeated: told once more, they change nothing."""
    while True:
        kind = luck.choice(["supplier", "supplier", "cost_center", "legal_entity", "tick", "trust"])
        day = f"2026-03-{luck.randint(1, 28):02}"
        yield Step(kind, day, ROWS[kind](luck), luck.randrange(30), flag=False)


def supplier(luck: random.Random) -> dict[str, str]:
    return {
        "id": f"V{luck.randrange(8)}",
        "name": luck.choice(["Acme Logistik GmbH", "ACME LOGISTIK", "Borealis Paper Oy"]),
        "vat_number": luck.choice(["DE136695976", "DE129273398", "FI20774740", ""]),
        "iban": luck.choice(["DE89370400440532013000", ""]),
        "city": luck.choice(["Berlin", "Helsinki"]),
        "country": luck.choice(["DE", "FI"]),
        "legal_entity": luck.choice(["1000", "2000"]),
    }


def center(luck: random.Random) -> dict[str, str]:
    return {
        "code": luck.choice(["100", "200", "300"]),
        "controlling_area": "A1",
        "name": luck.choice(["Sales", "Research"]),
        "legal_entity": luck.choice(["1000", "2000"]),
        "valid_from": "2026-01-01",
        "valid_through": luck.choice(["", "2026-03-20", "2026-12-31"]),
    }


def entity(luck: random.Random) -> dict[str, str]:
    return {
        "code": luck.choice(["1000", "2000"]),
        "name": "Acme",
        "region": luck.choice(["EU", "US"]),
        "timezone": luck.choice(["", "Pacific/Auckland", "Pacific/Niue"]),
    }


def nothing(_luck: random.Random) -> dict[str, str]:
    return {}


ROWS: dict[str, Callable[[random.Random], dict[str, str]]] = {
    "supplier": supplier,
    "cost_center": center,
    "legal_entity": entity,
    "tick": nothing,
    "trust": nothing,
}


@contextmanager
def killing(hub: Hub) -> Iterator[Callable[[float, Step], bool]]:
    """Lets a step happen in a process of its own until the alarm; whether that was in time."""
    words = [sys.executable, "-c", ONE_BY_ONE, hub.settings.database_url]
    with subprocess.Popen(
        [*words, str(hub.settings.keys_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    ) as process:
        told, answered = process.stdin, process.stdout
        assert told is not None
        assert answered is not None

        def kill(delay: float, step: Step) -> bool:
            told.write(msgspec.json.encode((delay, asdict(step))) + b"\n")
            told.flush()
            return answered.readline() == b"1\n"

        yield kill
        told.close()


def regions(hub: Hub) -> list[tuple[str, str]]:
    """What everything has from its legal entities, ids left out."""
    with hub.database.read() as connection:
        rows = connection.execute(
            text("SELECT domain, region FROM golden WHERE status <> 'merged'")
        )
        return sorted((str(row[0]), str(row[1])) for row in rows)


@pytest.mark.timeout(900)
def test_acts_killed_at_any_point_and_repeated_leave_what_whole_ones_leave(
    new_hub: Callable[[], Hub],
) -> None:
    wanted = min(MOST_KILLS, profile().max_examples // 10)
    luck = random.Random(int(os.environ["MDM_SEED"]))
    killed, whole = new_hub(), new_hub()
    kills = 0
    with killing(killed) as kill:
        for step in steps(luck):
            kills += kill(luck.uniform(0.001, LONGEST), step)
            for hub in (killed, whole):
                happen(hub, step)
            if kills >= wanted:
                break
    assert world.state(killed) == world.state(whole)
    assert regions(killed) == regions(whole)
    report = check(killed, Wish(7, moments=5), asking(killed), lambda *_: None)
    assert (report.differences, report.unreached) == ([], 0)
    sequence(killed.database, "test")
    assert verify_hub(killed, None).broken is None
