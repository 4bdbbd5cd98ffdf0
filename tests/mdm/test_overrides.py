"""A person's value: golden at once, lifted by itself, taken back; refused ones change nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import msgspec
import pytest

from mdm.domains import DOMAINS
from mdm.errors import (
    BadRequest,
    HubError,
    InvertedPeriod,
    OverlappingSlices,
    ProtectedField,
    UnknownField,
)
from mdm.governance import overrides as governance
from mdm.overrides import Wanted, set_value, take_back
from mdm.people.rights import Caller
from mdm.push import push
from mdm.refresh import tick
from mdm.store import find, overrides, tasks
from mdm.store.hub import Hub
from mdm.store.tasks import StoredTask
from mdm.store.tasks import Wanted as WantedTasks
from mdm.store.transaction import Act, transaction
from mdm.survivorship import Lifetime
from tests.mdm.laws.world import counts

SUPPLIER, COST_CENTER = DOMAINS["supplier"], DOMAINS["cost_center"]
ACT = Act("override", "steward", "supplier")


def pushed(hub: Hub, **fields: Any) -> str:
    """A supplier of the plain source; its golden id."""
    row = {"id": "V1", "name": "Acme GmbH", "country": "DE", "city": "Berlin", **fields}
    return str(push(hub, "csv", "supplier", [row], Act("push", "test"))[0].golden_id)


def golden(hub: Hub, golden_id: str) -> dict[str, Any]:
    """The record as it is golden now."""
    with hub.database.read() as connection:
        stored = find.golden_by_id(connection, golden_id)
    assert stored is not None
    return dict(msgspec.json.decode(stored.record))


def override(hub: Hub, golden_id: str, said: str, value: Any, **more: Any) -> int:
    """Sets a value; returns the override's number."""
    domain = more.pop("domain", SUPPLIER)
    with transaction(hub.database, Act("override", "steward", domain.name)) as tx:
        return set_value(
            tx, hub, domain, golden_id, Wanted(said, value, "as in the register", **more)
        )


def open_tasks(hub: Hub) -> list[StoredTask]:
    """Open tasks that say that an override was lifted."""
    with hub.database.read() as connection:
        return tasks.tasks(connection, WantedTasks(kind="override_lifted"))


def test_a_value_is_golden_at_once_and_names_its_override_in_lineage(hub: Hub) -> None:
    golden_id = pushed(hub)
    number = override(hub, golden_id, "name", "Acme Group SE")
    assert golden(hub, golden_id)["name"] == "Acme Group SE"
    with hub.database.read() as connection:
        stored = find.golden_by_id(connection, golden_id)
    assert stored is not None
    lineage = msgspec.json.decode(stored.lineage)
    place, rule = lineage["fields"]["name"]
    assert (place, rule) == (1, "override")
    assert lineage["overrides"][0][0] == number
    with transaction(hub.database, ACT) as tx:
        take_back(tx, hub, number)
    assert golden(hub, golden_id)["name"] == "Acme GmbH"


def test_a_source_cannot_write_over_a_value_that_holds_for_ever(hub: Hub) -> None:
    golden_id = pushed(hub)
    override(hub, golden_id, "name", "Acme Group SE")
    pushed(hub, name="Acme Holding GmbH")
    assert golden(hub, golden_id)["name"] == "Acme Group SE"
    assert open_tasks(hub) == []


def test_a_value_until_a_day_ends_by_the_clock_and_says_so(hub: Hub) -> None:
    golden_id = pushed(hub)
    override(
        hub,
        golden_id,
        "name",
        "Acme Group SE",
        lifetime=Lifetime.UNTIL_DATE,
        until=date(2099, 1, 1),
    )
    tick(hub, datetime.fromisoformat("2098-12-31T12:00:00+00:00"), "clock")
    assert golden(hub, golden_id)["name"] == "Acme Group SE"
    tick(hub, datetime.fromisoformat("2099-01-01T12:00:00+00:00"), "clock")
    assert golden(hub, golden_id)["name"] == "Acme GmbH"
    assert "2099-01-01" in open_tasks(hub)[0].facts["sentence"]


def test_a_value_holds_while_the_sources_give_what_they_gave(hub: Hub) -> None:
    golden_id = pushed(hub)
    override(hub, golden_id, "name", "Acme Group SE", lifetime=Lifetime.WHILE_CONSOLIDATED)
    pushed(hub, phone="+49 30 1234567")
    assert golden(hub, golden_id)["name"] == "Acme Group SE"
    pushed(hub, name="Borealis Oy")
    assert golden(hub, golden_id)["name"] == "Borealis Oy"
    assert len(open_tasks(hub)) == 1
    pushed(hub)
    assert golden(hub, golden_id)["name"] == "Acme Group SE"
    assert open_tasks(hub) == []


def test_a_value_ends_when_a_source_says_something_new_of_the_field(hub: Hub) -> None:
    golden_id = pushed(hub)
    number = override(hub, golden_id, "name", "Acme Group SE", lifetime=Lifetime.UNTIL_NEWS)
    pushed(hub, city="Hamburg")
    assert golden(hub, golden_id)["name"] == "Acme Group SE"
    pushed(hub, name="Acme Europe GmbH")
    assert golden(hub, golden_id)["name"] == "Acme Europe GmbH"
    with hub.database.read() as connection:
        kept = overrides.by_id(connection, number)
        turns = overrides.turns(connection, [number])[number]
    assert kept is not None
    assert kept.override.lifted == "csv says something new of name since it was set."
    assert [why for _at, why in turns] == [kept.override.lifted]


def test_terms_of_one_legal_entity_are_set_alone(hub: Hub) -> None:
    companies = {"legal_entity": "1000", "payment_terms": "NT30"}
    golden_id = pushed(hub, **companies)
    scope = {"legal_entity": "1000"}
    override(hub, golden_id, "companies.payment_terms", "NT60", scope=scope)
    told = golden(hub, golden_id)["companies"]
    assert [(one["legal_entity"], one["payment_terms"]) for one in told] == [("1000", "NT60")]


def test_a_value_of_a_code_holds_in_its_period_and_makes_none_of_its_own(hub: Hub) -> None:
    row = {
        "code": "4711",
        "controlling_area": "A000",
        "name": "Sales",
        "valid_from": "2026-01-01",
        "valid_to": "2028-01-01",
    }
    told = push(hub, "csv", "cost_center", [row], Act("push", "test"))[0]
    golden_id = str(told.golden_id)
    period = {"valid_from": date(2027, 1, 1), "domain": COST_CENTER}
    override(hub, golden_id, "name", "Sales North", **period)
    slices = [
        (one["valid_from"], one["valid_to"], one["name"])
        for one in golden(hub, golden_id)["slices"]
    ]
    assert slices == [
        ("2026-01-01", "2027-01-01", "Sales"),
        ("2027-01-01", "2028-01-01", "Sales North"),
    ]
    with pytest.raises(OverlappingSlices, match="Override"):
        override(hub, golden_id, "name", "South", valid_from=date(2027, 6, 1), domain=COST_CENTER)


REFUSED: list[tuple[str, Any, dict[str, Any], type[HubError]]] = [
    ("colour", "red", {}, UnknownField),
    ("companies.colour", "red", {}, UnknownField),
    ("bank_accounts", {"account": "DE89370400440532013000"}, {}, ProtectedField),
    ("status", "dancing", {}, BadRequest),
    ("country", "Narnia", {}, BadRequest),
    ("name", "", {}, BadRequest),
    ("name", "X", {"lifetime": Lifetime.UNTIL_DATE}, BadRequest),
    ("name", "X", {"lifetime": Lifetime.UNTIL_DATE, "until": date(2020, 1, 1)}, BadRequest),
    ("companies.payment_terms", "NT30", {"scope": {"legal_entity": "9999"}}, BadRequest),
    ("name", "X", {"scope": {"legal_entity": "1000"}}, BadRequest),
    ("addresses.city", "Berlin", {}, BadRequest),
]


@pytest.mark.parametrize(("said", "value", "more", "error"), REFUSED)
def test_a_refused_value_changes_nothing(
    sqlite_hub: Hub, said: str, value: Any, more: dict[str, Any], error: type[HubError]
) -> None:
    golden_id = pushed(sqlite_hub)
    before = counts(sqlite_hub)
    with pytest.raises(error):
        override(sqlite_hub, golden_id, said, value, **more)
    assert counts(sqlite_hub) == before


def test_a_period_that_ends_before_it_starts_is_refused(sqlite_hub: Hub) -> None:
    row = {"code": "4711", "controlling_area": "A000", "name": "Sales"}
    golden_id = str(push(sqlite_hub, "csv", "cost_center", [row], Act("push", "test"))[0].golden_id)
    before = counts(sqlite_hub)
    period = {"valid_from": date(2027, 1, 1), "valid_to": date(2026, 1, 1)}
    with pytest.raises(InvertedPeriod, match="2026-01-01"):
        override(sqlite_hub, golden_id, "name", "North", domain=COST_CENTER, **period)
    assert counts(sqlite_hub) == before


def test_a_record_authored_here_is_believed_before_every_source(hub: Hub) -> None:
    vat = {"vat_number": "DE136695976"}
    golden_id = pushed(hub, **vat)
    row = {"id": "H1", "name": "Acme GmbH", "country": "DE", "website": "acme.example", **vat}
    (told,) = push(hub, "hub", "supplier", [row], Act("push", "steward"))
    assert told.golden_id == golden_id
    pushed(hub, **vat, website="other.example", updated_at="2030-01-01")
    assert golden(hub, golden_id)["website"] == "acme.example"


def test_a_value_set_on_a_legal_entity_reaches_what_refers_to_it(hub: Hub) -> None:
    act = Act("push", "test")
    entity = {"code": "1000", "name": "Acme", "country": "DE", "region": "EU"}
    found = push(hub, "csv", "legal_entity", [entity], act)[0]
    center = {"code": "47", "controlling_area": "A", "name": "Lager", "legal_entity": "1000"}
    referring = str(push(hub, "csv", "cost_center", [center], act)[0].golden_id)
    steward = Caller("grace", frozenset({"steward"}))
    asked = governance.Asked(steward, DOMAINS["legal_entity"], str(found.golden_id), 1, "c")
    wanted = Wanted("region", "US", "it moved")
    number, _after = governance.override(hub, asked, wanted)
    assert region(hub, referring) == "US"
    governance.lift(hub, replace(asked, version=2), number, "it did not")
    assert region(hub, referring) == "EU"


def region(hub: Hub, golden_id: str) -> str | None:
    with hub.database.read() as connection:
        stored = find.golden_by_id(connection, golden_id)
    assert stored is not None
    return stored.region
