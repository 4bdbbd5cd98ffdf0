"""The laws of the hub as properties, each on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from mdm import pairing
from mdm.decisions import Said, say, unsay
from mdm.store import gather
from mdm.store.hub import Hub
from mdm.store.transaction import Act, transaction
from tests.mdm.laws import world

ALIKE = 50
"""Cases for what is no law but two ways of working: forming one row in columns takes long, and
`tests/matching/test_twins.py` holds the two ways equal without a database."""


@given(payloads=world.tables_of_rows, size=st.integers(1, 10))
def test_loading_the_same_twice_changes_nothing(
    hub: Hub, payloads: list[dict[str, str]], size: int
) -> None:
    world.clear(hub)
    last = list({row["id"]: row for row in payloads}.values())
    world.take(hub, last, size)
    before = world.counts(hub)
    again = world.take(hub, last, size)
    assert (again.added, again.changed, again.golden_changed, again.tasks_opened) == (0, 0, 0, 0)
    assert world.counts(hub) == before


@given(payloads=world.by_key, sizes=st.tuples(st.integers(1, 6), st.integers(1, 6)), data=st.data())
def test_neither_batch_size_nor_order_of_arrival_matters(
    hub: Hub, payloads: list[dict[str, str]], sizes: tuple[int, int], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(payloads))
    world.clear(hub)
    world.take(hub, payloads, sizes[0])
    one = world.state(hub)
    world.clear(hub)
    world.take(hub, shuffled, sizes[1])
    assert world.state(hub) == one


@given(first=world.by_key, last=world.by_key)
def test_only_the_latest_version_of_each_record_counts(
    hub: Hub, first: list[dict[str, str]], last: list[dict[str, str]]
) -> None:
    world.clear(hub)
    world.take(hub, first)
    world.take(hub, last)
    one = world.state(hub)
    world.clear(hub)
    world.take(hub, list({row["id"]: row for row in [*first, *last]}.values()))
    assert world.state(hub) == one


@given(payloads=world.by_key, later=world.by_key, data=st.data())
def test_a_decision_stays_whatever_sources_tell_until_it_is_withdrawn(
    hub: Hub, payloads: list[dict[str, str]], later: list[dict[str, str]], data: st.DataObject
) -> None:
    assume(len(payloads) > 1)
    one, other = data.draw(st.permutations([row["id"] for row in payloads]))[:2]
    kind = data.draw(st.sampled_from(["same", "different"]))
    world.clear(hub)
    world.take(hub, payloads)
    world.take(hub, later)
    undecided = world.state(hub)
    world.clear(hub)
    world.take(hub, payloads)
    with hub.database.read() as connection:
        rows = connection.execute(text("SELECT source_key, id FROM source_record"))
        ids = {str(key): int(number) for key, number in rows}
    act = Act("decision", "law", "supplier")
    with transaction(hub.database, act) as tx:
        number = say(tx, hub, Said(kind, world.SUPPLIER, (ids[one],), (ids[other],)))
    for told in ([], later):
        world.take(hub, told)
        with hub.database.read() as connection:
            answering = gather.golden_ids_of(connection, [ids[one], ids[other]]).values()
        assert len(set(answering)) == (1 if kind == "same" else 2)
    with transaction(hub.database, act) as tx:
        unsay(tx, hub, number)
    assert world.state(hub) == undecided


@settings(max_examples=min(settings().max_examples, ALIKE))
@given(payloads=world.tables_of_rows, size=st.integers(5, 10))
def test_in_columns_or_one_by_one_makes_no_difference(
    hub: Hub, payloads: list[dict[str, str]], size: int
) -> None:
    states = []
    for many in (1, 10**9):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pairing, "MANY", many)
            world.clear(hub)
            world.take(hub, payloads, size)
            states.append(world.state(hub))
    assert states[0] == states[1]


@given(payloads=world.tables_of_rows)
def test_golden_versions_have_no_gaps(hub: Hub, payloads: list[dict[str, str]]) -> None:
    world.clear(hub)
    world.take(hub, payloads, size=1)
    with hub.database.read() as connection:
        gaps = connection.execute(
            text(
                "SELECT golden.golden_id, golden.version, count(golden_history.version)"
                " FROM golden LEFT JOIN golden_history"
                " ON golden_history.golden_id = golden.golden_id"
                " GROUP BY golden.golden_id, golden.version"
                " HAVING golden.version <> count(golden_history.version) + 1"
            )
        ).all()
    assert gaps == []


@given(payloads=world.by_key)
def test_every_golden_value_names_its_source(hub: Hub, payloads: list[dict[str, str]]) -> None:
    world.clear(hub)
    world.take(hub, payloads)
    with hub.database.read() as connection:
        records = world._records(connection)
        ids = {str(record.golden_id) for record in records.values()}
        for golden in gather.goldens_by_id(connection, ids).values():
            members = golden.lineage["members"]
            assert [m[0] for m in members] == [
                r.id
                for r in sorted(records.values(), key=lambda r: r.crosswalk)
                if r.golden_id == golden.golden_id
            ]
