"""Random acts on the small world, each at its own instant: loads, decisions, merges, ticks ..."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st
from sqlalchemy import text

from mdm.decisions import Said, say, unsay
from mdm.errors import HubError
from mdm.intake import Batch
from mdm.merging import SCOPES, Acting, merge, unmerge
from mdm.overrides import Wanted, set_value, take_back
from mdm.pipeline import apply
from mdm.refresh import tick
from mdm.store import find, loads
from mdm.store.hub import Hub
from mdm.store.transaction import Act, Tx, transaction
from mdm.survivorship import Lifetime
from tests.mdm.laws import world

START = datetime(2027, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Deed:
    """One act, free of ids: records are named by their keys, earlier acts by their place."""

    kind: str
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()
    keys: tuple[str, ...] = ()
    said: str = ""
    value: str = ""
    lifetime: Lifetime = Lifetime.FOR_EVER
    days: int = 0


keys = st.sampled_from([f"V{number}" for number in range(6)])
two_keys = st.lists(keys, min_size=2, max_size=2, unique=True).map(tuple)
load = st.lists(world.rows, min_size=1, max_size=3).map(
    lambda rows: Deed("load", rows=tuple(tuple(sorted(row.items())) for row in rows))
)
decision = st.builds(
    Deed, kind=st.just("decision"), keys=two_keys, said=st.sampled_from(["same", "different"])
)
override = st.builds(
    Deed,
    kind=st.just("override"),
    keys=keys.map(lambda key: (key,)),
    said=st.sampled_from(["name", "phone", "email"]),
    value=st.sampled_from(["Acme Group SE", "+49 30 7654321", "office@acme.example"]),
    lifetime=st.sampled_from(list(Lifetime)),
    days=st.integers(1, 20),
)
withdrawal = st.builds(Deed, kind=st.sampled_from(["withdraw", "lift"]), days=st.integers(0, 3))
joining = st.builds(
    Deed,
    kind=st.sampled_from(["merge", "merge", "unmerge"]),
    keys=two_keys,
    said=st.sampled_from(SCOPES),
    days=st.integers(0, 1),
)
passing = st.builds(Deed, kind=st.just("tick"), days=st.integers(1, 15))
deeds = st.one_of(load, load, decision, override, override, withdrawal, joining, passing)


@dataclass
class History:
    """A hub on which deeds are done one after another, on a clock of its own."""

    hub: Hub
    at: datetime = START
    decisions: list[int] = field(default_factory=list)
    overrides: list[int] = field(default_factory=list)
    originals: frozenset[str] | None = None
    """Keys of the records whose golden ids an override may name; None: all that exist."""

    def act(self, kind: str) -> Act:
        """The next act: a minute after the one before."""
        self.at += timedelta(minutes=1)
        return Act(kind, "law", "supplier", at=self.at)

    def do(self, deed: Deed) -> bool:
        """Does the deed; False where it is refused, with nothing changed."""
        try:
            getattr(self, f"_{deed.kind}")(deed)
        except HubError:
            return False
        return True

    def finish(self) -> None:
        """Lets a long time pass, so that nothing is due any more."""
        self.at += timedelta(days=400)
        tick(self.hub, self.at, "law")

    def _load(self, deed: Deed) -> None:
        arrived = world.arrivals(self.hub, [dict(row) for row in deed.rows])
        source = self.hub.sources[world.SOURCE]
        batch = Batch(world.SOURCE, world.SUPPLIER, source.version, None, arrived.arrivals)
        with transaction(self.hub.database, self.act("load")) as tx:
            loads.keep_sealed(tx.connection, arrived.sealed)
            apply(tx, self.hub, batch)

    def _decision(self, deed: Deed) -> None:
        with transaction(self.hub.database, self.act("decision")) as tx:
            one, other = (self._record(tx, key) for key in deed.keys)
            self.decisions.append(
                say(tx, self.hub, Said(deed.said, world.SUPPLIER, (one,), (other,)))
            )

    def _override(self, deed: Deed) -> None:
        until = None
        if deed.lifetime is Lifetime.UNTIL_DATE:
            until = (self.at + timedelta(days=deed.days)).date()
        wanted = Wanted(deed.said, deed.value, "law", deed.lifetime, until)
        with transaction(self.hub.database, self.act("override")) as tx:
            golden_id = self._original(tx, deed.keys[0])
            self.overrides.append(set_value(tx, self.hub, world.SUPPLIER, golden_id, wanted))

    def _merge(self, deed: Deed) -> None:
        with transaction(self.hub.database, self.act("merge")) as tx:
            one, other = (self._original(tx, key) for key in deed.keys)
            acting = Acting(tx, self.hub, world.SUPPLIER, "law")
            survivor = one if deed.days else None
            self.decisions.append(merge(acting, one, other, survivor))

    def _unmerge(self, deed: Deed) -> None:
        with transaction(self.hub.database, self.act("unmerge")) as tx:
            original = self._original(tx, deed.keys[0])
            survivor = str(find.answering_id(tx.connection, original))
            acting = Acting(tx, self.hub, world.SUPPLIER, "law")
            self.decisions.append(unmerge(acting, survivor, original, deed.said).decision)

    def _withdraw(self, deed: Deed) -> None:
        with transaction(self.hub.database, self.act("withdraw")) as tx:
            unsay(tx, self.hub, _nth(self.decisions, deed.days))

    def _lift(self, deed: Deed) -> None:
        with transaction(self.hub.database, self.act("override_withdrawn")) as tx:
            take_back(tx, self.hub, _nth(self.overrides, deed.days))

    def _tick(self, deed: Deed) -> None:
        self.at += timedelta(days=deed.days)
        tick(self.hub, self.at, "law")

    def _original(self, tx: Tx, key: str) -> str:
        """The golden id that a record founded, if an act may name it."""
        golden_id = tx.connection.scalar(
            text("SELECT own_id FROM source_record WHERE source_key = :key"), {"key": key}
        )
        if golden_id is None or (self.originals is not None and key not in self.originals):
            raise HubError("No golden id was founded by this record.")
        return str(golden_id)

    def _record(self, tx: Tx, key: str) -> int:
        found = tx.connection.scalar(
            text("SELECT id FROM source_record WHERE source_key = :key"), {"key": key}
        )
        if found is None:
            raise HubError(f"There is no record {key}.")
        return int(found)


def _nth(numbers: Sequence[int], place: int) -> int:
    if place >= len(numbers):
        raise HubError("There is nothing to take back.")
    return numbers[place]


def founders(hub: Hub) -> dict[str, str]:
    """Golden ids by the key of the record that founded each."""
    with hub.database.read() as connection:
        rows: Any = connection.execute(
            text("SELECT source_key, own_id FROM source_record WHERE own_id IS NOT NULL")
        )
        return {str(key): str(own_id) for key, own_id in rows}


def answers(hub: Hub, originals: frozenset[str]) -> dict[str, tuple[bool, tuple[str, ...]]]:
    """Of each original: whether it answers for itself, and the records it answers with."""
    with hub.database.read() as connection:
        rows: Any = connection.execute(
            text("SELECT source_key, own_id, golden_id FROM source_record ORDER BY source_key")
        ).all()
    found = {}
    for key, own_id, golden_id in rows:
        if key in originals:
            members = tuple(str(other) for other, _own, answering in rows if answering == golden_id)
            found[str(key)] = (own_id == golden_id, members)
    return found


def published(hub: Hub, originals: frozenset[str]) -> dict[str, list[tuple[str, str, str]]]:
    """Of each original that answers for itself, what every subscriber holds of it now."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    with hub.database.read() as connection:
        rows: Any = connection.execute(
            text(
                "SELECT source_key, subscriber, published.status, published.record"
                " FROM source_record JOIN published ON published.golden_id = source_record.own_id"
                " WHERE source_record.own_id = source_record.golden_id ORDER BY 1, 2"
            )
        )
        for key, subscriber, status, record in rows:
            if key in originals:
                said = world.without_ids(msgspec.json.decode(record)) if record else None
                told = (str(subscriber), str(status), repr(said))
                found.setdefault(str(key), []).append(told)
    return found
