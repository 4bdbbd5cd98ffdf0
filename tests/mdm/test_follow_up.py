"""What a change is to be followed by: done after a kill too, by whoever comes next."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from mdm.commands.rebuild import asking
from mdm.config import activate
from mdm.load import LoadRequest, load
from mdm.proof.rebuild import Report, Wish, check
from mdm.push import push
from mdm.records import Mode
from mdm.refresh import follow_up, tick
from mdm.store import follow_ups
from mdm.store.hub import Hub, open_hub
from mdm.store.transaction import Act
from tests.mdm.laws.world import counts

ENTITY = {"code": "1000", "name": "Acme", "country": "DE", "region": "EU"}
CENTER = {"code": "100", "controlling_area": "A1", "name": "Sales", "legal_entity": "1000"}
SUPPLIER = {"id": "V1", "name": "Borealis Paper Oy", "country": "FI", "legal_entity": "1000"}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KILLED = """
import os, signal
from mdm.cli import main
from mdm.store import follow_ups

read = follow_ups.waiting

def killed(connection):
    found = read(connection)
    if found:
        os.kill(os.getpid(), signal.SIGKILL)
    return found

follow_ups.waiting = killed
main()
"""
"""The command line, killed when a change is committed and what it is followed by is still to do."""


def told(hub: Hub, domain: str, *rows: Mapping[str, Any]) -> None:
    """Pushes rows of the plain source at noon."""
    act = Act("push", "test", domain, at=NOON, correlation_id=f"told-{domain}")
    answers = push(hub, "csv", domain, rows, act)
    assert [one.outcome for one in answers] == ["accepted"] * len(rows)


def regions(hub: Hub) -> set[str | None]:
    """The regions of all that refers to the legal entity."""
    with hub.database.read() as connection:
        rows = connection.execute(text("SELECT region FROM golden WHERE domain <> 'legal_entity'"))
        return {row[0] for row in rows}


def checked(hub: Hub) -> Report:
    """The rebuild check."""
    return check(hub, Wish(7, moments=8), asking(hub), lambda *_: None)


def run_killed(hub: Hub, *words: str, **more: str) -> None:
    """Runs a command and kills it between a change and what is to follow."""
    environment = {
        "MDM_DATABASE_URL": hub.settings.database_url,
        "MDM_KEYS": str(hub.settings.keys_file),
        "MDM_ANCHORS": str(hub.settings.anchors_file),
    }
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *words],
        env={**os.environ, **environment, **more},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def settled(hub: Hub) -> None:
    """Checks that all has its region, and nothing is left to do."""
    assert regions(hub) == {"US"}
    with hub.database.read() as connection:
        assert follow_ups.waiting(connection) == []
    report = checked(hub)
    assert (report.differences, report.unreached) == ([], 0)


@pytest.fixture
def moved(hub: Hub, tmp_path: Path) -> Callable[[], Path]:
    """Loads the file of a legal entity that moved, in a process that is killed after the commit."""
    told(hub, "legal_entity", ENTITY)
    told(hub, "cost_center", CENTER)
    told(hub, "supplier", SUPPLIER)
    path = tmp_path / "legal_entities.csv"
    path.write_text("code,name,country,region\n1000,Acme,DE,US\n", encoding="utf-8")

    def load_killed() -> Path:
        run_killed(hub, "load", "csv", str(path))
        assert regions(hub) == {"EU"}
        return path

    return load_killed


def test_a_load_killed_before_what_is_to_follow_is_continued_by_the_next_tick(
    hub: Hub, moved: Callable[[], Path]
) -> None:
    moved()
    report = checked(hub)
    assert (report.differences, report.unreached) == ([], 2)
    tick(hub, NOON, "clock")
    settled(hub)
    with hub.database.read() as connection:
        acts = connection.execute(
            text(
                "SELECT DISTINCT kind, actor, correlation_id, at FROM hub_transaction AS act"
                " JOIN golden ON golden.tx = act.id"
            )
        ).all()
    assert [act[:2] for act in acts] == [("load", "command line")]  # all as one act, of one instant


def test_the_same_load_run_again_continues_it_too(hub: Hub, moved: Callable[[], Path]) -> None:
    path = moved()
    report = load(hub, LoadRequest("csv", [path], Mode.INCREMENTAL, "test"))
    assert (report.changed, report.unchanged) == (0, 1)
    settled(hub)


def test_trust_activated_by_a_process_that_is_killed_counts_from_the_next_tick(
    hub: Hub, tmp_path: Path
) -> None:
    vat = {"vat_number": "DE136695976", "country": "DE"}
    told(hub, "supplier", {"id": "V1", "name": "Acme Logistik GmbH", **vat})
    folder = tmp_path / "config" / "sources"
    folder.mkdir(parents=True)
    (folder / "other.yaml").write_text("extends: csv\nname: other\ntrust: 10\n", "utf-8")
    settings = hub.settings.model_copy(update={"config": folder.parent})
    activate(hub.database, settings, ["source other"], "ada", "a second file")
    second = open_hub(settings)
    other = {"id": "W1", "name": "Acme Logistik", **vat}
    push(second, "other", "supplier", [other], Act("push", "test", "supplier", at=NOON))
    assert names(second) == {"Acme Logistik GmbH"}
    (folder / "other.yaml").write_text("extends: csv\nname: other\ntrust: 90\n", "utf-8")
    run_killed(hub, "config", "activate", "source:other", MDM_CONFIG=str(folder.parent))
    assert names(second) == {"Acme Logistik GmbH"}
    report = checked(second)
    assert (report.differences, report.unreached) == ([], 1)
    tick(hub, NOON, "clock")
    assert names(second) == {"Acme Logistik"}
    assert checked(second).differences == []
    second.database.close()


def names(hub: Hub) -> set[str]:
    """The names of the living suppliers."""
    with hub.database.read() as connection:
        rows = connection.execute(
            text("SELECT record FROM golden WHERE domain = 'supplier' AND status <> 'merged'")
        )
        return {json.loads(row[0])["name"] for row in rows}


def test_what_nobody_takes_from_a_legal_entity_is_followed_by_nothing(hub: Hub) -> None:
    told(hub, "legal_entity", ENTITY)
    told(hub, "cost_center", CENTER)
    before = counts(hub)["hub_transaction"]
    told(hub, "legal_entity", {**ENTITY, "name": "Acme SE"})
    assert counts(hub)["hub_transaction"] == before + 1


def test_following_up_twice_leaves_nothing_more(hub: Hub) -> None:
    told(hub, "legal_entity", ENTITY)
    told(hub, "cost_center", CENTER)
    with hub.database.engine.begin() as connection:  # as a process that was killed leaves it
        connection.execute(text("INSERT INTO follow_up VALUES (1, 'legal_entity:1000')"))
    before = counts(hub)
    assert follow_up(hub).changes == []
    assert counts(hub) == {**before, "follow_up": 0}
