"""Why this value: the rule, and who told another."""

from __future__ import annotations

import pytest
from hypothesis import given

from mdm.errors import UnknownName
from mdm.survivorship import Member, Trust, Why, survive, why
from mdm.survivorship.candidates import Golden
from tests.mdm.survivorship.groups import (
    COST_CENTER,
    KEYS,
    SUPPLIER,
    TODAY,
    TRUST,
    cost_center,
    golden,
    groups,
    member,
    timelines,
)


def asked(path: str, *members: Member, trust: Trust = TRUST) -> Why:
    survived = golden(*members, trust=trust)
    told = Golden(SUPPLIER, survived.document, survived.lineage)
    return why(told, path, members, trust, TODAY)


def test_a_value_names_its_winner_and_the_losing_candidates() -> None:
    answer = asked("name", member("csv", "1", name="ACME"), member("s4", "2", name="Acme GmbH"))
    assert answer.rule == "trusted"
    assert answer.sentence.endswith(".")
    assert [(c.member.source, c.value, c.trust, c.won) for c in answer.candidates] == [
        ("s4", "Acme GmbH", 60, True),
        ("csv", "ACME", 40, False),
    ]


def test_the_value_of_a_single_record_is_its_own() -> None:
    answer = asked("name", member("csv", "1", name="ACME"))
    assert answer.rule == "only"
    assert [candidate.won for candidate in answer.candidates] == [True]


def test_a_path_without_a_value_is_named() -> None:
    with pytest.raises(UnknownName, match="lei"):
        asked("lei", member("csv", "1", name="ACME"))
    with pytest.raises(UnknownName, match="colour"):
        asked("colour", member("csv", "1", name="ACME"))


@given(groups)
def test_every_value_of_every_group_can_be_asked_why(group: list[Member]) -> None:
    survived = golden(*group)
    told = Golden(SUPPLIER, survived.document, survived.lineage)
    for path in survived.lineage["fields"]:
        answer = why(told, path, group, TRUST, TODAY)
        assert answer.candidates[0].won, path
        assert sum(candidate.won for candidate in answer.candidates) == 1


@given(timelines)
def test_every_value_of_every_slice_can_be_asked_why(group: list[Member]) -> None:
    survived = survive(COST_CENTER, group, TRUST, TODAY, new_child_id=KEYS.child_id)
    told = Golden(COST_CENTER, survived.document, survived.lineage)
    for state in survived.document["slices"]:
        path = f"slices/{state.get('valid_from') or ''}/name"
        answer = why(told, path, group, TRUST, TODAY)
        assert answer.candidates[0].won
        assert answer.candidates[0].value == state["name"]


def test_a_slice_that_there_is_not_is_named() -> None:
    group = [cost_center("s4", "2024-01-01", name="Sales")]
    survived = survive(COST_CENTER, group, TRUST, TODAY, new_child_id=KEYS.child_id)
    with pytest.raises(UnknownName, match="2024-01-01"):
        why(
            Golden(COST_CENTER, survived.document, survived.lineage),
            "slices/2030-01-01/name",
            group,
            TRUST,
            TODAY,
        )
