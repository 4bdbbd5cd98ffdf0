"""One record against a million: prepare it, look its keys up, score what meets it.

    python -m bench.online                              100,000 suppliers, SQLite and PostgreSQL
    python -m bench.online --rows 1000000 --asked 2000
    python -m bench.online --tries 7                    on a busy machine: the fastest of 7 counts

Every asked record is held back from the table; it counts as found where a record of its own company
is among the golden candidates. In the same run PostgreSQL's pg_trgm answers the same questions by
the name (GIN index, `%` and `similarity`). Prints milliseconds per record on one thread.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import psycopg
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench.measure import machine
from matching.engines.local import keys_of_rows
from matching.online import prepare
from mdm.asking.match import candidates
from mdm.config import built_in
from mdm.domains import DOMAINS
from mdm.model.match_columns import match_columns, stacked
from mdm.model.match_row import match_row
from mdm.records import Document
from mdm.samples import bench_csv
from mdm.settings import Settings
from mdm.store.bulk import insert_rows
from mdm.store.hub import Hub, initialise, open_hub
from mdm.store.tables.source import match_key, source_record
from mdm.store.transaction import begin
from mdm.store.write_sources import json_text
from tests.servers.postgres import find_programs, running_postgres

OUT = Console(width=120, highlight=False)
SUPPLIER = DOMAINS["supplier"]
PART = 50_000
LIMIT = 5
WARM = 2_000
"""Other records the hub has seen before it is asked."""
RECORD = (
    "id", "domain", "source", "source_key", "golden_id", "state", "version", "record", "raw",
    "content_hash", "raw_hash", "mapping_version", "tx",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """Suppliers as documents, the company each tells of, and which are asked about."""

    documents: list[Document]
    company: NDArray[np.int64]
    asked: NDArray[np.int64]
    tries: int


@dataclass(frozen=True, slots=True)
class Timed:
    """What one way of asking took, in milliseconds, and how often it found the company."""

    name: str
    p50: float
    p95: float
    p99: float
    found: float


def documents(table: pl.DataFrame, hub: Hub) -> Iterator[Document]:
    """Rows of the generated file in the shape a source record has."""
    for row in table.iter_rows(named=True):
        place = {n: row[n] for n in ("street", "city", "postcode", "country") if row.get(n)}
        numbers = [
            {"kind": kind, "number": row[column]}
            for kind, column in (("vat", "vat_number"), ("tax", "tax_number"))
            if row.get(column)
        ]
        account = row.get("iban")
        told: Document = {
            name: row[name]
            for name in ("name", "country", "email", "phone", "website")
            if row.get(name)
        }
        told["addresses"] = [{"usage": "legal", **place}]
        told["tax_registrations"] = numbers
        if account:
            sealed = {"masked": "", "fingerprint": hub.keys.fingerprint(account)}
            told["bank_accounts"] = [{"account": sealed}]
        yield told


def made(rows: int, asked: int, tries: int, hub: Hub) -> Made:
    """Generated suppliers; asked are some that have a duplicate in the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "suppliers.csv"
        truth = pl.read_csv(bench_csv(path, rows))
        table = pl.read_csv(path, infer_schema=False)
    company = truth["entity"].to_numpy().astype(np.int64)
    _names, first, count = np.unique(company, return_index=True, return_counts=True)
    several = first[count > 1]
    dice = np.random.default_rng(5)
    chosen = np.sort(dice.choice(several, min(asked, len(several)), replace=False))
    return Made(list(documents(table, hub)), company, chosen, tries)


def keys_of(told: Made, hub: Hub) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The match keys of every record that is not asked about, with its row; sorted by key."""
    parts = [
        match_columns(SUPPLIER, told.documents[start : start + PART])
        for start in range(0, len(told.documents), PART)
    ]
    keys, rows = keys_of_rows(stacked(parts), hub.rules["supplier"])
    order = np.argsort(keys, kind="stable")
    keys, rows = keys[order], rows[order]
    held = ~np.isin(rows, told.asked)
    return keys[held], rows[held].astype(np.int64)


def fill(hub: Hub, told: Made, keys: NDArray[np.int64], rows: NDArray[np.int64]) -> None:
    """Puts the records and their keys where a load would have put them."""
    constants = (b"", b"", b"", "bench", 1)
    held = np.setdiff1d(np.arange(len(told.documents)), told.asked).tolist()
    lite = hub.database.dialect == "sqlite"
    with hub.database.engine.connect() as connection:
        for start in range(0, len(held), PART):
            begin(connection, hub.database.dialect)
            values = [
                (
                    row + 1, "supplier", "csv", str(row + 1), f"sup_{row + 1}", "active", 1,
                    json_text(told.documents[row]), *constants,
                )
                for row in held[start : start + PART]
            ]  # fmt: skip
            insert_rows(connection, source_record, RECORD, values)
            connection.commit()
        for start in range(0, len(keys), 20 * PART):
            begin(connection, hub.database.dialect)
            part = slice(start, start + 20 * PART)
            pairs = list(zip(keys[part].tolist(), (rows[part] + 1).tolist(), strict=True))
            insert_rows(connection, match_key, ("key", "record_id"), pairs)
            connection.commit()
        connection.execute(text("ANALYZE"))
        connection.commit()
        if lite:
            # A reader would look every page up in a log as large as the tables.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def timed(
    name: str, told: Made, ask: Callable[[Document], list[int]], forget: Callable[[], None]
) -> Timed:
    """Asks about every chosen record, one after the other; of several tries the fastest counts.

    `forget` runs before each try: what the asker remembers of values must not shorten the next.
    """
    for row in told.asked[:50].tolist():
        ask(told.documents[row])
    took, found = [], 0
    for row in told.asked.tolist():
        fastest = float("inf")
        for _ in range(told.tries):
            forget()
            start = time.perf_counter()
            rows = ask(told.documents[row])
            fastest = min(fastest, time.perf_counter() - start)
        took.append(fastest)
        found += any(told.company[one] == told.company[row] for one in rows)
    p50, p95, p99 = (float(np.percentile(took, share)) * 1000 for share in (50, 95, 99))
    OUT.print(f"{name}: p50 {p50:.3f} ms, p99 {p99:.3f} ms")
    return Timed(name, p50, p95, p99, found / len(told.asked))


def ours(hub: Hub, told: Made) -> Timed:
    """The hub's own way, in process, with the memory of one that has answered for a while."""
    rules = hub.rules["supplier"]
    asked = set(told.asked.tolist())
    with hub.database.read() as connection:

        def ask(document: Document) -> list[int]:
            found, _crowded = candidates(connection, SUPPLIER, rules, match_row(SUPPLIER, document))
            return [int(one.source_key) - 1 for one in found[:LIMIT]]

        for place in range(0, len(told.documents), max(1, len(told.documents) // WARM)):
            if place not in asked:
                prepare(match_row(SUPPLIER, told.documents[place]), rules)
        remembered = [(each, len(each)) for each in (rules.seen, rules.hasher.known)]

        def forget() -> None:
            # Only what came last is taken out: to fill them anew would empty the processor's cache.
            for memory, size in remembered:
                while len(memory) > size:
                    memory.popitem()

        return timed(f"hub on {hub.database.dialect}", told, ask, forget)


def trigrams(url: str, told: Made) -> Timed | None:
    """The same questions to pg_trgm; None where the server lacks it."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        known = connection.execute(
            "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"
        ).fetchone()
        if known is None:
            return None
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE TABLE named (row bigint, name text)")
        asked = set(told.asked.tolist())
        with connection.cursor().copy("COPY named FROM STDIN") as copy:
            for row, document in enumerate(told.documents):
                if row not in asked:
                    copy.write_row((row, document["name"].lower()))
        connection.execute("CREATE INDEX ON named USING gin (name gin_trgm_ops)")
        connection.execute("VACUUM ANALYZE named")

        def ask(document: Document) -> list[int]:
            name = document["name"].lower()
            rows = connection.execute(
                "SELECT row FROM named WHERE name % %(name)s"
                " ORDER BY similarity(name, %(name)s) DESC LIMIT 5".replace(" % ", " %% "),
                {"name": name},
            )
            return [int(one[0]) for one in rows]

        return timed("pg_trgm", told, ask, lambda: None)


@contextmanager
def hub_at(url: str, folder: Path) -> Iterator[Hub]:
    """A fresh hub on this database."""
    settings = Settings(
        database_url=url, keys=folder / "mdm.keys", anchors=folder / "anchors", broker_url="none"
    )
    initialise(settings, built_in())
    hub = open_hub(settings)
    yield hub
    hub.database.close()


def measured(rows: int, asked: int, tries: int) -> list[Timed]:
    """Every way of asking, on the same records."""
    results: list[Timed] = []
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        lite = stack.enter_context(hub_at(f"sqlite:///{folder / 'mdm.db'}", folder))
        told = made(rows, asked, tries, lite)
        keys, held = keys_of(told, lite)
        OUT.print(f"{rows:,} suppliers, {len(keys):,} keys, {len(told.asked):,} asked about")
        fill(lite, told, keys, held)
        results.append(ours(lite, told))
        programs = find_programs()
        if programs is None:
            OUT.print("No PostgreSQL on this machine: only SQLite is measured.")
            return results
        cluster = stack.enter_context(running_postgres(programs))
        full = stack.enter_context(hub_at(cluster.create(), folder))
        fill(full, told, keys, held)
        results.append(ours(full, told))
        peer = trigrams(cluster.create(), told)
        if peer is None:
            OUT.print("This PostgreSQL lacks pg_trgm: it is not measured.")
        else:
            results.append(peer)
    return results


def shown(results: list[Timed]) -> Table:
    """The figures as a table."""
    table = Table("asked", "p50 ms", "p95 ms", "p99 ms", "found", "times slower than the first")
    for one in results:
        table.add_row(
            one.name, f"{one.p50:.3f}", f"{one.p95:.3f}", f"{one.p99:.3f}", f"{one.found:.3f}",
            f"{one.p50 / results[0].p50:.1f}",
        )  # fmt: skip
    return table


def main(arguments: list[str] | None = None) -> Any:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="One record against many, online.")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--asked", type=int, default=1_000)
    parser.add_argument("--tries", type=int, default=1, help="on a busy machine: several")
    told = parser.parse_args(arguments)
    OUT.print(machine())
    OUT.print(shown(measured(told.rows, told.asked, told.tries)))


if __name__ == "__main__":
    main()
