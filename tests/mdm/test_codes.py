"""Codes that nobody knew queue with counts, are mapped in bulk, and their records read anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from mdm import config
from mdm.codes import Meaning, map_codes
from mdm.errors import BadRequest, NotFound
from mdm.load import LoadReport, LoadRequest, load
from mdm.push import push
from mdm.records import Mode
from mdm.store import codes
from mdm.store.hub import Hub, open_hub
from mdm.store.transaction import Act
from tests.mdm.laws import world
from tests.mdm.proof.test_rebuild import checked
from tests.mdm.test_load import write

ACT = Act("map_codes", "grace", reason="their customizing")
HEAD = ("id", "name", "country", "legal_entity", "payment_terms")
ROWS = [
    ("1", "Acme Logistik GmbH", "DE", "1000", "ZX9"),
    ("2", "Borealis Paper Oy", "FI", "1000", "zx9"),
    ("3", "Nord Wind AS", "Atlantis", "1000", "NT30"),
]
TERMS = Meaning("csv", "supplier", "payment_terms", "ZX9", "NT30")
COUNTRY = Meaning("csv", "supplier", "country", "Atlantis", "no")


def taken(hub: Hub, folder: Path) -> LoadReport:
    path = write(folder / "suppliers.csv", ROWS, HEAD)
    return load(hub, LoadRequest("csv", [path], Mode.INCREMENTAL, "test", "supplier"))


def waiting(hub: Hub) -> dict[tuple[str, str], int]:
    with hub.database.read() as connection:
        return {(one.field, one.value): one.count for one in codes.queued(connection)}


def goldens(hub: Hub) -> dict[str, Any]:
    """The golden records by name."""
    with hub.database.read() as connection:
        rows = connection.execute(text("SELECT record FROM golden WHERE status <> 'merged'"))
        told = [msgspec.json.decode(row[0]) for row in rows]
    return {one["name"]: one for one in told}


def terms(hub: Hub) -> dict[str, Any]:
    return {name: one["companies"][0]["payment_terms"] for name, one in goldens(hub).items()}


def test_what_nobody_knew_is_mapped_in_bulk_and_its_records_are_read_anew(
    hub: Hub, tmp_path: Path
) -> None:
    assert taken(hub, tmp_path).unmapped_codes == 3
    assert waiting(hub) == {
        ("payment_terms", "ZX9"): 1,
        ("payment_terms", "zx9"): 1,
        ("country", "Atlantis"): 1,
    }
    done = map_codes(hub, [TERMS, COUNTRY], ACT)
    assert (done.mapped, done.changed, done.golden_changed) == (2, 3, 3)
    assert waiting(hub) == {}
    assert set(terms(hub).values()) == {"NT30"}
    assert goldens(hub)["Nord Wind AS"]["country"] == "NO"
    assert checked(hub).differences == []


def test_what_comes_later_is_read_with_the_codes_and_the_same_file_changes_nothing(
    hub: Hub, tmp_path: Path
) -> None:
    taken(hub, tmp_path)
    other = open_hub(hub.settings)
    map_codes(hub, [TERMS, COUNTRY], ACT)
    before = world.counts(hub) | {"load": 0, "hub_transaction": 0, "audit": 0}
    assert taken(hub, tmp_path).unchanged == 3
    assert world.counts(hub) | {"load": 0, "hub_transaction": 0, "audit": 0} == before
    row = {"id": "4", "name": "Cramer KG", "legal_entity": "1000", "payment_terms": "ZX9"}
    push(other, "csv", "supplier", [row], Act("push", "test"))
    other.database.close()
    assert terms(hub)["Cramer KG"] == "NT30"
    assert waiting(hub) == {}


def test_an_earlier_version_is_read_anew_without_undoing_what_came_since(hub: Hub) -> None:
    first = dict(zip(HEAD, ROWS[0], strict=True))
    push(hub, "csv", "supplier", [first], Act("push", "test"))
    second = {"id": "1", "name": "Acme", "legal_entity": "2000", "payment_terms": "ZX9"}
    later = {"id": "1", "name": "Acme Holding SE", "country": "AT"}
    for row in (second, later):
        push(hub, "csv", "supplier", [row], Act("push", "test"))
    assert map_codes(hub, [TERMS], ACT).changed == 1
    assert terms(hub) == {"Acme Holding SE": "NT30"}
    after = goldens(hub)["Acme Holding SE"]
    assert after["country"] == "AT"
    told = {one["legal_entity"]: one["payment_terms"] for one in after["companies"]}
    assert told == {"1000": "NT30", "2000": "NT30"}
    push(hub, "csv", "supplier", [later], Act("push", "test"))
    assert goldens(hub)["Acme Holding SE"] == after
    assert checked(hub).differences == []


def test_a_version_that_comes_late_does_not_bring_the_unknown_code_back(
    hub: Hub, tmp_path: Path
) -> None:
    (tmp_path / "sources").mkdir()
    shop = "extends: csv\nname: shop\nfeeds: [{name: suppliers, sequence: revision}]\n"
    (tmp_path / "sources" / "shop.yaml").write_text(shop, encoding="utf-8")
    settings = hub.settings.model_copy(update={"config": tmp_path})
    config.activate(hub.database, settings, [], "ada", "a second instance")
    after = open_hub(settings)
    told = dict(zip(HEAD, ROWS[0], strict=True))
    for revision, name in ((2, "Acme Zwei AG"), (1, "Acme Eins AG")):
        row = told | {"name": name, "revision": str(revision)}
        push(after, "shop", "supplier", [row], Act("push", "test"))
    last = {"id": "1", "name": "Acme Drei AG", "revision": "3"}
    push(after, "shop", "supplier", [last], Act("push", "test"))
    terms_of_shop = Meaning("shop", "supplier", "payment_terms", "ZX9", "NT30")
    assert map_codes(after, [terms_of_shop], ACT).changed == 1
    late = told | {"name": "Acme Spät AG", "revision": "0"}
    push(after, "shop", "supplier", [late], Act("push", "test"))
    assert terms(after) == {"Acme Drei AG": "NT30"}
    assert map_codes(after, [terms_of_shop], ACT).changed == 0
    assert checked(after).differences == []
    after.database.close()


def test_a_code_is_mapped_anew_where_it_was_mapped_wrong(hub: Hub, tmp_path: Path) -> None:
    taken(hub, tmp_path)
    wrong = Meaning("csv", "supplier", "payment_terms", "ZX9", "NT90")
    map_codes(hub, [wrong], ACT)
    assert terms(hub)["Acme Logistik GmbH"] == "NT90"
    map_codes(hub, [TERMS], ACT)
    assert set(terms(hub).values()) == {"NT30"}


def test_a_new_version_of_the_file_keeps_the_codes(sqlite_hub: Hub, tmp_path: Path) -> None:
    taken(sqlite_hub, tmp_path)
    map_codes(sqlite_hub, [TERMS], ACT)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "csv.yaml").write_text("extends: csv\ntrust: 77\n", encoding="utf-8")
    settings = sqlite_hub.settings.model_copy(update={"config": tmp_path})
    assert [one.name for one in config.proposals(sqlite_hub.database, settings)] == ["csv"]
    config.activate(sqlite_hub.database, settings, [], "ada", "our rank")
    after = open_hub(settings)
    row = {"id": "4", "name": "Cramer KG", "legal_entity": "1000", "payment_terms": "ZX9"}
    push(after, "csv", "supplier", [row], Act("push", "test"))
    assert terms(after)["Cramer KG"] == "NT30"
    after.database.close()


@pytest.mark.parametrize(
    ("meaning", "error", "words"),
    [
        (Meaning("csv", "supplier", "country", "Atlantis", "XX"), BadRequest, "no country"),
        (Meaning("csv", "supplier", "status", "gone", "vanished"), BadRequest, "active, "),
        (Meaning("csv", "supplier", "country", "Utopia", "NO"), NotFound, "told no country"),
        (Meaning("csv", "supplier", "payment_terms", "ZX9", " "), BadRequest, "no payment terms"),
    ],
)
def test_what_cannot_be_mapped_says_why_and_changes_nothing(
    sqlite_hub: Hub, tmp_path: Path, meaning: Meaning, error: type[Exception], words: str
) -> None:
    taken(sqlite_hub, tmp_path)
    before = world.counts(sqlite_hub)
    with pytest.raises(error, match=words):
        map_codes(sqlite_hub, [TERMS, meaning], ACT)
    with pytest.raises(BadRequest, match="Say why"):
        map_codes(sqlite_hub, [TERMS], Act("map_codes", "grace", reason=" "))
    two = Meaning("csv", "supplier", "payment_terms", "zx9", "NT90")
    with pytest.raises(BadRequest, match="say one of them"):
        map_codes(sqlite_hub, [TERMS, two], ACT)
    assert world.counts(sqlite_hub) == before
