"""What the history of links says of any moment is what stood then."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from mdm.store import whole
from mdm.store.hub import Hub
from tests.mdm.laws import world

SCORED = "left_id, right_id, probability, verdict, evidence, rules, tx"
THEN = (
    f"SELECT {SCORED} FROM edge WHERE tx <= :tx UNION ALL"
    f" SELECT {SCORED} FROM edge_history WHERE tx <= :tx AND until_tx > :tx"
)


def stood(connection: Connection, tx: int) -> Counter[tuple[Any, ...]]:
    """The scored pairs after a transaction, as edges and their history tell them."""
    return Counter(tuple(row) for row in connection.execute(text(THEN), {"tx": tx}))


@given(loads=st.lists(world.by_key, min_size=2, max_size=5), size=st.integers(1, 6))
def test_edges_and_their_history_tell_every_moment(
    hub: Hub, loads: list[list[dict[str, str]]], size: int
) -> None:
    world.clear(hub)
    kept = {}
    for payloads in loads:
        world.take(hub, payloads, size)
        with hub.database.read() as connection:
            rows = connection.execute(text(f"SELECT {SCORED} FROM edge"))
            kept[whole.latest_transaction(connection)] = Counter(map(tuple, rows))
    with hub.database.read() as connection:
        assert {tx: stood(connection, tx) for tx in kept} == kept
