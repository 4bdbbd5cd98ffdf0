"""What the audit costs a load, and how fast it is verified.

    python -m bench.audit                          20,000 rows on SQLite and PostgreSQL
    python -m bench.audit --rows 1000000           the figures that the README tells

Loads with and without the audit take turns, so that a busy machine burdens both alike; the ratio is
told run by run. Then what the last audited load left behind is sealed, exported and verified, in
the database (golden records compared with their entries too) and as the export.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.load import databases
from bench.measure import Run, machine, run
from mdm.samples import bench_csv
from mdm.store.database import open_database
from mdm.store.sequencer import sequence

MDM = (str(Path(sys.executable).with_name("mdm")),)
UNAUDITED = (sys.executable, "-m", "bench.unaudited")
OUT = Console(width=110, highlight=False)
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Took:
    """What a load took: on the clock, and of the processors."""

    seconds: float
    processor: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two loads of the same file, each into a database of its own."""

    audited: Took
    without: Took

    @property
    def ratio(self) -> float:
        """How much longer the audited load took."""
        return self.audited.seconds / self.without.seconds

    @property
    def processor_ratio(self) -> float:
        """How much more of the processors it took: what a busy machine does not blur."""
        return self.audited.processor / self.without.processor


@dataclass(frozen=True, slots=True)
class Proof:
    """Seconds to seal, export and verify so many entries."""

    entries: int
    seal: float
    verify: Run
    export: float
    verify_export: Run


def environment(url: str, folder: Path) -> dict[str, str]:
    """The settings of a hub of its own."""
    return {
        "MDM_DATABASE_URL": url,
        "MDM_KEYS": str(folder / "mdm.keys"),
        "MDM_ANCHORS": str(folder / "mdm.anchors"),
        "MDM_BROKER_URL": "none",
        "PYTHONPATH": str(ROOT),
    }


def load(program: Sequence[str], file: Path, settings: dict[str, str]) -> Took:
    """What a first load into a fresh database takes."""
    Path(settings["MDM_KEYS"]).unlink(missing_ok=True)
    run([*MDM, "init", "--json"], ROOT, settings)
    words = ["load", "csv", str(file), "--mode", "initial", "--json"]
    before = processor_seconds()
    seconds = run([*program, *words], ROOT, settings).seconds
    return Took(seconds, processor_seconds() - before)


def processor_seconds() -> float:
    """What all processes that we started and that have ended took of the processors."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def pairs(
    file: Path, urls: Iterator[str], folder: Path, turns: int, used: list[str]
) -> Iterator[Pair]:
    """Loads in turns, the audited one last: its database is left to be verified."""
    for turn in range(turns):
        took = {}
        first_audited = (turns - 1 - turn) % 2 == 1
        for program in (MDM, UNAUDITED) if first_audited else (UNAUDITED, MDM):
            used.append(next(urls))
            took[program] = load(program, file, environment(used[-1], folder))
        yield Pair(took[MDM], took[UNAUDITED])


def proof(url: str, folder: Path) -> Proof:
    """Seals and verifies what the database holds, twice."""
    settings, export = environment(url, folder), folder / "audit.jsonl"
    database = open_database(url)
    started = os.times().elapsed
    sequence(database, "bench")
    sealed = os.times().elapsed - started
    database.close()
    checked = run([*MDM, "verify-audit", "--json"], ROOT, settings)
    told = json.loads(checked.stdout)
    if not told["ok"] or told["unsealed"]:
        raise SystemExit(f"the audit does not fit: {told}")
    exported = run([*MDM, "verify-audit", "--export", str(export), "--json"], ROOT, settings)
    again = run([*MDM, "verify-audit", str(export), "--json"], ROOT, settings)
    if json.loads(again.stdout)["entries"] != told["entries"]:
        raise SystemExit(f"the export holds something else: {again.stdout}")
    return Proof(told["entries"], sealed, checked, exported.seconds, again)


def measure(kind: str, rows: int, turns: int) -> None:
    """Prints the figures of one database."""
    with (
        tempfile.TemporaryDirectory(prefix="mdm-bench-", dir=os.environ.get("TMPDIR")) as name,
        databases(kind, Path(name)) as urls,
    ):
        folder = Path(name)
        used: list[str] = []
        file = folder / "suppliers.csv"
        bench_csv(file, rows)
        found = list(pairs(file, urls, folder, turns, used))
        done = proof(used[-1], folder)
    show(f"{kind}: first load of {rows:,} rows", found)
    for what, seconds, peak in (
        ("seal", done.seal, None),
        ("verify the database, golden records too", done.verify.seconds, done.verify.peak_bytes),
        ("export", done.export, None),
        ("verify the export", done.verify_export.seconds, done.verify_export.peak_bytes),
    ):
        memory = f", peak {peak / 2**20:,.0f} MiB" if peak else ""
        OUT.print(f"{what}: {done.entries:,} entries in {seconds:.1f} s{memory}")


def show(title: str, found: Sequence[Pair]) -> None:
    """Prints the loads and their ratios."""
    table = Table(title=title, title_justify="left")
    for heading in ("run", "with audit", "without", "ratio", "processor, with", "without", "ratio"):
        table.add_column(heading, justify="right")
    for number, pair in enumerate(found, 1):
        audited, without = pair.audited, pair.without
        table.add_row(
            str(number),
            *(f"{audited.seconds:.1f} s", f"{without.seconds:.1f} s", f"{pair.ratio:.2f}"),
            *(f"{audited.processor:.1f} s", f"{without.processor:.1f} s"),
            f"{pair.processor_ratio:.2f}",
        )
    OUT.print(table)
    OUT.print(
        f"median ratio {median(pair.ratio for pair in found):.2f},"
        f" of processor time {median(pair.processor_ratio for pair in found):.2f}"
    )


def main() -> None:
    """Measures every database."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--turns", type=int, default=3, help="loads with and without the audit")
    chosen = parser.parse_args()
    OUT.print(machine())
    for kind in chosen.databases.split(","):
        measure(kind, chosen.rows, chosen.turns)


if __name__ == "__main__":
    main()
