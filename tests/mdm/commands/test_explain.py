"""`mdm explain`: why a golden value is what it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from mdm.commands import explain
from mdm.errors import BadRequest
from mdm.store.hub import Hub
from tests.mdm.test_overrides import override, pushed


@pytest.fixture
def hub(sqlite_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub that commands find by their settings."""
    monkeypatch.setenv("MDM_DATABASE_URL", sqlite_hub.settings.database_url)
    monkeypatch.setenv("MDM_KEYS", str(sqlite_hub.settings.keys_file))
    return sqlite_hub


def run(*arguments: str) -> str:
    """What the command prints; its errors are raised."""
    app = typer.Typer()
    app.callback()(lambda: None)
    explain.register(app)
    done = CliRunner().invoke(app, ["explain", *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def test_every_value_names_its_source_its_rule_and_who_lost(hub: Hub) -> None:
    golden_id = pushed(hub)
    override(hub, golden_id, "name", "Acme Group SE")
    told: dict[str, Any] = json.loads(run(golden_id, "--json"))
    name, country = told["fields"]["name"], told["fields"]["country"]
    assert (name["value"], name["rule"]) == ("Acme Group SE", "override")
    assert [one["value"] for one in name["candidates"]] == ["Acme GmbH"]
    assert (country["value"], country["rule"], country["source"]) == ("DE", "only", "csv")
    assert any(path.startswith("addresses/") for path in told["fields"])


def test_one_field_can_be_asked_for_in_words(hub: Hub) -> None:
    golden_id = pushed(hub)
    said = run(golden_id, "name")
    assert "Acme GmbH" in said
    assert "Only one source record tells it." in " ".join(said.split())
    assert "country" not in said


def test_what_is_no_golden_id_is_told(hub: Hub) -> None:
    with pytest.raises(BadRequest, match="no golden id"):
        run("csv:V1")
