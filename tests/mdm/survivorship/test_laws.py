"""What holds for every group: the order of members says nothing, and every value has an origin."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mdm.survivorship import Member, survive
from mdm.survivorship.state import alone, together
from mdm.survivorship.trust import Ranking
from tests.mdm.survivorship.groups import (
    COST_CENTER,
    KEYS,
    SUPPLIER,
    TODAY,
    TRUST,
    groups,
    members,
    timelines,
)


@given(groups, st.randoms())
def test_the_order_of_members_says_nothing(group: list[Member], chance: random.Random) -> None:
    shuffled = list(group)
    chance.shuffle(shuffled)
    one = survive(SUPPLIER, group, TRUST, TODAY, new_child_id=KEYS.child_id)
    other = survive(SUPPLIER, shuffled, TRUST, TODAY, new_child_id=KEYS.child_id)
    assert one == other


@given(timelines, st.randoms())
def test_the_order_of_slices_says_nothing(group: list[Member], chance: random.Random) -> None:
    shuffled = list(group)
    chance.shuffle(shuffled)
    one = survive(COST_CENTER, group, TRUST, TODAY, new_child_id=KEYS.child_id)
    other = survive(COST_CENTER, shuffled, TRUST, TODAY, new_child_id=KEYS.child_id)
    assert one == other


@given(groups)
def test_surviving_again_changes_nothing(group: list[Member]) -> None:
    once = survive(SUPPLIER, group, TRUST, TODAY, new_child_id=KEYS.child_id)
    again = survive(SUPPLIER, group, TRUST, TODAY, prior=once.document, new_child_id=KEYS.child_id)
    assert again == once


@given(groups)
def test_every_value_was_told_by_the_member_that_lineage_names(group: list[Member]) -> None:
    survived = survive(SUPPLIER, group, TRUST, TODAY, new_child_id=KEYS.child_id)
    by_key = {one.crosswalk: one for one in group}
    ordered = [by_key[source, key] for _, source, key in survived.lineage["members"]]
    assert ordered == sorted(group, key=lambda one: one.crosswalk)
    if len(group) == 1:
        assert survived.lineage["fields"] == {}
        return
    for path, (place, rule) in survived.lineage["fields"].items():
        assert rule
        assert told_at(survived.document, ordered[place].document, path.split("/")), path


def told_at(document: dict[str, Any], told: dict[str, Any], path: list[str]) -> bool:
    """Whether the value at a path of the golden document stands in what a member told."""
    if len(path) == 1:
        return bool(document[path[0]] == told[path[0]])
    child = next(one for one in document[path[0]] if one["id"] == path[1])
    if len(path) == 2:
        plain = {name: value for name, value in child.items() if name != "id"}
        return plain in told[path[0]]
    scope = [one for one in told[path[0]] if one["legal_entity"] == child["legal_entity"]]
    return any(one.get(path[2]) == child[path[2]] for one in scope)


@given(groups)
def test_every_field_and_child_has_an_origin(group: list[Member]) -> None:
    survived = survive(SUPPLIER, group, TRUST, TODAY, new_child_id=KEYS.child_id)
    if len(group) == 1:
        return
    fields = survived.lineage["fields"]
    for name, value in survived.document.items():
        if not isinstance(value, list):
            assert name in fields
            continue
        for child in value:
            path = f"{name}/{child['id']}"
            assert path in fields or any(known.startswith(path) for known in fields)


@given(groups)
def test_ids_of_children_are_never_given_twice(group: list[Member]) -> None:
    document = survive(SUPPLIER, group, TRUST, TODAY, new_child_id=KEYS.child_id).document
    ids = [child["id"] for value in document.values() if isinstance(value, list) for child in value]
    assert len(ids) == len(set(ids))


@given(groups, groups)
def test_who_leaves_takes_along_all_it_brought(one: list[Member], other: list[Member]) -> None:
    apart = [member for member in other if member.crosswalk not in {m.crosswalk for m in one}]
    before = survive(SUPPLIER, one, TRUST, TODAY, new_child_id=KEYS.child_id)
    merged = survive(
        SUPPLIER, [*one, *apart], TRUST, TODAY, prior=before.document, new_child_id=KEYS.child_id
    )
    after = survive(SUPPLIER, one, TRUST, TODAY, prior=merged.document, new_child_id=KEYS.child_id)
    assert after == before


@given(timelines)
def test_golden_slices_are_in_order_and_never_overlap(group: list[Member]) -> None:
    document = survive(COST_CENTER, group, TRUST, TODAY, new_child_id=KEYS.child_id).document
    periods = [
        (one.get("valid_from") or "", one.get("valid_to") or "9999-99-99")
        for one in document["slices"]
    ]
    assert all(start < end for start, end in periods)
    assert all(one[1] <= later[0] for one, later in pairwise(periods))


@given(timelines)
def test_a_golden_slice_holds_only_where_some_source_tells_one(group: list[Member]) -> None:
    document = survive(COST_CENTER, group, TRUST, TODAY, new_child_id=KEYS.child_id).document
    for state in document["slices"]:
        start = state.get("valid_from") or ""
        assert any(
            (one.document.get("valid_from") or "")
            <= start
            < (one.document.get("valid_to") or "9999-99-99")
            for one in group
        )


@given(members)
def test_the_short_way_for_one_member_gives_what_the_long_way_gives(one: Member) -> None:
    short = alone(SUPPLIER, one, None, KEYS.child_id)
    ranking = Ranking([one], TRUST, TODAY)
    long, _ = together(SUPPLIER, [one], ranking, None, KEYS.child_id)
    assert short == long
