"""One definition of a rule, wherever a record is judged."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from mdm.cli import application
from mdm.domains import DOMAINS
from mdm.governance import overrides
from mdm.governance.overrides import Asked
from mdm.overrides import Wanted
from mdm.people.rights import Caller
from mdm.push import push
from mdm.store import audit
from mdm.store.hub import Hub
from mdm.store.transaction import Act

SHARED = {"name": "Acme Logistik GmbH", "country": "DE", "vat_number": "DE136695976"}
STEWARD = Caller("ada", frozenset({"steward"}))


def test_a_rule_judges_what_arrives_what_becomes_golden_what_a_person_sets_and_all_there_is(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = Act("push", "test", "supplier")
    told = push(hub, "csv", "supplier", [{"id": "V0", "name": "TBD", "country": "FR"}], act)[0]
    (said,) = told.findings
    assert "'TBD' is a placeholder" in said
    one, _other = push(hub, "csv", "supplier", [{**SHARED, "id": f"V{n}"} for n in (1, 2)], act)
    golden_id = str(one.golden_id)
    asked = Asked(STEWARD, DOMAINS["supplier"], golden_id, 1, "c-1")
    _number, after = overrides.override(hub, asked, Wanted("name", "TBD", "not known yet"))
    assert overrides.findings(after) == [said]
    with hub.database.read() as connection:
        entries = audit.entries(connection, audit.Wanted(subject=golden_id))
    assert [json.loads(bytes(one["entry"])).get("findings") for one in entries] == [
        None,
        [["placeholder_name", "name"]],
    ]
    monkeypatch.setenv("MDM_DATABASE_URL", hub.settings.database_url)
    monkeypatch.setenv("MDM_KEYS", str(hub.settings.keys_file))
    done = CliRunner().invoke(application(), ["findings", "suppliers", "--json"])
    found = json.loads(done.stdout)
    assert (done.exit_code, found["records"]) == (1, 2)
    (failing,) = [one for one in found["failing"] if one["code"] == "placeholder_name"]
    assert (failing["field"], failing["sentence"], failing["records"]) == ("name", said, 2)
    assert golden_id in failing["examples"]
    none = CliRunner().invoke(application(), ["findings", "projects", "--json"])
    assert (none.exit_code, json.loads(none.stdout)) == (0, {"records": 0, "failing": []})
