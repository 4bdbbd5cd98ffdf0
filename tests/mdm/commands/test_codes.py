"""`mdm codes`: a list that is filled in and given back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mdm.cli import application
from mdm.errors import BadRequest, UnreadableFile
from mdm.push import push
from mdm.store.hub import Hub
from mdm.store.transaction import Act
from tests.api.test_codes import ROWS


def test_the_list_is_filled_in_and_mapped(
    sqlite_hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    push(sqlite_hub, "csv", "supplier", ROWS, Act("push", "test"))
    monkeypatch.setenv("MDM_DATABASE_URL", sqlite_hub.settings.database_url)
    monkeypatch.setenv("MDM_KEYS", str(sqlite_hub.settings.keys_file))
    run, file = CliRunner(), tmp_path / "codes.csv"
    listed = run.invoke(application(), ["codes", "list", "--out", str(file)]).stdout
    assert "ZX9" in listed
    assert f"mdm codes map {file} --reason WHY" in " ".join(listed.split())
    command = ["codes", "map", str(file), "--reason", "their customizing", "--json"]
    assert isinstance(run.invoke(application(), command).exception, BadRequest)
    head, row = file.read_text(encoding="utf-8").splitlines()
    file.write_text(f"{head}\n{row.replace(',ZX9,,', ',ZX9,NT30,')}\n", encoding="utf-8")
    assert json.loads(run.invoke(application(), command).stdout)["changed"] == len(ROWS)
    assert json.loads(run.invoke(application(), ["codes", "list", "--json"]).stdout) == {
        "codes": []
    }
    file.write_text("source,field,value,code\n", encoding="utf-8")
    assert isinstance(run.invoke(application(), command).exception, UnreadableFile)
