"""The life of a golden record: active, blocked, retired, merged; nothing told is ever lost."""

from __future__ import annotations

from pathlib import Path

import msgspec

from mdm.domains import DOMAINS
from mdm.load import LoadRequest, load
from mdm.push import push
from mdm.records import Mode
from mdm.store import find
from mdm.store.find import Stored
from mdm.store.hub import Hub
from mdm.store.transaction import Act
from tests.mdm.test_overrides import override

ACT = Act("push", "test")
HEADER = "id,name,country,vat_number,status,block_reason\n"


def full(hub: Hub, folder: Path, *rows: str) -> None:
    """A complete file of suppliers: who is absent has left the source."""
    path = folder / "suppliers.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    load(hub, LoadRequest("csv", [path], Mode.FULL, "test"))


def golden_of(hub: Hub, key: str) -> Stored:
    """The golden record that a key of the plain source leads to."""
    with hub.database.read() as connection:
        told = find.told_by_key(connection, "supplier", "csv", [key])
        stored = find.golden_by_id(connection, told[key].golden_id)
    assert stored is not None
    return stored


def test_the_last_source_leaving_retires_the_record_and_keeps_all_of_it(
    hub: Hub, tmp_path: Path
) -> None:
    full(hub, tmp_path, "V1,Acme GmbH,DE,,,", "V2,Borealis Oy,FI,,,")
    before = golden_of(hub, "V1")
    full(hub, tmp_path, "V2,Borealis Oy,FI,,,")
    after = golden_of(hub, "V1")
    assert (after.golden_id, after.status, after.version) == (before.golden_id, "retired", 2)
    assert after.record == before.record
    with hub.database.read() as connection:
        told = find.told_by_key(connection, "supplier", "csv", ["V1"])["V1"]
    assert told.state == "ended"
    full(hub, tmp_path, "V1,Acme GmbH,DE,,,", "V2,Borealis Oy,FI,,,")
    back = golden_of(hub, "V1")
    assert (back.golden_id, back.status, back.record) == (before.golden_id, "active", before.record)


def test_a_source_that_left_speaks_only_where_nobody_else_does(hub: Hub, tmp_path: Path) -> None:
    vat = "DE136695976"
    full(hub, tmp_path, f"V1,Acme GmbH,DE,{vat},,", "V2,Borealis Oy,FI,,,")
    full(hub, tmp_path, f"V1,Acme GmbH,DE,{vat},,", f"V3,Acme GmbH Berlin,DE,{vat},,")
    stored = golden_of(hub, "V1")
    assert golden_of(hub, "V3").golden_id == stored.golden_id
    full(hub, tmp_path, f"V3,Acme GmbH Berlin,DE,{vat},,")
    after = golden_of(hub, "V3")
    assert (after.golden_id, after.status) == (stored.golden_id, "active")
    assert msgspec.json.decode(after.record)["name"] == "Acme GmbH Berlin"


def test_a_block_has_a_scope_and_a_reason(hub: Hub) -> None:
    row = {"id": "V1", "name": "Acme GmbH", "country": "DE", "legal_entity": "1000"}
    push(hub, "csv", "supplier", [{**row, "payment_terms": "NT30"}], ACT)
    golden_id = golden_of(hub, "V1").golden_id
    scope = {"legal_entity": "1000"}
    override(hub, golden_id, "companies.blocked", True, scope=scope)
    one = golden_of(hub, "V1")
    assert (one.status, msgspec.json.decode(one.record)["companies"][0]["blocked"]) == (
        "active",
        True,
    )
    override(hub, golden_id, "status", "blocked")
    whole = golden_of(hub, "V1")
    assert whole.status == "blocked"
    assert msgspec.json.decode(whole.record)["block_reason"] == "as in the register"


def test_a_source_blocks_with_its_reason(hub: Hub, tmp_path: Path) -> None:
    full(hub, tmp_path, "V1,Acme GmbH,DE,,blocked,insolvent", "V2,Borealis Oy,FI,,,")
    stored = golden_of(hub, "V1")
    assert stored.status == "blocked"
    assert msgspec.json.decode(stored.record)["block_reason"] == "insolvent"
    assert DOMAINS["supplier"].by_name["block_reason"].group == "state"
