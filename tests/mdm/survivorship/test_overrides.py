"""How long a person's value holds."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mdm.errors import UnknownName
from mdm.survivorship import Lifetime, Lifted, Now, Override, lifted
from mdm.survivorship.overrides import heard_of, in_force, require_known
from tests.mdm.survivorship.groups import SUPPLIER

THEN = {("s4", "1"): "Acme", ("csv", "2"): "ACME Inc."}


def override(lifetime: Lifetime, **more: Any) -> Override:
    return Override("name", "Acme Group", "As in the register.", lifetime, **more)


def asked(one: Override, day: str, consolidated: str, told: dict[Any, str]) -> Lifted | None:
    return lifted(SUPPLIER, one, Now(date.fromisoformat(day), consolidated, told))


def test_a_value_for_ever_holds_whatever_happens() -> None:
    assert asked(override(Lifetime.FOR_EVER), "2099-01-01", "Other", {}) is None


def test_a_value_until_a_day_does_not_hold_on_that_day() -> None:
    until = override(Lifetime.UNTIL_DATE, until=date(2027, 1, 1))
    assert asked(until, "2026-12-31", "Acme", THEN) is None
    ended = asked(until, "2027-01-01", "Acme", THEN)
    assert ended is not None
    assert "2027-01-01" in ended.sentence


def test_a_value_holds_while_the_sources_give_the_value_they_gave_then() -> None:
    held = override(Lifetime.WHILE_CONSOLIDATED, consolidated="Acme GmbH")
    assert asked(held, "2030-01-01", "Acme GmbH", {}) is None
    ended = asked(held, "2030-01-01", "Borealis Oy", {})
    assert ended is not None
    assert ended.code == "override_consolidated_changed"


def test_a_value_holds_until_a_source_says_something_new() -> None:
    held = override(Lifetime.UNTIL_NEWS, heard=heard_of(SUPPLIER, "name", THEN))
    assert asked(held, "2030-01-01", "Other", THEN) is None
    assert asked(held, "2030-01-01", "Acme", {("s4", "1"): "Acme"}) is None
    ended = asked(held, "2030-01-01", "Acme", {**THEN, ("s4", "1"): "Borealis"})
    assert ended is not None
    assert ended.sentence.startswith("s4 says something new")


def test_only_what_holds_is_in_force() -> None:
    over = override(Lifetime.UNTIL_DATE, until=date(2020, 1, 1))
    ever = override(Lifetime.FOR_EVER)
    assert in_force(SUPPLIER, [over, ever], Now(date(2026, 1, 1), "Acme", THEN)) == [ever]


@pytest.mark.parametrize("field", ["colour", "name.first", "companies.colour"])
def test_an_unknown_field_is_named(field: str) -> None:
    with pytest.raises(UnknownName, match="there are"):
        require_known(SUPPLIER, field)


@pytest.mark.parametrize("field", ["name", "addresses", "companies.payment_terms"])
def test_fields_and_fields_of_children_can_be_set(field: str) -> None:
    require_known(SUPPLIER, field)
