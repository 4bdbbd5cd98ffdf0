"""Merge and unmerge: ids lead on and come back, what was done meanwhile goes with its original."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mdm.domains import DOMAINS
from mdm.errors import BadRequest, Conflict, HubError, NeverMerged, RetiredRecord, SameRecord
from mdm.merging import LINEAR, SUBTREE, Acting, Unmerged, merge, unmerge, unmerge_records
from mdm.overrides import Wanted, set_value
from mdm.push import push
from mdm.store import find, gather
from mdm.store.hub import Hub
from mdm.store.transaction import Act, transaction
from tests.mdm.laws.world import counts

SUPPLIER = DOMAINS["supplier"]
NAMES = ("Zephyr Textilwerke GmbH", "Quintus Papier AG", "Borealis Oy", "Calypso Reisen SARL")


def suppliers(hub: Hub) -> list[str]:
    """Four suppliers that have nothing in common; their golden ids, the oldest first."""
    rows = [
        {"id": f"V{number}", "name": name, "country": "DE", "city": f"City{number}"}
        for number, name in enumerate(NAMES)
    ]
    told = push(hub, "csv", "supplier", rows, Act("push", "test"))
    return [str(one.golden_id) for one in told]


def acted(hub: Hub, what: Callable[[Acting], Any]) -> Any:
    """Does something to golden records in a transaction."""
    with transaction(hub.database, Act("merge", "steward", "supplier")) as tx:
        return what(Acting(tx, hub, SUPPLIER, "seen in the register"))


def merged(hub: Hub, one: str, other: str, survivor: str | None = None) -> int:
    """The decision that merges two golden records."""
    return int(acted(hub, lambda acting: merge(acting, one, other, survivor)))


def parted(hub: Hub, survivor: str, original: str, scope: str = SUBTREE) -> Unmerged:
    """The original taken out again."""
    done = acted(hub, lambda acting: unmerge(acting, survivor, original, scope))
    assert isinstance(done, Unmerged)
    return done


def answering(hub: Hub, golden_id: str) -> str | None:
    """The id that answers for this one."""
    with hub.database.read() as connection:
        return find.answering_id(connection, golden_id)


def records_of(hub: Hub, golden_id: str) -> list[int]:
    """The source records of a golden record."""
    with hub.database.read() as connection:
        return sorted(gather.records_of_goldens(connection, [golden_id]))


def test_the_older_survives_unless_a_steward_chooses(hub: Hub) -> None:
    a, b, c, d = suppliers(hub)
    merged(hub, b, a)
    assert answering(hub, b) == a
    merged(hub, c, d, survivor=d)
    assert answering(hub, c) == d


def test_retired_ids_lead_on_through_chains_and_come_back_one_by_one(hub: Hub) -> None:
    a, b, c, _ = suppliers(hub)
    merged(hub, b, c)
    merged(hub, a, b)
    assert [answering(hub, one) for one in (a, b, c)] == [a, a, a]
    done = parted(hub, a, b)
    assert (done.restored, done.not_restored) == ([b], [])
    assert [answering(hub, one) for one in (a, b, c)] == [a, b, b]
    parted(hub, b, c)
    assert [answering(hub, one) for one in (a, b, c)] == [a, b, c]


def test_the_linear_way_takes_one_out_and_leaves_what_was_merged_into_it(hub: Hub) -> None:
    a, b, c, _ = suppliers(hub)
    merged(hub, b, c)
    merged(hub, a, b)
    done = parted(hub, a, b, LINEAR)
    assert (done.restored, done.not_restored) == ([b], [])
    assert [answering(hub, one) for one in (a, b, c)] == [a, b, a]


def test_the_survivor_that_a_steward_chose_stays_so_when_one_is_taken_out(hub: Hub) -> None:
    a, b, c, _ = suppliers(hub)
    merged(hub, a, b, survivor=b)
    merged(hub, b, c, survivor=c)
    done = parted(hub, c, b, LINEAR)
    assert (done.restored, done.not_restored) == ([b], [])
    assert [answering(hub, one) for one in (a, b, c)] == [c, b, c]


def test_the_parts_stay_apart_however_alike_they_become(hub: Hub) -> None:
    a, b, *_ = suppliers(hub)
    merged(hub, a, b)
    parted(hub, a, b)
    row = {"name": NAMES[0], "country": "DE", "city": "City0", "vat_number": "DE136695976"}
    push(hub, "csv", "supplier", [{"id": f"V{n}", **row} for n in (0, 1)], Act("push", "test"))
    assert (answering(hub, a), answering(hub, b)) == (a, b)


def test_an_override_goes_with_the_original_it_was_set_on(hub: Hub) -> None:
    a, b, *_ = suppliers(hub)
    merged(hub, a, b)
    with transaction(hub.database, Act("override", "steward", "supplier")) as tx:
        set_value(tx, hub, SUPPLIER, b, Wanted("website", "quintus.example", "told by phone"))
    with hub.database.read() as connection:
        assert "quintus.example" in str(gather.goldens_by_id(connection, [a])[a].record)
    parted(hub, a, b)
    with hub.database.read() as connection:
        after = gather.goldens_by_id(connection, [a, b])
    assert after[b].record["website"] == "quintus.example"
    assert "website" not in after[a].record


def test_source_records_can_be_taken_out_too(hub: Hub) -> None:
    a, b, c, _ = suppliers(hub)
    merged(hub, a, b)
    merged(hub, a, c)
    leaving = records_of(hub, a)[1:2]
    done = acted(hub, lambda acting: unmerge_records(acting, a, leaving))
    assert done.restored == [b]
    assert [answering(hub, one) for one in (a, b, c)] == [a, b, a]


def test_a_decision_that_keeps_them_apart_is_named(hub: Hub) -> None:
    a, b, *_ = suppliers(hub)
    merged(hub, a, b)
    number = parted(hub, a, b).decision
    with pytest.raises(Conflict, match=str(number)):
        merged(hub, a, b)


REFUSED: list[tuple[Callable[[Hub, list[str]], Any], type[HubError]]] = [
    (lambda hub, ids: merged(hub, ids[0], ids[0]), SameRecord),
    (lambda hub, ids: merged(hub, ids[2], ids[1]), RetiredRecord),
    (lambda hub, ids: merged(hub, ids[2], ids[3], survivor=ids[0]), BadRequest),
    (lambda hub, ids: parted(hub, ids[0], ids[3]), NeverMerged),
    (lambda hub, ids: parted(hub, ids[0], ids[0]), NeverMerged),
    (lambda hub, ids: parted(hub, ids[0], ids[1], "sideways"), BadRequest),
]


@pytest.mark.parametrize(("act", "error"), REFUSED)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(
    sqlite_hub: Hub, act: Callable[[Hub, list[str]], Any], error: type[HubError]
) -> None:
    ids = suppliers(sqlite_hub)
    merged(sqlite_hub, ids[0], ids[1])
    before = counts(sqlite_hub)
    with pytest.raises(error):
        act(sqlite_hub, ids)
    assert counts(sqlite_hub) == before


def test_what_the_rules_joined_is_taken_out_too_and_stays_apart(hub: Hub) -> None:
    a, b, *_ = suppliers(hub)
    vat = {"country": "DE", "vat_number": "DE136695976", "name": NAMES[0], "city": "City0"}
    rows = [{"id": f"V{number}", **vat} for number in (0, 1)]
    push(hub, "csv", "supplier", rows, Act("push", "test"))
    assert answering(hub, b) == a
    done = parted(hub, a, b)
    assert (done.restored, done.withdrawn, done.not_restored) == ([b], [], [])
    push(
        hub,
        "csv",
        "supplier",
        [{**row, "phone": "+49 30 1234567"} for row in rows],
        Act("push", "t"),
    )
    assert (answering(hub, a), answering(hub, b)) == (a, b)


def test_a_merge_brings_every_record_of_both_along(hub: Hub) -> None:
    def rows(stem: str, name: str, vat: str) -> list[dict[str, str]]:
        shared = {"name": name, "country": "DE", "vat_number": vat}
        return [{"id": f"{stem}{n}", "city": f"City{n}", **shared} for n in range(3)]

    told = rows("A", NAMES[0], "DE136695976") + rows("B", NAMES[1], "DE129273398")
    answers = push(hub, "csv", "supplier", told, Act("push", "test"))
    ids = list(dict.fromkeys(str(one.golden_id) for one in answers))
    assert len(ids) == 2
    merged(hub, ids[0], ids[1])
    assert len(records_of(hub, ids[0])) == 6
    parted(hub, ids[0], ids[1])
    assert [len(records_of(hub, one)) for one in ids] == [3, 3]
