"""What loading costs: the first load, the same file again, and every tenth row changed.

    make bench                                    small sizes, a few minutes
    make bench ARGS="--rows 1000000"              the sizes that the README tells
    make bench ARGS="--databases sqlite --repeat 3"

Each figure is the wall time of the whole command, the start of Python included; the memory is that
of all its processes together. The raw limit is what the driver alone takes to write the rows that
the load left behind.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.measure import Run, machine, run
from bench.raw import raw_limit
from mdm.samples import bench_csv
from tests.servers import postgres as postgres_server

MDM = Path(sys.executable).with_name("mdm")
# As a server is set up, unlike that of the tests: what is committed is on the disk.
DURABLE = {"max_connections": "50", "shared_buffers": "1GB", "max_wal_size": "8GB"}
HEADINGS = (
    "database",
    "rows",
    "first load",
    "us/row",
    "peak MiB",
    "raw limit",
    "x raw",
    "same again",
    "1/10 new",
)
OUT = Console(width=110, highlight=False)


@dataclass(slots=True)
class Figures:
    """Seconds of each step at one size on one database."""

    database: str
    rows: int
    first: float
    peak_bytes: int
    raw: float
    raw_rows: int
    unchanged: float
    changed: float
    golden: int
    tasks: int


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Iterator[str]]:
    """An endless supply of URLs of empty databases of this kind."""
    if kind == "sqlite":
        yield (f"sqlite:///{folder / f'{number}.db'}" for number in range(10**6))
        return
    programs = postgres_server.find_programs()
    if programs is None:
        raise SystemExit(f"{postgres_server.MISSING}: leave postgresql out with --databases sqlite")
    with postgres_server.running_postgres(programs, DURABLE) as cluster:
        yield (cluster.create() for _ in range(10**6))


def measure(kind: str, rows: int, urls: Iterator[str], folder: Path) -> Figures:
    """All steps at one size, each on what the one before left behind."""
    first_file, changed_file = folder / f"{rows}.csv", folder / f"{rows}-changed.csv"
    bench_csv(first_file, rows)
    bench_csv(changed_file, rows, change_every=10)
    url = next(urls)
    environment = {
        "MDM_DATABASE_URL": url,
        "MDM_KEYS": str(folder / f"{kind}.keys"),
        "MDM_ANCHORS": str(folder / f"{kind}.anchors"),
        "MDM_BROKER_URL": "none",
    }
    Path(environment["MDM_KEYS"]).unlink(missing_ok=True)
    run([str(MDM), "init", "--json"], folder, environment)
    first, told = _load(first_file, "initial", folder, environment)
    _expect(told["added"] + told["rejected"] == rows, f"not every row arrived: {told}")
    raw = raw_limit(url, next(urls))
    unchanged, again = _load(first_file, "incremental", folder, environment)
    _expect(
        not any(again[name] for name in ("added", "changed", "golden_changed", "tasks_opened")),
        f"the same file changed something: {again}",
    )
    changed, differs = _load(changed_file, "incremental", folder, environment)
    _expect(differs["changed"] > 0, f"the changed file changed nothing: {differs}")
    return Figures(
        database=kind,
        rows=rows,
        first=first.seconds,
        peak_bytes=first.peak_bytes,
        raw=raw.seconds,
        raw_rows=raw.rows,
        unchanged=unchanged.seconds,
        changed=changed.seconds,
        golden=told["golden_added"],
        tasks=told["tasks_opened"],
    )


def _load(
    file: Path, mode: str, folder: Path, environment: dict[str, str]
) -> tuple[Run, dict[str, Any]]:
    done = run([str(MDM), "load", "csv", str(file), "--mode", mode, "--json"], folder, environment)
    return done, json.loads(done.stdout.splitlines()[-1])


def _expect(true: bool, otherwise: str) -> None:
    if not true:
        raise SystemExit(otherwise)


def medians(runs: Sequence[Figures]) -> Figures:
    """One set of figures: the median of each over runs of the same size."""
    columns = [asdict(figures) for figures in runs]
    facts: dict[str, Any] = dict(columns[0])
    for name, value in facts.items():
        if not isinstance(value, str):
            facts[name] = median(column[name] for column in columns)
    return Figures(**facts)


def show(figures: Sequence[Figures]) -> None:
    """Prints the curve: a row per size and database."""
    table = Table(title="Supplier rows from one CSV", title_justify="left")
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    for one in figures:
        table.add_row(
            one.database,
            f"{one.rows:,}",
            f"{one.first:.1f} s",
            f"{one.first / one.rows * 1e6:.0f}",
            f"{one.peak_bytes / 2**20:,.0f}",
            f"{one.raw:.1f} s",
            f"{one.first / one.raw:.1f}",
            f"{one.rows / one.unchanged:,.0f}/s",
            f"{one.rows / one.changed:,.0f}/s",
        )
    OUT.print(table)
    for one in figures:
        OUT.print(
            f"{one.database} {one.rows:,}: {one.golden:,.0f} golden records,"
            f" {one.tasks:,.0f} tasks, {one.raw_rows:,.0f} rows in all tables"
        )


def main() -> None:
    """Measures every size on every database."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=20_000, help="the largest size")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--repeat", type=int, default=1, help="runs of each size; medians are told")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    chosen = parser.parse_args()
    sizes = [size for size in (10_000, 100_000, 1_000_000) if size < chosen.rows] + [chosen.rows]
    OUT.print(machine())
    OUT.print(f"sizes {sizes}, runs of each: {chosen.repeat}")
    figures = []
    for kind in chosen.databases.split(","):
        for rows in sizes:
            runs = []
            for _ in range(chosen.repeat):
                with _workspace() as folder, databases(kind, folder) as urls:
                    runs.append(measure(kind, rows, urls, folder))
                OUT.print(f"{kind} {rows:,}: first load in {runs[-1].first:.1f} s")
            figures.append(medians(runs))
    show(figures)
    if chosen.json:
        facts = {"machine": machine(), "figures": [asdict(one) for one in figures]}
        chosen.json.write_text(json.dumps(facts, indent=1), encoding="utf-8")


@contextmanager
def _workspace() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mdm-bench-", dir=os.environ.get("TMPDIR")) as folder:
        yield Path(folder)


if __name__ == "__main__":
    main()
