"""What was answered once is answered for ever: of a day, as known after a transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from mdm import clock
from mdm.asking import listing, lookup
from mdm.asking.answer import When
from mdm.asking.listing import Wish
from mdm.decisions import Said, say, unsay
from mdm.domains import DOMAINS
from mdm.errors import Conflict, NotFound
from mdm.people.rights import Caller
from mdm.push import push
from mdm.store.hub import Hub
from mdm.store.known import Moment
from mdm.store.sequencer import number_settled
from mdm.store.transaction import Act, transaction
from tests.mdm.laws import world

READER = Caller("law", frozenset({"auditor"}))
DAYS = [date(2026, 2, 1), date(2026, 7, 1)]
days = st.sampled_from(["2026-01-01", "2026-02-01", "2026-07-01", "", "2090-01-01"])
entities = st.fixed_dictionaries(
    {
        "code": st.sampled_from(["1000", "2000"]),
        "name": st.sampled_from(["Nord GmbH", "Sued GmbH"]),
        "timezone": st.sampled_from(["Pacific/Auckland", "Europe/Berlin", "Nowhere/At All", ""]),
        "valid_to": days,
    }
)
centers = st.fixed_dictionaries(
    {
        "code": st.sampled_from(["47", "48"]),
        "name": st.sampled_from(["Lager", "Labor"]),
        "controlling_area": st.sampled_from(["A", "B"]),
        "legal_entity": st.sampled_from(["1000", "2000", ""]),
        "valid_from": days,
        "blocked": st.sampled_from(["true", "false"]),
    }
)
projects = st.fixed_dictionaries(
    {
        "code": st.sampled_from(["P1", "P2"]),
        "scope": st.just("X"),
        "controlling_area": st.sampled_from(["A", "B", ""]),
        "name": st.sampled_from(["Umbau", "Neubau"]),
        "legal_entity": st.sampled_from(["1000", ""]),
        "cost_center": st.sampled_from(["47", "48", ""]),
        "valid_from": days,
    }
)
steps = st.one_of(
    st.tuples(st.just("legal_entity"), entities),
    st.tuples(st.just("cost_center"), centers),
    st.tuples(st.just("project"), projects),
    st.tuples(st.just("supplier"), world.rows),
    st.tuples(st.just("decide"), st.tuples(st.booleans(), st.integers(0, 99), st.integers(0, 99))),
)


@dataclass
class Asked:
    """What was answered when a transaction was the last one."""

    number: int
    answers: dict[str, bytes | None] = field(default_factory=dict)


@given(told=st.lists(steps, min_size=2, max_size=6))
def test_an_answer_of_then_is_the_one_that_was_given_then(hub: Hub, told: list[Any]) -> None:
    world.clear(hub)
    given_then: list[Asked] = []
    for step in told:
        _do(hub, *step)
        number = _number(hub)
        given_then.append(Asked(number, _answers(hub, None)))
    for then in given_then:
        now = _answers(hub, Moment(seq=then.number))
        assert {name: now[name] for name in then.answers} == then.answers
        assert not any(now[name] for name in now.keys() - then.answers.keys())


def _do(hub: Hub, what: str, row: Any) -> None:
    if what != "decide":
        if what == "supplier":
            world.take(hub, [row])
        else:
            told = {name: value for name, value in row.items() if value}
            given = push(hub, "csv", what, [told], Act("push", "law"))
            assert [one.outcome for one in given] != ["rejected"], given
        return
    same, one, other = row
    with hub.database.read() as connection:
        ids = _column(connection, "SELECT id FROM source_record WHERE domain = 'supplier'")
        standing = _column(connection, "SELECT id FROM decision WHERE withdrawn_tx IS NULL")
    if standing and not same:
        with transaction(hub.database, Act("withdraw", "law", "supplier")) as tx:
            unsay(tx, hub, standing[one % len(standing)])
    elif len(ids) > 1 and ids[one % len(ids)] != ids[other % len(ids)]:
        said = Said("same", DOMAINS["supplier"], (ids[one % len(ids)],), (ids[other % len(ids)],))
        try:
            with transaction(hub.database, Act("decision", "law", "supplier")) as tx:
                say(tx, hub, said)
        except Conflict:
            return  # a decision that contradicts another is refused


def _column(connection: Any, sql: str) -> list[Any]:
    return [row[0] for row in connection.execute(text(f"{sql} ORDER BY 1"))]


def _number(hub: Hub) -> int:
    while number_settled(hub.database):
        pass
    with hub.database.read() as connection:
        return int(connection.scalar(text("SELECT max(seq) FROM hub_transaction")) or 0)


def _answers(hub: Hub, moment: Moment | None) -> dict[str, bytes | None]:
    """Every record by its id and its source keys, and every list, on every day."""
    with hub.database.read() as connection:
        ids = connection.execute(text("SELECT domain, golden_id FROM golden")).all()
        keys = connection.execute(text("SELECT domain, source_key FROM source_record")).all()
    found: dict[str, bytes | None] = {}
    for day in DAYS:
        asked = When(clock.now(), day, moment)
        for name, golden_id in ids:
            found[f"{golden_id} {day}"] = _one(hub, DOMAINS[name], golden_id, asked)
        for name, key in keys:
            found[f"{name} {key} {day}"] = _by_key(hub, DOMAINS[name], key, asked)
        for name, said in (
            ("supplier", {}),
            ("supplier", {"name": "Acme Logistik GmbH"}),
            ("supplier", {"account": "DE89370400440532013000"}),
            ("cost_center", {"name": "Lager"}),
            ("cost_center", {"legal_entity": "1000"}),
            ("project", {"cost_center": "47"}),
        ):
            wish = Wish(said, limit=2)
            page = listing.page(hub, READER, DOMAINS[name], wish, asked)
            bodies = b"\n".join(one.body() for one in page.results)
            found[f"{name} {said} {day}"] = bodies or None
    return found


def _one(hub: Hub, domain: Any, golden_id: str, asked: When) -> bytes | None:
    try:
        return lookup.one(hub, READER, domain, golden_id, asked).body()
    except NotFound:
        return None


def _by_key(hub: Hub, domain: Any, key: str, asked: When) -> bytes | None:
    try:
        return lookup.by_key(hub, READER, domain, ("csv", key), asked).body()
    except NotFound:
        return None
