"""Law 10: replaying the log reproduces the golden state and every earlier answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from mdm.commands.rebuild import asking
from mdm.config import activate
from mdm.decisions import Said, say
from mdm.domains import DOMAINS
from mdm.inbound.mapping import builtin_sources
from mdm.learning import change_rules
from mdm.proof.rebuild import Report, Wish, check
from mdm.push import push
from mdm.refresh import follow_up
from mdm.rematch import Work
from mdm.store import configuration
from mdm.store.hub import Hub, open_hub
from mdm.store.transaction import Act, transaction
from tests.mdm.laws import world
from tests.mdm.proof.steps import OTHER, Step, believed, happen, steps
from tests.servers.hub import unhurried

SUPPLIER, COST_CENTER = DOMAINS["supplier"], DOMAINS["cost_center"]


def checked(hub: Hub, **wish: Any) -> Report:
    """The check with a fixed seed."""
    return check(hub, Wish(**{"seed": 7, "moments": 4, **wish}), asking(hub), lambda *_: None)


@pytest.fixture
def two_sources(hub: Hub) -> Iterator[Hub]:
    """A hub that two sources tell of the same."""
    with transaction(hub.database, Act("config", "test")) as tx:
        configuration.activate(tx, "source", OTHER, believed(OTHER, 30))
    found = open_hub(hub.settings)
    unhurried(found.database)
    yield found
    found.database.close()


def as_configured(hub: Hub) -> None:
    """Empties the hub, and lets what it began with run again."""
    world.clear(hub)
    with hub.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM config_version WHERE activated_by = 'law'"))
        connection.execute(text("UPDATE config_version SET live = :yes"), {"yes": True})


@given(happening=steps, whole=st.sampled_from([2_000, 0]), ids=st.sampled_from([50, 2]))
def test_the_log_gives_the_golden_state_and_every_earlier_answer(
    two_sources: Hub, happening: list[Step], whole: int, ids: int
) -> None:
    """Recomputed whole, or samples that must find whole groups."""
    as_configured(two_sources)
    for step in happening:
        happen(two_sources, step)
    assert checked(two_sources, whole=whole, ids=ids).differences == []


def test_a_legal_entity_that_a_losing_source_names_decides_nothing_anew(two_sources: Hub) -> None:
    entity = {"code": "1000", "name": "Acme", "country": "DE", "region": "EU", "timezone": ""}
    center = {"code": "200", "controlling_area": "A1", "name": "Sales"}
    center |= {"valid_from": "2026-03-01", "valid_through": "2026-03-20"}
    for day, kind, row, other in (
        ("2026-03-01", "legal_entity", entity, False),
        ("2026-03-01", "cost_center", center | {"legal_entity": "2000"}, False),
        ("2026-03-02", "cost_center", center | {"legal_entity": "1000"}, True),
        ("2026-03-25", "legal_entity", entity | {"timezone": "Pacific/Niue"}, False),
    ):
        happen(two_sources, Step(kind, day, row, 0, other))
    assert checked(two_sources).differences == []


def test_a_time_zone_that_moves_is_replayed_from_the_instant_of_its_change(hub: Hub) -> None:
    entity = {"code": "1000", "name": "Acme", "country": "DE", "region": "EU"}
    center = {
        "code": "100",
        "controlling_area": "A1",
        "name": "Sales",
        "legal_entity": "1000",
        "valid_from": "2026-03-02",
        "valid_through": "2026-03-20",
    }
    told = [
        ("2026-03-01T12:00:00Z", "legal_entity", entity),
        ("2026-03-21T05:00:00Z", "cost_center", center),
        # Its last day was over; the clock there goes back to it, but it is a day later by now.
        ("2026-03-22T12:00:00Z", "legal_entity", {**entity, "timezone": "Pacific/Niue"}),
    ]
    for at, domain, row in told:
        act = Act("push", "test", domain, at=datetime.fromisoformat(at))
        push(hub, "csv", domain, [row], act)
    assert checked(hub, moments=12).differences == []


def supplied(hub: Hub) -> None:
    """Three suppliers, two of them one; the third told again; one kept apart by a person."""
    row = {"name": "Acme Logistik GmbH", "country": "DE", "city": "Berlin", "postcode": "10115"}
    vat = "DE136695976"
    rows = [
        {**row, "id": "V1", "vat_number": vat, "iban": "DE89370400440532013000"},
        {**row, "id": "V2", "vat_number": vat, "street": "Hauptstr. 1"},
        {"id": "V3", "name": "Borealis Paper Oy", "country": "FI", "phone": "+358 9 1234567"},
    ]
    push(hub, "csv", "supplier", rows, Act("push", "test", "supplier"))
    again = {**rows[2], "phone": "+358 9 7654321"}
    push(hub, "csv", "supplier", [again], Act("push", "test", "supplier"))
    with transaction(hub.database, Act("decision", "ada", "supplier")) as tx:
        say(tx, hub, Said("different", SUPPLIER, (1,), (2,)))


def altered(hub: Hub, sql: str) -> None:
    """Changes the database behind the hub's back."""
    with hub.database.engine.begin() as connection:
        assert connection.execute(text(sql)).rowcount == 1


TAMPERED = {
    "golden value": (
        "UPDATE golden SET record = replace(record, 'Borealis Paper Oy', 'Borealis Papier Oy')"
        " WHERE record LIKE '%Borealis%'",
        lambda one: one.subject == "golden record" and one.path == "name",
    ),
    "golden status": (
        "UPDATE golden SET status = 'blocked' WHERE record LIKE '%Borealis%'",
        lambda one: one.subject == "golden record" and one.path == "status",
    ),
    "id of a child": (
        'UPDATE golden SET record = replace(record, \'"addresses":[{"id":"adr_\','
        ' \'"addresses":[{"id":"adr_aaaa\') WHERE record LIKE \'%Hauptstr%\'',
        lambda one: one.subject == "golden record" and one.path.startswith("addresses/"),
    ),
    "removed ledger row": (
        "DELETE FROM id_ledger WHERE id = (SELECT max(id) FROM id_ledger)",
        lambda one: one.subject == "id ledger",
    ),
    "changed source version": (
        "UPDATE source_version SET record = replace(record, 'Borealis', 'Aurora')",
        lambda one: one.subject == "source record" and one.id == "csv:V3",
    ),
    "changed latest version": (
        "UPDATE source_record SET record = replace(record, 'Borealis', 'Aurora'),"
        " told = replace(told, 'Borealis', 'Aurora') WHERE source_key = 'V3'",
        lambda one: one.subject == "source record" and one.id == "csv:V3",
    ),
    "flipped decision": (
        "UPDATE decision SET kind = 'same'",
        lambda one: one.subject in ("golden record", "id ledger") and one.path == "merged_into",
    ),
    "record that answers elsewhere": (
        "UPDATE source_record SET golden_id ="
        " (SELECT golden_id FROM source_record WHERE source_key = 'V3') WHERE source_key = 'V2'",
        lambda one: one.subject == "source record" and one.path == "golden_id",
    ),
    "removed version": (
        "DELETE FROM source_version",
        lambda one: one.subject == "source record" and one.path == "version",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_whatever_is_altered_is_found_and_named(hub: Hub, what: str) -> None:
    supplied(hub)
    assert checked(hub).differences == []
    sql, names = TAMPERED[what]
    is_named: Callable[[Any], bool] = names
    altered(hub, sql)
    found = checked(hub).differences
    assert any(is_named(one) for one in found), found


def test_an_altered_earlier_version_is_found_at_the_moments_of_its_time(hub: Hub) -> None:
    supplied(hub)
    altered(
        hub,
        "UPDATE golden_history SET record = replace(record, '1234567', '5555555')"
        " WHERE record LIKE '%1234567%'",
    )
    found = checked(hub, moments=20).differences
    told = {(one.subject, one.path, one.recomputed) for one in found}
    assert told == {(one, "phone", "+35891234567") for one in ("golden record", "answer")}
    assert all(one.known_at for one in found)


def test_a_difference_in_a_protected_value_is_shown_masked(hub: Hub) -> None:
    supplied(hub)
    altered(
        hub,
        'UPDATE golden SET record = replace(record, \'"fingerprint":"\', \'"fingerprint":"0\')'
        " WHERE record LIKE '%fingerprint%'",
    )
    found = [one for one in checked(hub).differences if one.path.endswith("account")]
    assert found
    assert all("3000" in str(one.stored) and "3704" not in str(one) for one in found)


def test_the_seed_repeats_the_moments(hub: Hub) -> None:
    supplied(hub)
    one, again = checked(hub, seed=3), checked(hub, seed=3)
    assert one.moments == again.moments
    assert one.moments != checked(hub, seed=4).moments


def test_trust_activated_elsewhere_counts_at_once_and_is_replayed(hub: Hub, tmp_path: Path) -> None:
    supplied(hub)
    folder = tmp_path / "sources"
    folder.mkdir()
    plain = builtin_sources()["csv"]
    (folder / "csv2.yaml").write_text(
        plain.replace("name: csv", "name: csv2", 1).replace("trust: 40", "trust: 90"), "utf-8"
    )
    settings = hub.settings.model_copy(update={"config": tmp_path})
    activate(hub.database, settings, ["source csv2"], "ada", "a second file")
    other = open_hub(settings)
    shared = {"name": "Acme Logistik", "vat_number": "DE136695976", "country": "DE"}
    push(other, "csv2", "supplier", [{**shared, "id": "W1"}], Act("push", "test", "supplier"))
    assert checked(hub).differences == []
    (folder / "csv.yaml").write_text(plain.replace("trust: 40", "trust: 95"), "utf-8")
    activate(hub.database, settings, ["source csv"], "ada", "it is the better one")
    again = {**shared, "id": "V1", "name": "Acme Logistik GmbH", "city": "Bonn"}
    push(hub, "csv", "supplier", [again], Act("push", "test", "supplier"))
    latest = open_hub(settings)
    follow_up(latest)
    assert checked(hub).differences == []
    latest.database.close()
    other.database.close()


def test_rules_are_replayed_as_they_ran(hub: Hub) -> None:
    supplied(hub)
    row = {"name": "Borealis Paper Oy", "country": "FI", "phone": "+358 9 7654321", "id": "V4"}
    push(hub, "csv", "supplier", [row], Act("push", "test", "supplier"))
    work = Work(hub, SUPPLIER, Act("config", "ada", reason="names are enough"))
    change_rules(work, lambda rules: replace(rules, auto_link="best"), accept=True)
    assert checked(hub, moments=12).differences == []
    assert checked(hub, moments=12, whole=0, ids=3).differences == []
