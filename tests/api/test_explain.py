"""Any pair explained: over HTTP, on the workbench, on the command line."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from mdm.cli import application
from tests.api.test_workbench import signed_in
from tests.api.web import Web

IBAN = "DE89370400440532013000"
PATH = "/v1/suppliers/explain"


def test_two_source_records_are_explained_field_by_field(web: Web) -> None:
    said = web.get(f"{PATH}?left=csv:L0&right=csv:R0").json
    why = said["why"]
    assert why["bits"] == pytest.approx(why["prior_bits"] + sum(f["bits"] for f in why["fields"]))
    assert why["met_by"]
    by_field = {one["field"]: one for one in why["fields"]}
    assert by_field["name"]["left"] == ["Albatros Maschinenbau GmbH"]
    assert by_field["name"]["left_standard"] == ["albatro maschinenbau"]
    assert by_field["vat_number"]["level"] is None
    assert said["kept"]["probability"] == pytest.approx(why["probability"], abs=1e-6)
    assert said["rules"] == said["kept"]["rules"]
    assert (said["joined"], said["decisions"]) == (False, [])


def test_golden_ids_are_told_apart_and_strangers_say_why_they_never_met(web: Web) -> None:
    one, other = (web.get(f"/v1/suppliers/by/csv/{key}").json["golden_id"] for key in ("a/b", "L1"))
    said = web.get(f"{PATH}?left={one}&right={other}").json
    assert said["left"]["golden_id"] == one
    assert said["why"]["verdict"] == "no_match"
    assert "no blocking key" in said["why"]["never_met"]
    assert said["why"]["flip"].startswith("It would be a")


def test_a_bank_account_is_shown_masked(lite: Web) -> None:
    row = {"id": "S", "name": "Schatten AG", "country": "DE", "iban": IBAN}
    lite.post("/v1/sources/csv/suppliers", json=[row])
    answer = lite.get(f"{PATH}?left=csv:S&right=csv:0000000042")
    account = next(one for one in answer.json["why"]["fields"] if one["field"] == "iban")
    assert account["level"] == "equal"
    assert account["left"] == account["right_standard"] == ["DE•• •••• 3000"]
    assert IBAN not in answer.text


def test_a_decision_and_the_chain_that_joins_are_told(web: Web) -> None:
    task = web.get("/v1/tasks").json["results"][0]
    etag = web.get(f"/v1/tasks/{task['id']}").headers["ETag"]
    path = f"/v1/tasks/{task['id']}/decision"
    done = web.post(path, json={"decision": "same"}, headers={"If-Match": etag}).json
    left, right = task["facts"]["left"], task["facts"]["right"]
    said = web.get(f"{PATH}?left={left}&right={right}").json
    assert said["decisions"] == [{"number": done["decision"], "kind": "same"}]
    assert said["joined"] is True
    assert said["weakest"]["probability"] == 1.0
    assert f"decision {done['decision']}" in said["sentence"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("left=csv:L0", 400),
        ("left=csv:L0&right=what?", 400),
        ("left=csv:L0&right=csv:nobody", 404),
        ("left=csv:L0&right=csv:L0", 400),
        ("left=csv:L0&right=csv:R0&x=1", 400),
    ],
)
def test_what_cannot_be_explained_says_why(lite: Web, query: str, status: int) -> None:
    answer = lite.get(f"{PATH}?{query}")
    assert answer.status_code == status
    assert answer.json["detail"]


def test_codes_are_explained_by_their_code(lite: Web) -> None:
    lite.post("/v1/sources/csv/tax-codes", json=[{"code": "V2", "scope": "DE", "rate": "7"}])
    told = [lite.get(f"/v1/tax-codes?code={code}").json["results"][0] for code in ("V1", "V2")]
    said = lite.get(
        f"/v1/tax-codes/explain?left={told[0]['golden_id']}&right={told[1]['golden_id']}"
    )
    assert said.json["why"] is None
    assert "code" in said.json["sentence"]


def test_the_page_explains_any_pair(lite: Web) -> None:
    browser, _user = signed_in(lite, "auditor")
    page = browser.get("/workbench/explain?left=csv:L0&right=csv:R0")
    assert page.status_code == 200
    assert "compared as <code>albatro maschinenbau</code>" in page.text
    assert "It would be" in page.text
    assert "There is no record" in browser.get("/workbench/explain?left=csv:L0&right=csv:X").text


def test_the_command_explains_any_pair(lite: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MDM_DATABASE_URL", lite.hub.settings.database_url)
    monkeypatch.setenv("MDM_KEYS", str(lite.hub.settings.keys_file))
    told = CliRunner().invoke(application(), ["explain", "csv:L0", "csv:R0", "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["why"]["verdict"] == "possible_match"
    words = CliRunner().invoke(application(), ["explain", "csv:L0", "csv:R0"]).stdout
    assert "together" in words and "Met by:" in words
