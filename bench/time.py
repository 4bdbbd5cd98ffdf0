"""What time costs: lookups of a day and of an earlier moment against current ones, and histories.

    python -m bench.time                              100,000 records, a minute
    python -m bench.time --records 1000000            the size that the README tells
    python -m bench.time --databases sqlite

Cost centers of five versions, each under a legal entity that decides with it whether it is valid;
each answer is made whole, as it is sent. Ratios are of medians; the kinds take turns on the same
ids. Exit 1 where a figure is above its limit.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles

import msgspec
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench.load import databases
from bench.measure import machine
from mdm import clock
from mdm.asking import listing, lookup, origin
from mdm.asking.answer import When, etag
from mdm.asking.listing import Wish
from mdm.config import built_in
from mdm.domains import DOMAINS
from mdm.first_plan import golden_ids
from mdm.people.rights import Caller
from mdm.records import Document
from mdm.settings import Settings
from mdm.store.bulk import insert_rows
from mdm.store.database import Connection
from mdm.store.hub import Hub, initialise, open_hub
from mdm.store.known import Moment
from mdm.store.search_keys import search_keys
from mdm.store.tables.golden import golden, golden_history, search_key
from mdm.store.tables.log import transaction
from mdm.store.transaction import begin

VERSIONS = 5
LONG = 1_000
"""Versions of the record with the long history."""
PER_ACT = 1_000
"""Records that one transaction changes."""
ENTITIES = 50
PORTION = 50_000
MOST_RATIO, MOST_MILLISECONDS = 1.5, 50.0
READER = Caller("bench", frozenset({"auditor"}))
CENTER, ENTITY = DOMAINS["cost_center"], DOMAINS["legal_entity"]
START = datetime(2026, 1, 1, tzinfo=UTC)
VERSION = ("status", "region", "record", "lineage", "merged_into", "tx")
OUT = Console(width=110, highlight=False)


def center(number: int, version: int) -> Document:
    """A cost center as it stood in a version: three slices, the last of them still to come."""
    state = {
        "code": f"{number:08}",
        "controlling_area": "A000",
        "name": f"Cost center {number} as of version {version}",
        "legal_entity": f"{1000 + number % ENTITIES}",
        "profit_center": f"PC{number % 997:04}",
        "responsible": f"Person {(number + version) % 5003}",
        "category": "F",
        "hierarchy_area": f"H{number % 211:03}",
        "blocked": False,
        "status": "active",
    }
    turns = ("2020-01-01", "2024-07-01", "2090-01-01", "2190-01-01")
    return {
        "slices": [
            {"valid_from": start, "valid_to": end, **state} for start, end in pairwise(turns)
        ]
    }


def entity(number: int) -> Document:
    """A legal entity with a time zone of its own."""
    zone = ("Europe/Berlin", "Pacific/Auckland", "America/Chicago")[number % 3]
    code = f"{1000 + number}"
    return {"slices": [{"code": code, "name": f"Entity {code}", "timezone": zone}]}


def build(hub: Hub, records: int) -> list[str]:
    """Fills the tables as loads of these versions would; returns the ids of the cost centers."""
    ids = golden_ids(CENTER.prefix, records)
    acts = (records + PER_ACT - 1) // PER_ACT
    with _writing(hub) as connection:
        _acts(connection, VERSIONS * acts + LONG)
        _goldens(hub, connection, ENTITY.name, [(1, entity(n)) for n in range(ENTITIES)], ids=None)
    for start in range(0, records, PORTION):
        with _writing(hub) as connection:
            _centers(hub, connection, range(start, min(start + PORTION, records)), (ids, acts))
    with _writing(hub) as connection:
        _long_history(connection, ids[0], VERSIONS * acts)
    with hub.database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    return ids


@contextmanager
def _writing(hub: Hub) -> Iterator[Connection]:
    with hub.database.engine.connect() as connection:
        begin(connection, hub.database.dialect)
        yield connection
        connection.commit()


def _acts(connection: Connection, count: int) -> None:
    names = ("id", "kind", "actor", "correlation_id", "at", "recorded_at", "seq", "xid")
    rows = []
    for number in range(1, count + 1):
        at = clock.iso(START + timedelta(seconds=number))
        rows.append((number, "load", "bench", f"c{number}", at, at, number, number))
    connection.execute(text("DELETE FROM hub_transaction"))
    insert_rows(connection, transaction, names, rows)


def _goldens(
    hub: Hub,
    connection: Connection,
    domain: str,
    records: Sequence[tuple[int, Document]],
    ids: Sequence[str] | None,
) -> None:
    """Inserts current versions: (transaction, record), numbered on from what is there."""
    first = int(connection.scalar(text("SELECT max(no) FROM golden")) or 0) + 1
    named = ids or golden_ids(DOMAINS[domain].prefix, len(records))
    version = VERSIONS if domain == CENTER.name else 1
    rows, keys = [], []
    for place, (tx, record) in enumerate(records):
        body = ("active", "EU", _json(record), LINEAGE, None, tx)
        rows.append((first + place, named[place], domain, version, *body))
        found = search_keys(hub.keys.match_secret, DOMAINS[domain], record)
        keys += [(key, first + place) for key in found]
    insert_rows(connection, golden, ("no", "golden_id", "domain", "version", *VERSION), rows)
    insert_rows(connection, search_key, ("key", "golden_no"), keys)


LINEAGE = '{"members":[[1,"s4","A000/00000001@2020-01-01"]],"fields":{}}'


def _centers(
    hub: Hub, connection: Connection, some: range, told: tuple[Sequence[str], int]
) -> None:
    ids, acts = told
    current = [((VERSIONS - 1) * acts + n // PER_ACT + 1, center(n, VERSIONS)) for n in some]
    _goldens(hub, connection, CENTER.name, current, ids[some.start : some.stop])
    for version in range(1, VERSIONS):
        rows = []
        for number in some:
            tx = (version - 1) * acts + number // PER_ACT + 1
            body = ("active", "EU", _json(center(number, version)), LINEAGE, None, tx)
            rows.append((ids[number], version, *body, tx + acts))
        names = ("golden_id", "version", *VERSION, "until_tx")
        insert_rows(connection, golden_history, names, rows)


def _long_history(connection: Connection, golden_id: str, acts: int) -> None:
    """Gives one record its many versions."""
    rows = []
    for version in range(VERSIONS, LONG):
        tx = acts + version
        body = ("active", "EU", _json(center(0, version)), LINEAGE, None, tx)
        rows.append((golden_id, version, *body, tx + 1))
    names = ("golden_id", "version", *VERSION, "until_tx")
    insert_rows(connection, golden_history, names, rows)
    connection.execute(
        text("UPDATE golden SET version = :last, tx = :tx WHERE golden_id = :id"),
        {"last": LONG, "tx": acts + LONG, "id": golden_id},
    )


def _json(record: Document) -> str:
    return msgspec.json.encode(record).decode()


@dataclass(frozen=True, slots=True)
class Figure:
    """What one kind of question takes, in milliseconds."""

    name: str
    median: float
    p95: float
    limit: float | None = None
    """Milliseconds, or times the current lookup."""
    ratio: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the figure is within its limit."""
        measured = self.median if self.ratio is None else self.ratio
        return self.limit is None or measured <= self.limit


def measure(hub: Hub, ids: Sequence[str], times: int) -> list[Figure]:
    """Asks every kind of question in turn, on the same random ids."""
    picked = random.Random(20261121)
    with hub.database.read() as connection:
        last = int(connection.scalar(text("SELECT max(seq) FROM hub_transaction")) or 0) - LONG
    acts = last // VERSIONS
    now = When(clock.now())
    took: dict[str, list[float]] = {}
    for golden_id in picked.choices(ids[1:], k=times):
        day = date(2019, 6, 1) + timedelta(days=picked.randrange(30_000))
        seq = picked.randrange(acts, last)
        at = clock.iso(START + timedelta(seconds=seq))
        kinds = {
            "current": now,
            "as_of": replace(now, as_of=day),
            "known_at a number": replace(now, moment=Moment(seq=seq)),
            "known_at an instant": replace(now, moment=Moment(at=at)),
            "as_of and known_at": replace(now, as_of=day, moment=Moment(seq=seq)),
        }
        for name, asked in picked.sample(list(kinds.items()), len(kinds)):
            took.setdefault(name, []).append(_timed(lambda: _lookup(hub, golden_id, asked)))  # noqa: B023 - called at once
    current = median(took["current"])
    figures = [
        _figure(name, took[name], None if name == "current" else median(took[name]) / current)
        for name in kinds
    ]
    history = [_timed(lambda: _history(hub, ids[0])) for _ in range(20)]
    figures.append(replace(_figure(f"history of {LONG:,} versions", history), limit=50.0))
    for name, moment in (("now", None), ("then", Moment(seq=acts * 3))):
        pages = [_timed(lambda: _page(hub, now, moment)) for _ in range(20)]  # noqa: B023 - called at once
        figures.append(_figure(f"page of 50, {name}", pages))
    return figures


def _lookup(hub: Hub, golden_id: str, asked: When) -> None:
    etag(lookup.one(hub, READER, CENTER, golden_id, asked).body())


def _history(hub: Hub, golden_id: str) -> None:
    found = origin.history(hub, READER, CENTER, golden_id, When(clock.now()))
    assert len(found) == LONG
    etag(msgspec.json.encode({"versions": found}))


def _page(hub: Hub, now: When, moment: Moment | None) -> None:
    listing.page(hub, READER, CENTER, Wish({}, limit=50), replace(now, moment=moment))


def _timed(question: Callable[[], None]) -> float:
    start = time.perf_counter()
    question()
    return (time.perf_counter() - start) * 1000


def _figure(name: str, took: Sequence[float], ratio: float | None = None) -> Figure:
    limit = MOST_RATIO if ratio is not None else None
    return Figure(name, median(took), quantiles(took, n=20)[-1], limit, ratio)


@contextmanager
def filled(kind: str, records: int) -> Iterator[tuple[Hub, list[str]]]:
    """A hub of that many cost centers on a fresh database of this kind."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with databases(kind, folder) as urls:
            settings = Settings(
                database_url=next(urls), keys=folder / "mdm.keys", broker_url="none", cores=1
            )
            initialise(settings, built_in())
            hub = open_hub(settings)
            start = time.perf_counter()
            ids = build(hub, records)
            OUT.print(f"{kind}: built in {time.perf_counter() - start:.0f} s")
            yield hub, ids
            hub.database.close()


def show(kind: str, records: int, figures: Sequence[Figure]) -> None:
    """Prints the table of one database."""
    table = Table(title=f"{kind}, {records:,} records of {VERSIONS} versions")
    for heading in ("question", "median ms", "p95 ms", "x current", "limit", ""):
        table.add_column(heading, justify="left" if heading == "question" else "right")
    for one in figures:
        times = f"{one.ratio:.2f}" if one.ratio is not None else ""
        limit = f"{one.limit:g}" + ("x" if one.ratio is not None else " ms") if one.limit else ""
        said = ("ok" if one.holds else "ABOVE") if one.limit else ""
        table.add_row(one.name, f"{one.median:.3f}", f"{one.p95:.3f}", times, limit, said)
    OUT.print(table)


def main() -> int:
    """Measures on each database; 1 where a figure is above its limit."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=2_000, help="lookups of each kind")
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    asked = parser.parse_args()
    OUT.print(machine())
    good = True
    for kind in asked.databases:
        with filled(kind, asked.records) as (hub, ids):
            figures = measure(hub, ids, asked.times)
            show(kind, asked.records, figures)
            good &= all(one.holds for one in figures)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
