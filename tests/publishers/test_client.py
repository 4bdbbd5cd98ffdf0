"""The reference consumer ends up with what the hub published, whatever the broker does to it."""

from __future__ import annotations

import random
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from mdm.golden.decide import Change
from mdm.publication.message import Event, OutboxRow, Published, envelope, publish_changes
from publishers.client import Gap, Holding, Taken
from tests.publishers.hub import golden, golden_id, subscription

STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["new", "same", "merged", "retired"])),
    max_size=25,
)


def published(steps: list[tuple[int, str]]) -> list[bytes]:
    """Envelopes of a random history of four suppliers."""
    held: dict[tuple[str, str], Published] = {}
    sent: list[bytes] = []
    names = dict.fromkeys(range(4), 0)
    for version, (number, what) in enumerate(steps, start=1):
        names[number] += what == "new"
        after = golden(
            number,
            version,
            f"name {names[number]}",
            status=what if what in ("merged", "retired") else "active",
            merged_into=golden_id(number + 1) if what == "merged" else None,
        )
        change = Change(None, after, what)
        for event in publish_changes(
            [subscription()], "supplier", [change], held, date(2026, 11, 21)
        ):
            held[(event.subscriber, event.golden_id)] = Published(
                event.entityversion, event.digest, event.record, event.status
            )
            sent.append(envelope(outbox_row(event, len(sent) + 1), "hub"))
    return sent


def outbox_row(event: Event, number: int) -> OutboxRow:
    return OutboxRow(
        id=number,
        position=number,
        subscriber=event.subscriber,
        domain="supplier",
        golden_id=event.golden_id,
        entityversion=event.entityversion,
        type=event.type,
        correlation_id="c",
        at="2026-11-21T00:00:00.000000Z",
        data=event.data,
        epoch=1,
    )


def in_order(sent: list[bytes]) -> Holding:
    holding = Holding()
    for payload in sent:
        assert holding.take(payload) is Taken.APPLIED
    return holding


@given(STEPS, st.integers(0, 2**32))
def test_repeated_and_reordered_events_leave_the_same_state(
    steps: list[tuple[int, str]], seed: int
) -> None:
    sent = published(steps)
    expected = in_order(sent)
    mixed = sent + sent[::2]
    random.Random(seed).shuffle(mixed)
    holding = Holding()
    for payload in mixed:
        holding.take(payload)
    assert holding.records == expected.records
    assert holding.leads_to == expected.leads_to
    assert holding.versions == expected.versions


@given(STEPS)
def test_an_event_heard_twice_is_applied_once(steps: list[tuple[int, str]]) -> None:
    sent = published(steps)
    holding = in_order(sent)
    assert all(holding.take(payload) is Taken.DROPPED for payload in sent)


def test_a_missing_event_shows_as_a_gap() -> None:
    sent = published([(0, "new"), (0, "new"), (0, "new"), (0, "new")])
    holding = Holding()
    assert holding.take(sent[0]) is Taken.APPLIED
    assert holding.take(sent[3]) is Taken.APPLIED_AFTER_GAP
    assert holding.gaps == [Gap(golden_id(0), 1, 2, 3)]


def test_merged_ids_lead_to_the_survivor() -> None:
    holding = in_order(
        published([(0, "new"), (1, "new"), (2, "new"), (0, "merged"), (1, "merged")])
    )
    assert holding.current_id(golden_id(0)) == golden_id(2)
    assert set(holding.records) == {golden_id(2)}
