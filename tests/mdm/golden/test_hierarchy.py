"""Hierarchies as rules: one parent a day, never a cycle, moves that end where they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm.errors import HierarchyCycle, InvertedPeriod, OverlappingParents
from mdm.golden.hierarchy import (
    END,
    START,
    TOLD,
    Edge,
    compare,
    place,
    refuse_cycle,
    refuse_overlaps,
    tree_on,
)

NODES = "abcdef"
FIRST = date(2026, 1, 1)
DAYS = [(FIRST + timedelta(days=n)).isoformat() for n in range(12)]


def test_a_move_cuts_what_was_said_before_and_lets_it_resume_after() -> None:
    said = [Edge("a", "b", DAYS[0], END, number=1)]
    done = place(said, Edge("a", "c", DAYS[3], DAYS[5]))
    assert done.ended == [1]
    assert [(one.parent, one.start, one.end) for one in done.begun] == [
        ("c", DAYS[3], DAYS[5]),
        ("b", DAYS[0], DAYS[3]),
        ("b", DAYS[5], END),
    ]


def test_an_open_move_holds_until_the_planned_one() -> None:
    planned = [Edge("a", "b", DAYS[6], END, number=1)]
    done = place(planned, Edge("a", "c", DAYS[3]))
    assert (done.ended, done.begun) == ([], [Edge("a", "c", DAYS[3], DAYS[6])])


def test_a_move_that_reaches_into_a_planned_one_names_the_record_the_parents_and_the_day() -> None:
    planned = [Edge("a", "b", DAYS[6], END, number=1)]
    with pytest.raises(OverlappingParents, match=f"a would have two parents on {DAYS[6]}: c .* b"):
        place(planned, Edge("a", "c", DAYS[3], DAYS[8]))


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    for end in (DAYS[3], DAYS[2]):
        with pytest.raises(InvertedPeriod):
            place([], Edge("a", "b", DAYS[3], end))


def test_two_moves_of_one_record_on_one_day_are_refused() -> None:
    with pytest.raises(OverlappingParents, match=f"two parents on {DAYS[2]}: b and c"):
        refuse_overlaps([Edge("a", "c", DAYS[2]), Edge("a", "b", DAYS[0], DAYS[3])])
    refuse_overlaps([Edge("a", "c", DAYS[3]), Edge("a", "b", DAYS[0], DAYS[3])])


def test_a_cycle_names_its_records_and_the_first_day_of_it() -> None:
    edges = [Edge("b", "c", DAYS[2]), Edge("c", "a", DAYS[4], DAYS[6])]
    with pytest.raises(HierarchyCycle, match=f"From {DAYS[4]} on .* a under b under c under a"):
        refuse_cycle(edges, Edge("a", "b", DAYS[0]))
    refuse_cycle(edges, Edge("a", "b", DAYS[6]))


def test_a_persons_word_counts_before_what_a_source_tells_and_none_makes_a_root() -> None:
    told = Edge("a", "b", rank=TOLD)
    edges = [told, Edge("a", "c", DAYS[1], DAYS[2]), Edge("a", None, DAYS[2], DAYS[3])]
    found = [tree_on(edges, day).parent.get("a") for day in DAYS[:4]]
    assert found == ["b", "c", None, "b"]


def test_a_cycle_that_sources_tell_is_left_out_at_one_edge() -> None:
    told = [Edge("a", "b", rank=TOLD), Edge("b", "a", rank=TOLD), Edge("c", "a", rank=TOLD)]
    tree = tree_on(told, DAYS[0])
    assert [(one.child, one.parent) for one in tree.left_out] == [("b", "a")]
    assert tree.path("c") == ["b", "a", "c"]


def test_two_days_differ_by_what_came_what_left_and_what_moved() -> None:
    one = tree_on([Edge("b", "a"), Edge("c", "b"), Edge("d", "b")], DAYS[0])
    other = tree_on([Edge("b", "a"), Edge("c", "a"), Edge("e", "b")], DAYS[0])
    found = compare(one, other, "a")
    assert (found.added, found.removed, found.moved) == (["e"], ["d"], [("c", "b", "a")])


nodes = st.sampled_from(NODES)
steps = st.lists(
    st.tuples(
        nodes,
        st.one_of(st.none(), nodes),
        st.integers(0, len(DAYS) - 1),
        st.one_of(st.none(), st.integers(0, len(DAYS) - 1)),
    ),
    max_size=14,
)


class Model:
    """The same, day by day: a table of parents."""

    def __init__(self) -> None:
        self.parent: dict[tuple[str, str], str | None] = {}

    def apply(self, moved: Edge) -> None:
        for day in DAYS:
            if moved.start <= day < moved.end:
                self.parent[moved.child, day] = moved.parent

    def path(self, node: str, day: str) -> list[str]:
        found = [node]
        while (above := self.parent.get((found[-1], day))) is not None:
            assert above not in found
            found.append(above)
        return found[::-1]


@given(steps=steps)
def test_random_moves_never_make_a_cycle_nor_two_parents_and_agree_with_a_table(
    steps: list[tuple[str, str | None, int, int | None]],
) -> None:
    said: list[Edge] = []
    model = Model()
    for number, (child, parent, start, end) in enumerate(steps):
        wanted = Edge(child, parent, DAYS[start], END if end is None else DAYS[end])
        try:
            done = place([one for one in said if one.child == child], wanted)
            after = [one for one in said if one.number not in done.ended]
            after += [replace(one, number=100 * number + n) for n, one in enumerate(done.begun)]
            refuse_cycle(after, done.begun[0])
        except (HierarchyCycle, OverlappingParents, InvertedPeriod):
            continue
        said = after
        model.apply(done.begun[0])
    for day in DAYS:
        tree = tree_on(said, day)
        assert tree.left_out == ()
        for node in NODES:
            assert sum(one.holds_on(day) for one in said if one.child == node) <= 1
            assert tree.path(node) == model.path(node, day)
            below = {name for name, _depth in tree.below(node)}
            assert below == {name for name in NODES if node in model.path(name, day)}
    assert START < DAYS[0] < END
