"""`mdm rules` and `mdm config` on matching rules, as a person types them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from mdm.cli import application
from mdm.errors import BadRequest, RulesStopped
from mdm.push import push
from mdm.store.hub import Hub
from mdm.store.transaction import Act
from tests.api.web import SUPPLIERS, alike
from tests.mdm.test_rematch import twins


@pytest.fixture
def suppliers(sqlite_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub with a few suppliers, named by the settings."""
    push(sqlite_hub, "csv", "supplier", [*SUPPLIERS, *alike()], Act("push", "test"))
    monkeypatch.setenv("MDM_DATABASE_URL", sqlite_hub.settings.database_url)
    monkeypatch.setenv("MDM_KEYS", str(sqlite_hub.settings.keys_file))
    return sqlite_hub


def told(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    """What a command answers with --json."""
    done = CliRunner().invoke(application(), [*arguments, "--json"])
    assert done.exit_code == exit_code, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.usefixtures("suppliers")
def test_show_tells_the_weights_the_bar_and_what_is_wanted() -> None:
    said = told("rules", "show", "suppliers")
    assert (said["auto_link"], said["decisions_wanted"]) == ("identifiers", 50)
    assert said["weights"]["vat_number"]["equal"] > 5
    assert len(said["versions"]) == 1
    words = CliRunner().invoke(application(), ["rules", "show", "suppliers"]).stdout
    assert "the same VAT number" in words
    assert "wants 50 more decisions" in words


@pytest.mark.usefixtures("suppliers")
def test_a_refit_is_proposed_compared_and_activated() -> None:
    proposed = told("rules", "propose", "suppliers")
    assert proposed["effect"]["records"] == len(SUPPLIERS) + len(alike())
    (waiting,) = told("config", "diff", exit_code=1)["proposals"]
    assert (waiting["kind"], waiting["name"]) == ("rules", "supplier")
    assert waiting["version"] == proposed["version"]
    assert told("rules", "show", "supplier")["proposal"]["id"] == proposed["id"]
    done = told("config", "activate", "rules:supplier", "--reason", "looks right")
    assert done["activated"][0]["version"] == proposed["version"]
    after = told("rules", "show", "supplier")
    assert (after["version"], after["proposal"]) == (proposed["version"], None)
    assert after["versions"][0]["reason"] == "looks right"
    assert after["rematched_at"] is not None
    assert told("config", "diff")["proposals"] == []


@pytest.mark.usefixtures("suppliers")
def test_a_person_sets_the_bar_with_a_reason_and_goes_back() -> None:
    bar = ("rules", "bar", "suppliers", "--auto-link", "probability")
    assert CliRunner().invoke(application(), [*bar]).exit_code == 2
    told(*bar, "--threshold", "0.8", "--reason", "a clean migration")
    said = told("rules", "show", "suppliers")
    assert (said["auto_link"], said["threshold"]) == ("probability", 0.8)
    assert said["versions"][0]["reason"] == "a clean migration"
    told("rules", "reset", "suppliers", "--reason", "too much")
    assert told("rules", "show", "suppliers")["auto_link"] == "identifiers"
    assert told("rules", "rematch")["rematched"] == []


def test_rules_that_change_too_much_are_released_or_dropped(suppliers: Hub) -> None:
    push(suppliers, "csv", "supplier", twins(60), Act("push", "test"))
    bar = ("rules", "bar", "suppliers", "--auto-link", "probability", "--reason", "checked")
    for act, expected in (("drop", "identifiers"), ("release", "probability")):
        done = CliRunner().invoke(application(), bar)
        assert isinstance(done.exception, RulesStopped)
        words = CliRunner().invoke(application(), ["rules", "show", "suppliers"]).stdout
        assert "auto link: identifiers → probability" in words
        told("rules", act, "suppliers", "--reason", "seen")
        assert told("rules", "show", "suppliers")["auto_link"] == expected


@pytest.mark.usefixtures("suppliers")
def test_a_domain_matched_by_code_has_no_rules() -> None:
    done = CliRunner().invoke(application(), ["rules", "show", "tax-codes"])
    assert isinstance(done.exception, BadRequest)


@pytest.mark.usefixtures("suppliers")
def test_placeholders_are_listed_added_and_released() -> None:
    phone = ("suppliers", "phone", "+49 431 5550001")
    done = told("placeholders", "add", *phone, "--reason", "the switchboard of a tax adviser")
    assert done["records"] == len(SUPPLIERS) + len(alike())
    listed = told("placeholders", "list", "suppliers")["placeholders"]
    mine = [one for one in listed if not one["built_in"]]
    assert [(one["field"], one["value"]) for one in mine] == [("phone", "315550001")]
    told("placeholders", "release", *phone, "--reason", "it was one company after all")
    listed = told("placeholders", "list", "suppliers")["placeholders"]
    assert all(one["built_in"] for one in listed)
    assert told("rules", "show", "suppliers")["versions"][1]["reason"].startswith("the switchboard")
