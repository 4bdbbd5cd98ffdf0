"""Keys and values that too many records have: told once, never cut in silence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mdm.domains import DOMAINS
from mdm.errors import BadRequest, Conflict, UnknownName
from mdm.learning import change_rules
from mdm.load import LoadRequest, load
from mdm.placeholders import add_placeholder, placeholders, release_placeholder
from mdm.push import push
from mdm.records import Mode
from mdm.rematch import Work
from mdm.store.hub import Hub
from mdm.store.tasks import StoredTask, Wanted, tasks
from mdm.store.transaction import Act

SUPPLIER = DOMAINS["supplier"]
ACT = Act("config", "test", reason="for the test")
PHONE = "+49 431 5550001"
IBAN = "DE89370400440532013000"
NAMES = ("Albatros", "Borealis", "Calypso", "Drachenfels", "Eulenspiegel", "Falkenstein", "Gral")


def rows(**shared: Any) -> list[dict[str, Any]]:
    """Suppliers that share nothing but what is named."""
    return [{"id": name, "name": f"{name} KG", **shared} for name in NAMES]


def crowded(hub: Hub) -> list[StoredTask]:
    """Open tasks on keys that are too common."""
    with hub.database.read() as connection:
        return tasks(connection, Wanted(kind="over_common_key"))


def work_with_cap(hub: Hub, cap: int = 3) -> Work:
    """The hub, comparing by a key only up to a few records."""
    work = Work(hub, SUPPLIER, ACT)
    change_rules(work, lambda rules: replace(rules, key_cap=cap))
    return work


def test_a_key_that_too_many_have_opens_one_task_that_names_the_value(hub: Hub) -> None:
    work_with_cap(hub)
    push(hub, "csv", "supplier", rows(phone=PHONE)[:5], Act("push", "test"))
    (task,) = crowded(hub)
    assert (task.facts["name"], task.facts["values"]) == ("phone", {"phone": ["315550001"]})
    assert (task.facts["records"], task.facts["cap"]) == (5, 3)
    assert "315550001" in task.facts["sentence"]
    push(hub, "csv", "supplier", rows(phone=PHONE), Act("push", "test"))
    (again,) = crowded(hub)
    assert (again.id, again.facts["records"]) == (task.id, 7)


def test_a_bank_account_is_counted_and_not_shown(hub: Hub) -> None:
    work_with_cap(hub)
    push(hub, "csv", "supplier", rows(iban=IBAN), Act("push", "test"))
    (task,) = crowded(hub)
    assert (task.facts["name"], task.facts["values"]) == ("bank account", {})
    assert "not shown" in task.facts["sentence"]
    assert hub.keys.fingerprint(IBAN) not in str(task.facts)


def test_a_first_load_reports_what_it_did_not_compare(sqlite_hub: Hub, tmp_path: Path) -> None:
    told = ["id,name,phone"]
    told += [
        f"{n},{NAMES[n % 7]}{n:05} {NAMES[n % 5]}{n * 7919 % 10007} KG," for n in range(10_000)
    ]
    told += [f"x{n},{name} KG,{PHONE}" for n, name in enumerate(NAMES * 10)]
    file = tmp_path / "suppliers.csv"
    file.write_text("\n".join(told))
    done = load(sqlite_hub, LoadRequest("csv", [file], Mode.INITIAL, "test"))
    assert done.over_common_keys >= 1
    by_name = {task.facts["name"]: task.facts for task in crowded(sqlite_hub)}
    assert (by_name["phone"]["records"], by_name["phone"]["cap"]) == (70, 50)


def test_a_placeholder_is_listed_counted_and_taken_out(hub: Hub) -> None:
    work = work_with_cap(hub)
    push(hub, "csv", "supplier", rows(phone=PHONE), Act("push", "test"))
    assert crowded(hub)
    add_placeholder(work, "phone", PHONE)
    assert crowded(hub) == []
    found = next(one for one in placeholders(work) if one.field == "phone")
    assert (found.value, found.records, found.built_in) == ("315550001", 7, False)
    with pytest.raises(Conflict, match="already"):
        add_placeholder(work, "phone", "0431/5550001")
    release_placeholder(work, "phone", PHONE)
    assert [one for one in placeholders(work) if one.field == "phone"] == []
    push(hub, "csv", "supplier", [{"id": "n", "name": "Neu KG", "phone": PHONE}], Act("push", "t"))
    assert crowded(hub)[0].facts["records"] == 8


def test_built_in_placeholders_are_in_force_and_counted(sqlite_hub: Hub) -> None:
    told = {"id": "1", "name": "TBD", "vat_number": "000000000", "email": "unknown"}
    push(sqlite_hub, "csv", "supplier", [told], Act("push", "test"))
    found = {(one.field, one.value): one for one in placeholders(Work(sqlite_hub, SUPPLIER, ACT))}
    assert found["name", "tbd"].records == 1
    assert found["name", "tbd"].built_in
    assert found["vat_number", "000000000"].records == 1


def test_a_bank_account_becomes_a_placeholder_without_being_written(sqlite_hub: Hub) -> None:
    work = Work(sqlite_hub, SUPPLIER, ACT)
    add_placeholder(work, "iban", IBAN)
    listed = [one.value for one in placeholders(work) if one.field == "iban"]
    assert listed == [sqlite_hub.keys.fingerprint(IBAN)]


def test_what_is_no_placeholder_says_so(sqlite_hub: Hub) -> None:
    work = Work(sqlite_hub, SUPPLIER, ACT)
    with pytest.raises(UnknownName, match="phone"):
        add_placeholder(work, "colour", "red")
    with pytest.raises(BadRequest, match="not on the list"):
        release_placeholder(work, "phone", PHONE)
    with pytest.raises(BadRequest, match="why"):
        add_placeholder(replace(work, act=Act("config", "test")), "phone", PHONE)
