from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from sqlalchemy import text
from typer.testing import CliRunner

from mdm import config
from mdm.commands import config as commands
from mdm.errors import BadConfiguration, UnknownName
from mdm.settings import Settings
from mdm.store.database import Database, open_database
from mdm.store.hub import Hub, initialise, open_hub

OWN = """
extends: netsuite
name: netsuite_us
description: NetSuite of the American companies
trust: 70
values:
  legal_entity: {"1": "1710"}
"""


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """An initialised hub with an empty folder of its own configuration."""
    folder = tmp_path / "config"
    for name in config.FOLDERS.values():
        (folder / name).mkdir(parents=True)
    made = Settings(database_url=database_url, keys=tmp_path / "mdm.keys", config=folder)
    initialise(made, config.built_in())
    return made


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The hub's database."""
    opened = open_database(settings.database_url)
    yield opened
    opened.close()


def put(settings: Settings, name: str, content: str) -> None:
    """Writes a file into the hub's folder of configuration."""
    assert settings.config is not None
    (settings.config / name).write_text(content, encoding="utf-8")


def running(settings: Settings) -> Hub:
    """The hub as it would start now."""
    hub = open_hub(settings)
    hub.database.close()
    return hub


def test_after_init_nothing_waits(database: Database, settings: Settings) -> None:
    assert config.proposals(database, settings) == []


def test_a_new_file_runs_only_after_its_activation(database: Database, settings: Settings) -> None:
    put(settings, "sources/netsuite_us.yaml", OWN)
    (waiting,) = config.proposals(database, settings)
    assert (waiting.kind, waiting.name, waiting.running) == ("source", "netsuite_us", None)
    assert "+trust: 70" in waiting.diff
    assert "netsuite_us" not in running(settings).sources
    config.activate(database, settings, ["source netsuite_us"], "me", "second instance")
    source = running(settings).sources["netsuite_us"]
    assert (source.trust, source.version) == (70, waiting.version)
    assert source.feeds[0].values["legal_entity"]["1"] == "1710"
    assert config.proposals(database, settings) == []


def test_a_file_over_a_built_in_one_is_a_proposal_with_its_difference(
    database: Database, settings: Settings
) -> None:
    put(settings, "sources/csv.yaml", "extends: csv\ntrust: 77\n")
    (waiting,) = config.proposals(database, settings)
    assert waiting.running == running(settings).sources["csv"].version
    assert running(settings).sources["csv"].trust == 40
    config.activate(database, settings, [], "me", None)
    assert running(settings).sources["csv"].trust == 77


def test_an_activation_is_logged_and_earlier_versions_stay(
    database: Database, settings: Settings
) -> None:
    put(settings, "sources/csv.yaml", "extends: csv\ntrust: 77\n")
    (done,) = config.activate(database, settings, [], "ann", "our rank")
    with database.read() as connection:
        rows = connection.execute(
            text(
                "SELECT v.hash, v.live, t.actor, t.reason FROM config_version v"
                " JOIN hub_transaction t ON t.id = v.tx WHERE v.name = 'csv' ORDER BY v.id"
            )
        ).all()
    assert [bool(row[1]) for row in rows] == [False, True]
    assert tuple(rows[1]) == (done.version, rows[1][1], "ann", "our rank")


def test_a_file_that_cannot_run_is_refused_and_nothing_changes(
    database: Database, settings: Settings
) -> None:
    put(settings, "sources/bad.yaml", "name: bad\ndescription: x\ntrust: high\nfeeds: []\n")
    with pytest.raises(BadConfiguration, match=r"bad\.yaml, line 3: trust"):
        config.activate(database, settings, [], "me", None)
    assert "bad" not in running(settings).sources


def test_a_name_that_proposes_nothing_is_unknown(database: Database, settings: Settings) -> None:
    with pytest.raises(UnknownName, match="source csv"):
        config.activate(database, settings, ["source csv"], "me", None)


def test_the_commands_say_what_waits_and_make_it_run(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(settings, "sources/netsuite_us.yaml", OWN)
    monkeypatch.setenv("MDM_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("MDM_CONFIG", str(settings.config))
    app = typer.Typer()
    commands.register(app)
    run = CliRunner()
    waiting = run.invoke(app, ["config", "diff", "--json"])
    assert waiting.exit_code == 1
    assert json.loads(waiting.stdout)["proposals"][0]["name"] == "netsuite_us"
    done = run.invoke(app, ["config", "activate", "source:netsuite_us", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["activated"][0]["kind"] == "source"
    assert run.invoke(app, ["config", "diff", "--json"]).exit_code == 0
