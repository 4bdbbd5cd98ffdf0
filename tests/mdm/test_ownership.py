"""Systems of record and trust: whose word counts, who is refused, and what time takes away."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from mdm import config
from mdm.domains import DOMAINS
from mdm.errors import BadConfiguration, OwnedElsewhere
from mdm.inbound.mapping import parse_source
from mdm.model.trust import SourceTrust
from mdm.push import push
from mdm.refresh import follow_up, tick
from mdm.store import find, follow_ups
from mdm.store.hub import Hub, open_hub
from mdm.store.transaction import Act, transaction
from mdm.survivorship import Trust
from mdm.survivorship.ownership import parse_ownership
from tests.mdm.laws.world import counts
from tests.mdm.test_overrides import override

SUPPLIER = DOMAINS["supplier"]
SHARED = {"name": "Acme GmbH", "country": "DE", "vat_number": "DE136695976"}


def owned(hub: Hub, told: str) -> Hub:
    """The hub with these systems of record of suppliers."""
    owners = parse_ownership(f"domain: supplier\nfields:\n{told}", "supplier", DOMAINS, hub.sources)
    return replace(hub, trust=Trust(hub.trust.sources, {"supplier": owners}))


def two(hub: Hub) -> str:
    """One supplier told by a plain file and, under another key, by a second one like it."""
    second = replace(hub.sources["csv"], name="csv2", feeds=hub.sources["csv"].feeds)
    hub = replace(hub, sources={**hub.sources, "csv2": second})
    act = Act("push", "test")
    one = {"id": "V1", **SHARED, "email": "one@acme.example", "legal_entity": "1000"}
    push(hub, "csv", "supplier", [{**one, "payment_terms": "NT30"}], act)
    other = {"id": "W1", **SHARED, "email": "two@acme.example", "legal_entity": "1000"}
    told = push(hub, "csv2", "supplier", [{**other, "payment_terms": "NT60"}], act)[0]
    return str(told.golden_id)


def golden(hub: Hub, golden_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The record and its lineage."""
    with hub.database.read() as connection:
        stored = find.golden_by_id(connection, golden_id)
    assert stored is not None
    return msgspec.json.decode(stored.record), msgspec.json.decode(stored.lineage)


def test_the_system_of_record_wins_and_lineage_says_so(hub: Hub) -> None:
    told = "  companies.payment_terms:\n  - {owner: csv2, scope: {legal_entity: '1000'}}\n"
    before = owned(replace(hub, sources={**hub.sources, "csv2": hub.sources["csv"]}), told)
    golden_id = two(hub)
    with transaction(hub.database, Act("config", "test")) as tx:
        follow_ups.add_trust(tx, hub.trust, before.trust)
    follow_up(before)
    record, lineage = golden(hub, golden_id)
    company = record["companies"][0]
    assert company["payment_terms"] == "NT60"
    path = f"companies/{company['id']}/payment_terms"
    place, rule = lineage["fields"][path]
    assert (lineage["members"][place][1], rule) == ("csv2", "owner")


def test_a_write_on_a_field_of_another_is_refused_naming_the_owner(hub: Hub) -> None:
    golden_id = two(hub)
    told = "  companies.payment_terms: {owner: s4, others: refuse}\n  phone: s4\n"
    guarded = owned(hub, told)
    before = counts(guarded)
    with pytest.raises(OwnedElsewhere, match="belongs to s4"):
        scope = {"legal_entity": "1000"}
        override(guarded, golden_id, "companies.payment_terms", "NT90", scope=scope)
    assert counts(guarded) == before
    row = {"id": "V1", **SHARED, "legal_entity": "1000", "payment_terms": "NT90"}
    (answer,) = push(guarded, "csv", "supplier", [row], Act("push", "test"))
    assert (answer.outcome, answer.code) == ("rejected", "system_of_record")
    assert "s4" in str(answer.reason)
    assert golden(guarded, golden_id)[0]["companies"][0]["payment_terms"] != "NT90"
    override(guarded, golden_id, "phone", "+49 30 1234567")


def test_whole_records_of_a_system_are_refused_to_others_but_for_fields_of_their_own(
    hub: Hub,
) -> None:
    golden_id = two(hub)
    told = "  email: csv\nrecords: {owner: s4, scope: {country: DE}, others: refuse}\n"
    guarded = owned(hub, told)
    before = counts(guarded)
    with pytest.raises(OwnedElsewhere, match="website belongs to s4"):
        override(guarded, golden_id, "website", "acme.example")
    with pytest.raises(OwnedElsewhere, match="payment_terms belongs to s4"):
        scope = {"legal_entity": "1000"}
        override(guarded, golden_id, "companies.payment_terms", "NT90", scope=scope)
    assert counts(guarded) == before
    new = {"id": "V9", "name": "Neu GmbH", "country": "DE"}
    elsewhere = {"id": "V8", "name": "Nouveau SARL", "country": "FR"}
    answers = push(guarded, "csv", "supplier", [new, elsewhere], Act("push", "test"))
    assert [one.outcome for one in answers] == ["rejected", "accepted"]
    assert "belongs to s4" in str(answers[0].reason)


def test_a_system_of_record_of_whole_records_wins_in_every_field_without_an_owner(
    hub: Hub,
) -> None:
    known = replace(hub, sources={**hub.sources, "csv2": hub.sources["csv"]})
    golden_id = two(owned(known, "  email: csv\nrecords: csv2\n"))
    record, lineage = golden(hub, golden_id)
    assert record["email"] == "one@acme.example"
    assert record["companies"][0]["payment_terms"] == "NT60"
    assert lineage["fields"]["name"][1] == "owner"
    assert lineage["members"][lineage["fields"]["name"][0]][1] == "csv2"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("  colour: s4\n", "no field"),
        ("  name: sap\n", "no source"),
        ("  companies.currency: {owner: s4, scope: {country: DE}}\n", "legal_entity"),
        ("  name: {owner: s4, others: forbid}\n", "others"),
        ("  name: [\n", "ownership"),
        ("  name: csv\nrecords: sap\n", "records: there is no source"),
    ],
)
def test_a_mistake_in_a_file_is_named(sqlite_hub: Hub, told: str, said: str) -> None:
    with pytest.raises(BadConfiguration, match=said):
        owned(sqlite_hub, told)


def test_ownership_runs_when_it_is_activated(sqlite_hub: Hub, tmp_path: Any) -> None:
    folder = tmp_path / "config" / "ownership"
    folder.mkdir(parents=True)
    (folder / "supplier.yaml").write_text("domain: supplier\nfields:\n  name: s4\n")
    settings = sqlite_hub.settings.model_copy(update={"config": tmp_path / "config"})
    (waiting,) = config.proposals(sqlite_hub.database, settings)
    assert (waiting.kind, waiting.name) == ("ownership", "supplier")
    config.activate(sqlite_hub.database, settings, [], "ann", "agreed in March")
    after = open_hub(settings)
    assert after.trust.owners["supplier"]["name"][0].source == "s4"
    after.database.close()


def test_what_another_process_activated_refuses_writes_of_a_running_hub(
    hub: Hub, tmp_path: Any
) -> None:
    golden_id = two(hub)
    folder = tmp_path / "config" / "ownership"
    folder.mkdir(parents=True)
    told = "domain: supplier\nfields:\n  phone: {owner: s4, others: refuse}\n"
    (folder / "supplier.yaml").write_text(told)
    settings = hub.settings.model_copy(update={"config": tmp_path / "config"})
    config.activate(hub.database, settings, [], "ann", "agreed in March")
    row = {"id": "V1", **SHARED, "phone": "+49 30 1234567"}
    answer = push(hub, "csv", "supplier", [row], Act("push", "test"))[0]
    assert (answer.outcome, answer.code) == ("rejected", "system_of_record")
    with pytest.raises(OwnedElsewhere):
        override(hub, golden_id, "phone", "+49 30 7654321")


def test_trust_is_told_in_points_by_field_with_what_lowers_it(sqlite_hub: Hub) -> None:
    said = (
        "extends: csv\ntrust: {score: 60, fields: {name: 90, companies.currency: 10},"
        " yearly_loss: 10, failing_loss: 30, floor: 20}\n"
    )
    source = parse_source(said, "csv2")
    assert source.trust == SourceTrust(60, {"name": 90, "companies.currency": 10}, 10, 30, 20)
    with pytest.raises(BadConfiguration, match="colour"):
        parse_source("extends: csv\ntrust: {score: 60, fields: {colour: 1}}\n", "csv2")


def test_trust_ages_by_the_clock_down_to_its_floor(hub: Hub) -> None:
    ageing = Trust.of({"csv": SourceTrust(50, yearly_loss=20, floor=10), "csv2": SourceTrust(40)})
    second = replace(hub.sources["csv"], name="csv2")
    aged = replace(hub, trust=ageing, sources={**hub.sources, "csv2": second})
    act = Act("push", "test")
    row = {"id": "V1", **SHARED, "website": "one.example", "updated_at": "2026-11-01T00:00:00Z"}
    push(aged, "csv", "supplier", [row], act)
    other = {"id": "W1", **SHARED, "lei": "529900T8BM49AURSDO55"}
    told = push(aged, "csv2", "supplier", [{**other, "name": "Acme Group SE"}], act)[0]
    golden_id = str(told.golden_id)
    with hub.database.read() as connection:
        times = connection.scalar(text("SELECT max(source_time) FROM source_record"))
        due = connection.scalar(text("SELECT min(due) FROM agenda"))
    assert golden(aged, golden_id)[0]["name"] == "Acme GmbH"
    if times is None:
        pytest.fail("the plain source tells no time of change any more")
    assert due is not None
    tick(aged, datetime.fromisoformat("2028-01-01T12:00:00+00:00"), "clock")
    assert golden(aged, golden_id)[0]["name"] == "Acme Group SE"
