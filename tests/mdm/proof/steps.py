"""What may happen to a hub, drawn at random: sources, people, configuration and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from hypothesis import note
from hypothesis import strategies as st
from sqlalchemy import text

from mdm.codes import Meaning, map_codes
from mdm.decisions import Said, say, unsay
from mdm.domains import DOMAINS
from mdm.errors import HubError
from mdm.merging import Acting, merge, unmerge
from mdm.overrides import Wanted, set_value, take_back
from mdm.pipeline import end_records
from mdm.push import push
from mdm.refresh import follow_up, tick
from mdm.store import configuration, follow_ups
from mdm.store.hub import Hub, trust_of
from mdm.store.transaction import Act, transaction
from mdm.survivorship import Lifetime
from tests.mdm.laws import world

SUPPLIER, COST_CENTER = DOMAINS["supplier"], DOMAINS["cost_center"]

OTHER = "csv2"
"""A second source of the same shape, less believed."""


def believed(source: str, points: int) -> str:
    """The text of a source that is believed so far."""
    return f"extends: csv\nname: {source}\ntrust: {points}\n"


days = st.integers(1, 28).map(lambda day: f"2026-03-{day:02}")
centers = st.fixed_dictionaries(
    {
        "code": st.sampled_from(["100", "200"]),
        "controlling_area": st.just("A1"),
        "name": st.sampled_from(["Sales", "Research"]),
        "legal_entity": st.sampled_from(["1000", "2000"]),
        "valid_from": days,
        "valid_through": st.sampled_from(["", "2026-03-20", "2026-12-31"]),
    }
)
entities = st.fixed_dictionaries(
    {
        "code": st.sampled_from(["1000", "2000"]),
        "name": st.just("Acme"),
        "country": st.sampled_from(["DE", "US"]),
        "region": st.sampled_from(["EU", "US"]),
        "timezone": st.sampled_from(["", "Pacific/Auckland", "Pacific/Niue"]),
    }
)


@dataclass(frozen=True)
class Step:
    """Something that happens to a hub, on a day."""

    kind: str
    day: str
    row: dict[str, str]
    number: int
    """Picks a record, decision or override among those there are."""
    flag: bool


steps = st.lists(
    st.one_of(
        st.builds(
            Step,
            st.sampled_from(
                ["supplier", "supplier", "late", "decide", "decide", "unsay", "end", "map"]
            ),
            days,
            world.rows,
            st.integers(0, 30),
            st.booleans(),
        ),
        st.builds(Step, st.just("cost_center"), days, centers, st.just(0), st.booleans()),
        st.builds(Step, st.just("legal_entity"), days, entities, st.just(0), st.booleans()),
        st.builds(
            Step,
            st.sampled_from(
                ["tick", "override", "take_back", "merge", "merge", "unmerge", "trust"]
            ),
            days,
            st.just({}),
            st.integers(0, 30),
            st.booleans(),
        ),
    ),
    min_size=1,
    max_size=12,
)


def happen(hub: Hub, step: Step) -> None:
    """Lets the step happen; one that the hub refuses changes nothing."""
    act = Act(step.kind, "law", at=datetime.fromisoformat(f"{step.day}T12:00:00Z"))
    try:
        ACTS[step.kind](hub, step, act)
    except HubError as refused:
        note(f"refused: {refused}")


def _push(hub: Hub, step: Step, act: Act) -> None:
    source = OTHER if step.flag else "csv"
    push(hub, source, step.kind, [step.row], _in(act, step.kind))


def _in(act: Act, domain: str) -> Act:
    return Act(act.kind, act.actor, domain, at=act.at)


def _late(hub: Hub, step: Step, act: Act) -> None:
    """A version of any place in the source's own order."""
    batch_of = world.arrivals(hub, [step.row])
    arrivals = [
        msgspec.structs.replace(arrival, sequence=f"{step.number % 4:03}")
        for arrival in batch_of.arrivals
    ]
    world.apply_arrivals(hub, batch_of, arrivals, _in(act, "supplier"))


def _one_of(hub: Hub, sql: str, number: int) -> int | None:
    with hub.database.read() as connection:
        ids = [row[0] for row in connection.execute(text(sql))]
    return ids[number % len(ids)] if ids else None


RECORDS = "SELECT id FROM source_record WHERE domain = 'supplier' ORDER BY id"


def _decide(hub: Hub, step: Step, act: Act) -> None:
    one = _one_of(hub, RECORDS, step.number)
    other = _one_of(hub, RECORDS, step.number * 7 + 1)
    if one is not None and other is not None and one != other:
        kind = "same" if step.flag else "different"
        with transaction(hub.database, _in(act, "supplier")) as tx:
            say(tx, hub, Said(kind, SUPPLIER, (one,), (other,)))


def _unsay(hub: Hub, step: Step, act: Act) -> None:
    sql = "SELECT id FROM decision WHERE withdrawn_tx IS NULL ORDER BY id"
    number = _one_of(hub, sql, step.number)
    if number is not None:
        with transaction(hub.database, _in(act, "supplier")) as tx:
            unsay(tx, hub, number)


def _end(hub: Hub, step: Step, act: Act) -> None:
    record = _one_of(hub, RECORDS, step.number)
    if record is not None:
        with transaction(hub.database, _in(act, "supplier")) as tx:
            end_records(tx, hub, SUPPLIER, [record], None)


def _override(hub: Hub, step: Step, act: Act) -> None:
    sql = "SELECT no FROM golden WHERE domain = 'supplier' ORDER BY no"
    number = _one_of(hub, sql, step.number)
    if number is None:
        return
    with hub.database.read() as connection:
        golden_id = connection.scalar(
            text("SELECT golden_id FROM golden WHERE no = :no"), {"no": number}
        )
    lifetimes = [Lifetime.FOR_EVER, Lifetime.WHILE_CONSOLIDATED, Lifetime.UNTIL_NEWS]
    wanted = Wanted("name", "Set by hand", "the register", lifetimes[step.number % 3])
    with transaction(hub.database, _in(act, "supplier")) as tx:
        set_value(tx, hub, SUPPLIER, str(golden_id), wanted)


def _take_back(hub: Hub, step: Step, act: Act) -> None:
    sql = "SELECT id FROM override WHERE withdrawn_tx IS NULL ORDER BY id"
    number = _one_of(hub, sql, step.number)
    if number is not None:
        with transaction(hub.database, _in(act, "supplier")) as tx:
            take_back(tx, hub, number)


def _merge(hub: Hub, step: Step, act: Act) -> None:
    with hub.database.read() as connection:
        found = connection.execute(
            text("SELECT golden_id FROM golden WHERE domain = 'supplier' ORDER BY no")
        )
        ids = [str(row[0]) for row in found]
    if ids:
        one, other = ids[step.number % len(ids)], ids[(step.number * 7 + 1) % len(ids)]
        with transaction(hub.database, _in(act, "supplier")) as tx:
            merge(Acting(tx, hub, SUPPLIER, "the same"), one, other, other if step.flag else None)


def _unmerge(hub: Hub, step: Step, act: Act) -> None:
    with hub.database.read() as connection:
        found = connection.execute(
            text("SELECT merged_into, golden_id FROM golden WHERE status = 'merged' ORDER BY no")
        )
        pairs = [(str(row[0]), str(row[1])) for row in found]
    if pairs:
        survivor, original = pairs[step.number % len(pairs)]
        with transaction(hub.database, _in(act, "supplier")) as tx:
            acting = Acting(tx, hub, SUPPLIER, "not the same")
            unmerge(acting, survivor, original, "subtree" if step.flag else "linear")


def _map(hub: Hub, step: Step, act: Act) -> None:
    """Says what country a source means by a code, be it one that nobody knew or a mistake."""
    told = step.row | {"country": "Utopia"}
    push(hub, "csv", "supplier", [told], Act("supplier", "law", "supplier", at=act.at))
    meaning = Meaning("csv", "supplier", "country", "Utopia", "FI" if step.flag else "DE")
    map_codes(hub, [meaning], replace(act, reason="they said so"))


def _tick(hub: Hub, _step: Step, act: Act) -> None:
    assert act.at is not None
    tick(hub, act.at, "law")


def _trust(hub: Hub, step: Step, act: Act) -> None:
    """One of the two sources is believed more or less, and all are decided anew by it."""
    source = OTHER if step.flag else "csv"
    with transaction(hub.database, replace(act, kind="config")) as tx:
        before = trust_of(tx.connection, hub)
        configuration.activate(tx, "source", source, believed(source, 10 * (step.number % 10)))
        follow_ups.add_trust(tx, before, trust_of(tx.connection, hub))
    follow_up(hub)


ACTS: dict[str, Callable[[Hub, Step, Act], None]] = {
    "map": _map,
    "supplier": _push,
    "cost_center": _push,
    "legal_entity": _push,
    "late": _late,
    "decide": _decide,
    "unsay": _unsay,
    "end": _end,
    "override": _override,
    "take_back": _take_back,
    "merge": _merge,
    "unmerge": _unmerge,
    "tick": _tick,
    "trust": _trust,
}
