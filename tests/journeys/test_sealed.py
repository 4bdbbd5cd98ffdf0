"""No account number of any export stands in clear anywhere in a loaded hub."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from mdm.commands.demo import load_order
from mdm.load import LoadRequest, load
from mdm.push import push
from mdm.records import Mode
from mdm.samples import SampleSet, write_exports
from mdm.store.hub import Hub
from mdm.store.tables import METADATA
from mdm.store.transaction import Act

IBAN = re.compile(r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b")
REFUSED = {"id": "7001", "name": "", "iban": "DE89370400440532013000", "country": "DE"}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> SampleSet:
    """Exports of five systems."""
    return write_exports(tmp_path_factory.mktemp("exports"), suppliers=400)


def accounts_of(samples: SampleSet) -> set[str]:
    """Every IBAN that stands in an export."""
    files = [path for paths in samples.files.values() for path in paths]
    return {found for path in files for found in IBAN.findall(_text(path))}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def contents_of(hub: Hub) -> str:
    """Everything in every table, as one text; bytes as Latin-1, so that none hides."""
    told = []
    with hub.database.read() as connection:
        for table in METADATA.sorted_tables:
            for row in connection.execute(text(f'SELECT * FROM "{table.name}"')):
                for value in row:
                    raw = isinstance(value, bytes | memoryview)
                    told.append(bytes(value).decode("latin-1") if raw else str(value))
    return "\n".join(told)


def test_a_loaded_hub_holds_no_account_number_in_clear(
    new_hub: Callable[[], Hub], samples: SampleSet, capfd: pytest.CaptureFixture[str]
) -> None:
    hub = new_hub()
    for source, paths in load_order(samples):
        load(hub, LoadRequest(source, paths, Mode.INITIAL, actor="test"), lambda *_seen: None)
    push(hub, "csv", "supplier", [REFUSED], Act("push", "test"))
    accounts = accounts_of(samples) | {REFUSED["iban"]}
    assert len(accounts) > 50
    contents = contents_of(hub)
    assert "••••" in contents
    with hub.database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM reject")) == 1
    assert {account for account in accounts if account in contents} == set()
    said = "".join(capfd.readouterr())
    assert {account for account in accounts if account in said} == set()
