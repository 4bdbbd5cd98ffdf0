"""Instants and days as people write them."""

from __future__ import annotations

import pytest

from mdm import clock


def test_a_day_alone_is_meant_where_it_is_that_day_nearly_everywhere() -> None:
    noon = clock.parse_moment("2027-01-01")
    assert clock.iso(noon) == "2027-01-01T12:00:00.000000Z"
    for zone in ("Pacific/Honolulu", "America/Los_Angeles", "Asia/Tokyo"):
        assert clock.today_in(zone, noon).isoformat() == "2027-01-01"
    assert clock.parse_moment("2027-01-01T01:00:00+02:00") == clock.parse_instant(
        "2026-12-31T23:00:00Z"
    )


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        clock.parse_moment("2027-01-01T01:00:00")
