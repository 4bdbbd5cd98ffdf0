"""Law 5: a merge that is taken back leaves everything as if it had never been made."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import assume, event, given, reject
from hypothesis import strategies as st

from mdm.decisions import Said, say
from mdm.errors import HubError
from mdm.merging import Acting, merge, unmerge
from mdm.store import decisions, find
from mdm.store.hub import Hub
from mdm.store.transaction import transaction
from tests.mdm.laws import world
from tests.mdm.laws.acts import Deed, History, answers, deeds, founders, published
from tests.mdm.laws.world import State, state

some = st.lists(deeds, min_size=1, max_size=5)


@dataclass(frozen=True)
class Case:
    """What happens before the merge and between merge and unmerge, and what is merged."""

    first: list[dict[str, str]]
    before: list[Deed]
    meanwhile: list[Deed]
    places: tuple[int, int]
    """Which two golden records, in the order of the keys that founded them."""
    chosen: int | None
    """Which of the two survives; None: the older."""


cases = st.builds(
    Case,
    first=st.lists(world.rows, min_size=3, max_size=6, unique_by=lambda row: row["id"]),
    before=some,
    meanwhile=some,
    places=st.tuples(st.integers(0, 5), st.integers(0, 4)),
    chosen=st.sampled_from([None, 0, 1]),
)


@given(case=cases)
def test_merge_other_acts_unmerge_equals_the_other_acts(hub: Hub, case: Case) -> None:
    start = Deed("load", rows=tuple(tuple(sorted(row.items())) for row in case.first))
    world.clear(hub)
    one = History(hub)
    earlier = [deed for deed in (start, *case.before) if one.do(deed)]
    ids = founders(hub)
    originals = frozenset(ids)
    assume(len(ids) > 1)
    one_key, other_key = _two(sorted(ids), case.places)
    pair = [ids[one_key], ids[other_key]]
    retired = _merged(one, pair, None if case.chosen is None else pair[case.chosen])
    if retired is None:
        reject()
    one.originals = originals
    later = [deed for deed in case.meanwhile if one.do(deed)]
    sides = _unmerged(one, retired)
    if sides is None:
        reject()
    event(f"acts meanwhile: {len(later)}")
    one.finish()
    merged, answered = state(hub), answers(hub, originals)
    held = published(hub, originals)

    world.clear(hub)
    other = History(hub)
    assert all(other.do(deed) for deed in earlier)
    other.act("merge")
    other.originals = originals
    assume(all(other.do(deed) for deed in later))  # that a person could do without the merge too
    with transaction(hub.database, other.act("unmerge")) as tx:
        say(tx, hub, Said("different", world.SUPPLIER, *sides))
    other.finish()
    assert _readable(merged) == _readable(state(hub))
    assert answered == answers(hub, originals)
    assert held == published(hub, originals)


def _two(keys: list[str], places: tuple[int, int]) -> tuple[str, str]:
    """Two different keys, by places that count round."""
    one = keys.pop(places[0] % len(keys))
    return one, keys[places[1] % len(keys)]


def _merged(history: History, pair: list[str], survivor: str | None) -> str | None:
    """The id that retired; None where the merge is refused."""
    one, other = pair
    try:
        with transaction(history.hub.database, history.act("merge")) as tx:
            merge(Acting(tx, history.hub, world.SUPPLIER, "law"), one, other, survivor)
    except HubError:
        return None
    with history.hub.database.read() as connection:
        return one if find.answering_id(connection, one) != one else other


def _unmerged(history: History, original: str) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The sides of the decision that keeps the two apart; None where it is refused."""
    try:
        with transaction(history.hub.database, history.act("unmerge")) as tx:
            survivor = find.answering_id(tx.connection, original)
            acting = Acting(tx, history.hub, world.SUPPLIER, "law")
            done = unmerge(acting, str(survivor), original, "subtree")
            left, right = decisions.sides(tx.connection, done.decision)
    except HubError:
        return None
    elsewhere = f"{original} leads to"  # by a decision made meanwhile, which stands
    lost = [said for said in done.not_restored if not said.startswith(elsewhere)]
    assert lost == [], lost
    return tuple(left), tuple(right)


def _readable(found: State) -> tuple[list[str], list[str]]:
    return sorted(found.goldens), sorted(found.tasks)
