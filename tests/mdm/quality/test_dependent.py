"""Dependent validity: closing a parent closes what stands under it, on the day it closes."""

from __future__ import annotations

from datetime import date

import pytest

from mdm.domains import DOMAINS
from mdm.quality import Target, dependent_validity, validity
from mdm.records import Document

JAN, JUNE = date(2026, 1, 15), date(2026, 6, 15)


def target(domain: str, name: str, *slices: Document, status: str = "active") -> Target:
    return Target(DOMAINS[domain], name, status, {"slices": list(slices)})


class World:
    """Golden records by domain and code."""

    def __init__(self, *targets: Target) -> None:
        self.targets = {(one.domain.name, one.name): one for one in targets}

    def find(self, domain: str, code: str, state: Document) -> Target | None:
        return self.targets.get((domain, code))


OPEN_ENTITY = target("legal_entity", "1000", {"code": "1000"})
CLOSED_ENTITY = target("legal_entity", "1000", {"code": "1000", "valid_to": "2026-03-01"})
CENTER = target("cost_center", "4711", {"code": "4711", "legal_entity": "1000"})
PROJECT = target("project", "P1", {"code": "P1", "legal_entity": "1000", "cost_center": "4711"})


def reasons(one: Target, day: date, *world: Target) -> list[tuple[str, str]]:
    found = dependent_validity(one, day, World(*world).find)
    return [(reason.code, reason.field) for reason in found]


def test_a_project_under_open_parents_is_valid() -> None:
    assert reasons(PROJECT, JAN, OPEN_ENTITY, CENTER) == []


def test_a_project_under_a_closed_legal_entity_is_invalid_from_that_day() -> None:
    assert reasons(PROJECT, JAN, CLOSED_ENTITY, CENTER) == []
    assert ("legal_entity_expired", "legal_entity") in reasons(PROJECT, JUNE, CLOSED_ENTITY, CENTER)


def test_a_closed_legal_entity_reaches_a_project_through_its_cost_center() -> None:
    project = target("project", "P1", {"code": "P1", "cost_center": "4711"})
    found = dependent_validity(project, JUNE, World(CLOSED_ENTITY, CENTER).find)
    assert [(one.code, one.field) for one in found] == [("legal_entity_expired", "cost_center")]
    assert found[0].sentence == "Legal entity 1000 is not valid any more since 2026-03-01."


def test_a_blocked_cost_center_makes_its_project_invalid() -> None:
    blocked = target("cost_center", "4711", {"code": "4711", "blocked": True})
    assert reasons(PROJECT, JAN, OPEN_ENTITY, blocked) == [("cost_center_blocked", "cost_center")]


def test_a_target_that_has_not_arrived_is_named() -> None:
    assert reasons(PROJECT, JAN, OPEN_ENTITY) == [("cost_center_unresolved", "cost_center")]


def test_a_reference_that_is_not_told_is_not_required() -> None:
    assert reasons(target("project", "P1", {"code": "P1"}), JAN) == []


@pytest.mark.parametrize(
    ("slices", "day", "code"),
    [
        ([{"valid_from": "2026-02-01"}], JAN, "not_yet_valid"),
        ([{"valid_to": "2026-02-01"}], JUNE, "expired"),
        ([{"valid_to": "2026-02-01"}], date(2026, 2, 1), "expired"),
        ([{"valid_to": "2026-02-01"}, {"valid_from": "2026-08-01"}], JUNE, "gap"),
        ([], JAN, "no_period"),
        ([{"status": "blocked"}], JAN, "blocked"),
        ([{"status": "retired"}], JAN, "retired"),
        ([{"valid_from": "2026-01-15"}], JAN, None),
    ],
)
def test_a_code_is_valid_only_within_its_slices(
    slices: list[Document], day: date, code: str | None
) -> None:
    told = [{"code": "4711", **one} for one in slices]
    found = validity(target("cost_center", "4711", *told), day)
    assert (found.code if found else None) == code
    assert found is None or found.sentence.startswith("Cost center 4711 ")


def test_a_blocked_supplier_says_why() -> None:
    blocked = Target(
        DOMAINS["supplier"], "Acme", "blocked", {"status": "blocked", "block_reason": "Fraud."}
    )
    found = validity(blocked, JAN)
    assert found is not None
    assert found.sentence == "Supplier Acme is blocked: Fraud."


def test_a_retired_supplier_is_invalid() -> None:
    found = validity(Target(DOMAINS["supplier"], "Acme", "retired", {}), JAN)
    assert found is not None
    assert found.code == "retired"


def test_a_cycle_ends() -> None:
    one = target("project", "P1", {"code": "P1", "cost_center": "4711"})
    loop = Target(one.domain, "P1", "active", one.record)
    assert dependent_validity(loop, JAN, lambda domain, code, state: loop) == []


def test_a_supplier_whose_name_nobody_told_yet_is_incomplete() -> None:
    nameless = Target(DOMAINS["supplier"], "sup_x", "active", {"country": "DE"})
    found = validity(nameless, JAN)
    assert found is not None
    assert (found.code, found.field) == ("incomplete", "name")
    assert found.sentence == "Supplier sup_x has no name yet."
