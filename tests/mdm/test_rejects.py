from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from mdm import rejects
from mdm.commands import rejects as commands
from mdm.config import built_in
from mdm.errors import BadRequest, NotFound
from mdm.load import LoadRequest, load
from mdm.push import push
from mdm.records import Mode
from mdm.settings import Settings
from mdm.store import rejects as stored
from mdm.store.hub import Hub, initialise, open_hub
from mdm.store.transaction import Act

IBAN = "DE89370400440532013000"
ACT = Act("push", "test", "supplier")


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    """An empty hub."""
    settings = Settings(database_url=database_url, keys=tmp_path / "mdm.keys", cores=1)
    initialise(settings, built_in())
    opened = open_hub(settings)
    yield opened
    opened.database.close()


def refused(hub: Hub, source: str, payload: Any) -> int:
    """The number of the reject that pushing the payload makes."""
    assert push(hub, source, "suppliers", [payload], ACT)[0].outcome == "rejected"
    with hub.database.read() as connection:
        return stored.listed(connection)[-1].id


def test_a_refused_row_is_kept_with_its_reason_and_payload(hub: Hub) -> None:
    number = refused(hub, "csv", {"id": "1", "name": "", "iban": IBAN})
    reject = rejects.kept(hub, number)
    assert (reject.code, reject.source_key) == ("required_field_empty", "1")
    assert reject.mapping_version == hub.sources["csv"].version
    assert rejects.payload_of(hub, reject)["iban"] == IBAN


def test_a_refused_row_is_shown_with_its_accounts_masked(hub: Hub) -> None:
    payload = {"id": "1", "name": "", "bank_account": "4711081500", "note": f"pay {IBAN} now"}
    shown = rejects.shown(hub, rejects.kept(hub, refused(hub, "csv", payload)))
    assert shown["bank_account"] == "•••• 500" or shown["bank_account"].startswith("••••")
    assert "4711081500" not in json.dumps(shown)
    assert IBAN not in json.dumps(shown)


def test_a_corrected_row_is_taken_and_settles_the_reject(hub: Hub, tmp_path: Path) -> None:
    number = refused(hub, "csv", {"id": "1", "name": ""})
    file = tmp_path / "row.csv"
    file.write_text("id,name\n1,Acme GmbH\n", encoding="utf-8")
    answer = rejects.retry(hub, number, file, ACT)
    assert (answer.outcome, answer.source_key) == ("accepted", "1")
    assert rejects.kept(hub, number).state == "retried"


def test_a_row_refused_again_stays_open_and_says_why(hub: Hub) -> None:
    number = refused(hub, "csv", {"id": "1", "name": ""})
    answer = rejects.retry(hub, number, None, ACT)
    assert (answer.outcome, answer.code) == ("rejected", "required_field_empty")
    assert rejects.kept(hub, number).state == "open"


def test_a_refused_idoc_is_read_again_by_the_feed_of_idocs(hub: Hub) -> None:
    source = hub.sources["s4"]
    payload = {"EDI_DC40": {}, "E1LFA1M": {"LIFNR": "1"}}
    assert rejects.feed_reading(source, "supplier", payload).name == "cremas"
    assert rejects.feed_reading(source, "supplier", {"Supplier": "1"}).name == "business_partners"


def test_an_unknown_reject_is_not_found(hub: Hub) -> None:
    with pytest.raises(NotFound, match="mdm rejects list"):
        rejects.retry(hub, 99, None, ACT)


def test_a_row_that_could_not_be_read_is_retried_only_corrected(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "suppliers.csv"
    file.write_text("id,name\n1,Acme,GmbH\n2,Borealis Oy\n", encoding="utf-8")
    report = load(hub, LoadRequest("csv", [file], Mode.INCREMENTAL, actor="test"))
    assert (report.added, report.rejected) == (1, 1)
    with hub.database.read() as connection:
        (reject,) = stored.listed(connection)
    assert (reject.file, reject.line, reject.code) == ("suppliers.csv", 2, "unreadable_row")
    with pytest.raises(BadRequest, match="--file"):
        rejects.retry(hub, reject.id, None, ACT)


def test_the_commands_list_show_and_retry(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    number = refused(hub, "csv", {"id": "1", "name": "", "iban": IBAN})
    monkeypatch.setenv("MDM_DATABASE_URL", hub.settings.database_url)
    monkeypatch.setenv("MDM_KEYS", str(hub.settings.keys_file))
    app = typer.Typer()
    commands.register(app)
    run = CliRunner()
    listed = json.loads(run.invoke(app, ["rejects", "list", "--json"]).stdout)
    assert listed["rejects"][0]["id"] == number
    assert listed["open"] == [
        {"source": "csv", "domain": "supplier", "code": "required_field_empty", "count": 1}
    ]
    in_words = run.invoke(app, ["rejects", "list"]).stdout
    assert "1  required field empty (supplier of csv)" in in_words
    shown = run.invoke(app, ["rejects", "show", str(number), "--json"])
    assert json.loads(shown.stdout)["payload"]["iban"] == "DE•• •••• 3000"
    again = run.invoke(app, ["rejects", "retry", str(number), "--json"])
    assert again.exit_code == 1
    assert json.loads(again.stdout)["outcome"] == "rejected"


def test_a_row_that_its_source_corrected_settles_the_reject(hub: Hub, tmp_path: Path) -> None:
    pushed = refused(hub, "csv", {"id": "1", "name": ""})
    assert push(hub, "csv", "suppliers", [{"id": "1", "name": "Acme"}], ACT)[0].golden_id
    assert rejects.kept(hub, pushed).state == "superseded"
    file = tmp_path / "suppliers.csv"
    file.write_text("id,name\n2,\n3,Borealis Oy\n", encoding="utf-8")
    load(hub, LoadRequest("csv", [file], Mode.INCREMENTAL, actor="test"))
    with hub.database.read() as connection:
        (waiting,) = stored.listed(connection)
    file.write_text("id,name\n2,Nord AS\n3,Borealis Oy\n", encoding="utf-8")
    load(hub, LoadRequest("csv", [file], Mode.INCREMENTAL, actor="test"))
    assert rejects.kept(hub, waiting.id).state == "superseded"


def test_rows_that_are_passed_over_are_counted_in_the_report(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "business_partners.json"
    file.write_text(json.dumps({"d": {"results": [{"BusinessPartner": "1", "Supplier": ""}]}}))
    report = load(hub, LoadRequest("s4", [file], Mode.INCREMENTAL, actor="test"))
    assert (report.read, report.added, report.rejected) == (1, 0, 0)
    assert any("1 rows passed over: business partners" in note for note in report.notes)
