"""The calendar: a slice starts and ends on its day, and the day is that of the legal entity."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mdm import clock
from mdm.asking import lookup
from mdm.asking.answer import When
from mdm.domains import DOMAINS
from mdm.golden.lifecycle import calendar
from mdm.people.rights import Caller
from mdm.push import push
from mdm.quality.today import business_day
from mdm.refresh import tick
from mdm.store import find, gather
from mdm.store.hub import Hub
from mdm.store.transaction import Act

READER = Caller("test", frozenset({"auditor"}))
CENTER = DOMAINS["cost_center"]


def told(hub: Hub, zone: str) -> str:
    """A cost center of an entity in this zone, blocked from 1 June 2090 on; its golden id."""
    entity = {"code": "1000", "name": "Entity", "timezone": zone}
    push(hub, "csv", "legal_entity", [entity], Act("push", "test"))
    center = {"code": "47", "controlling_area": "A1", "name": "Lager", "legal_entity": "1000"}
    today = {**center, "valid_from": "2020-01-01", "valid_to": "2090-06-01"}
    later = {**center, "valid_from": "2090-06-01", "blocked": "true", "name": "Lager zu"}
    given = push(hub, "csv", "cost_center", [today, later], Act("push", "test"))
    assert [one.outcome for one in given] == ["accepted", "accepted"], given
    with hub.database.read() as connection:
        due = gather.due(connection, "2091-01-01")["cost_center"]
    return next(iter(due))


def status(hub: Hub, golden_id: str) -> str:
    """The status as it is stored."""
    with hub.database.read() as connection:
        return gather.goldens_by_id(connection, [golden_id])[golden_id].status


@pytest.mark.parametrize(
    ("zone", "hour_before", "hour_after"),
    [
        (
            "Pacific/Auckland",
            datetime(2090, 5, 31, 11, tzinfo=UTC),
            datetime(2090, 5, 31, 13, tzinfo=UTC),
        ),
        (
            "America/Chicago",
            datetime(2090, 6, 1, 4, tzinfo=UTC),
            datetime(2090, 6, 1, 6, tzinfo=UTC),
        ),
        ("", datetime(2090, 5, 31, 23, tzinfo=UTC), datetime(2090, 6, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_slice_starts_at_midnight_where_its_legal_entity_is(
    hub: Hub, zone: str, hour_before: datetime, hour_after: datetime
) -> None:
    golden_id = told(hub, zone)
    assert tick(hub, hour_before, "test").golden_changed == 0
    assert status(hub, golden_id) == "active"
    assert tick(hub, hour_after, "test").golden_changed == 1
    assert status(hub, golden_id) == "blocked"
    assert tick(hub, hour_after, "test").golden_changed == 0
    for now, name in ((hour_before, "Lager"), (hour_after, "Lager zu")):
        assert f'"name":"{name}"' in lookup.one(hub, READER, CENTER, golden_id, When(now)).record


def test_a_zone_that_is_none_counts_as_utc_and_is_a_finding(sqlite_hub: Hub) -> None:
    golden_id = told(sqlite_hub, "Mars/Olympus")
    assert tick(sqlite_hub, datetime(2090, 6, 1, 1, tzinfo=UTC), "test").golden_changed == 1
    with sqlite_hub.database.read() as connection:
        golden = gather.goldens_by_id(connection, [golden_id])[golden_id]
        record_id = find.slices_of_code(connection, "legal_entity", "csv", "1000")[0][0]
        held = gather.held_by_id(connection, [record_id])[record_id]
        zones = gather.entities(connection).zones
    instant = datetime(2090, 6, 1, 0, 30, tzinfo=UTC)
    assert calendar(CENTER, instant, zones)(golden) == instant.date()
    assert [one.code for one in held.findings] == ["unknown_time_zone"]


def test_the_day_is_that_of_the_slice_that_holds_else_of_the_next_one() -> None:
    record = {
        "slices": [
            {"legal_entity": "A", "valid_to": "2026-01-01"},
            {"legal_entity": "B", "valid_from": "2026-02-01"},
        ]
    }
    zones = {"A": "Pacific/Auckland", "B": "America/Chicago"}
    for instant, day in (
        (datetime(2025, 12, 30, 23, tzinfo=UTC), "2025-12-31"),
        (datetime(2026, 1, 15, 3, tzinfo=UTC), "2026-01-14"),
        (datetime(2026, 3, 1, 3, tzinfo=UTC), "2026-02-28"),
    ):
        assert business_day(CENTER, record, instant, zones.get).isoformat() == day
    assert business_day(CENTER, {"slices": []}, instant, zones.get) == instant.date()


def test_an_instant_falls_on_three_days_at_the_most() -> None:
    instant = datetime(2026, 6, 1, 10, 30, tzinfo=UTC)
    assert clock.earliest_day(instant).isoformat() == "2026-05-31"
    assert clock.latest_day(instant).isoformat() == "2026-06-02"
    assert clock.today_in("Pacific/Kiritimati", instant).isoformat() == "2026-06-02"
    assert clock.today_in("Etc/GMT+12", instant).isoformat() == "2026-05-31"
