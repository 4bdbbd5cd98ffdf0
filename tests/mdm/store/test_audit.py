"""The audit only grows, on both databases, whoever asks for less."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mdm.store.hub import Hub
from mdm.store.sequencer import sequence
from mdm.store.transaction import Act, transaction
from tests.mdm.laws import world
from tests.servers.hub import Template, hub_maker

ROW = {"id": "V1", "name": "Acme Logistik GmbH", "country": "DE", "vat_number": "DE136695976"}
IBAN = "DE89370400440532013000"


@pytest.mark.parametrize("table", ["audit", "audit_seal"])
@pytest.mark.parametrize("statement", ["UPDATE {0} SET tx = tx", "DELETE FROM {0}"])
def test_an_entry_or_seal_is_neither_altered_nor_deleted(
    hub: Hub, table: str, statement: str
) -> None:
    sequence(hub.database, "test")
    with pytest.raises(DBAPIError, match="only grows"), hub.database.engine.begin() as connection:
        connection.execute(text(statement.format(table)))


@pytest.mark.parametrize(("table", "key"), [("audit", "id"), ("audit_seal", "seq")])
def test_an_entry_or_seal_is_not_replaced(sqlite_hub: Hub, table: str, key: str) -> None:
    sequence(sqlite_hub.database, "test")
    replaced = text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} ORDER BY {key} LIMIT 1")
    with (
        pytest.raises(DBAPIError, match="only grows"),
        sqlite_hub.database.engine.begin() as connection,
    ):
        connection.execute(replaced)


@pytest.mark.parametrize("table", ["audit", "audit_seal"])
def test_the_tables_are_not_truncated(
    postgres_template: Template, tmp_path: Path, table: str
) -> None:
    with (
        hub_maker(postgres_template, tmp_path) as new_hub,
        pytest.raises(DBAPIError, match="only grows"),
        new_hub().database.engine.begin() as connection,
    ):
        connection.execute(text(f"TRUNCATE {table}"))


def told(hub: Hub) -> list[dict[str, object]]:
    """Every entry, in order."""
    with hub.database.read() as connection:
        rows = connection.execute(text("SELECT entry FROM audit ORDER BY id"))
        return [json.loads(row[0]) for row in rows]


def test_every_transaction_ends_with_an_entry_that_tells_of_it(hub: Hub) -> None:
    act = Act(
        "decision",
        "ada",
        on_behalf_of="bob",
        reason=f"paid to {IBAN}",
        correlation_id="c-1",
        facts={"load": 7},
    )
    with transaction(hub.database, act) as tx:
        tx.note("decision", "decision:1", says="same")
    *_before, note, header = told(hub)
    assert note == {"kind": "decision", "subject": "decision:1", "says": "same"}
    assert {name: header[name] for name in ("act_kind", "actor", "on_behalf_of", "entries")} == {
        "act_kind": "decision",
        "actor": "ada",
        "on_behalf_of": "bob",
        "entries": 1,
    }
    assert (header["correlation_id"], header["facts"]) == ("c-1", {"load": 7})
    assert header["subject"] == f"transaction:{tx.id}"
    assert IBAN not in str(header["reason"])


def test_what_was_cancelled_or_failed_leaves_no_entry(hub: Hub) -> None:
    before = told(hub)
    with transaction(hub.database, Act("test", "ada")) as tx:
        tx.note("test", "test:1")
        tx.cancelled = True
    with pytest.raises(RuntimeError), transaction(hub.database, Act("test", "ada")) as tx:
        tx.note("test", "test:1")
        raise RuntimeError("on purpose")
    assert told(hub) == before


def test_a_new_version_tells_what_changed_and_which_rules_and_mappings_it_rests_on(
    hub: Hub,
) -> None:
    world.take(hub, [ROW])
    first, header = told(hub)[-2:]
    assert (first["version"], first["happened"]) == (1, "created")
    assert first["record"]["name"] == "Acme Logistik GmbH"  # type: ignore[index]
    assert header["basis"]["mapping"] == hub.sources["csv"].version  # type: ignore[index]
    assert header["basis"]["rules"] == hub.rules["supplier"].version  # type: ignore[index]
    world.take(hub, [ROW | {"name": "Acme Cargo GmbH"}])
    second = told(hub)[-2]
    assert second["changed"] == {"name": ["Acme Logistik GmbH", "Acme Cargo GmbH"]}
    assert (second["version"], second["happened"]) == (2, "changed")


def test_protected_and_personal_values_stand_as_keyed_hashes_only(hub: Hub) -> None:
    world.take(hub, [ROW | {"iban": IBAN, "contact_name": "Jane Doe", "contact_email": "j@x.de"}])
    world.take(hub, [ROW | {"iban": "FI2112345600000785", "contact_name": "Jane Roe"}])
    said = json.dumps(told(hub))
    for private in (IBAN, IBAN[-4:], "FI2112345600000785", "Jane", "j@x.de"):
        assert private not in said
    assert '"account": {"hash"' in said
