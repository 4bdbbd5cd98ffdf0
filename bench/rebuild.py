"""What `mdm rebuild --check` takes: suppliers loaded, a tenth changed, a tenth of those again.

    python -m bench.rebuild                                  100,000 records on SQLite
    python -m bench.rebuild --rows 1000000 --databases sqlite,postgresql

The figure is the wall time of the whole command, the start of Python included; the memory is that
of all its processes together. A check that finds a difference ends the measurement.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from bench.load import MDM, OUT, databases
from bench.measure import machine, run
from mdm.samples import bench_csv


def measure(kind: str, url: str, rows: int, folder: Path) -> None:
    """Loads, changes, checks, and prints what the check took."""
    environment = {
        "MDM_DATABASE_URL": url,
        "MDM_KEYS": str(folder / f"{kind}.keys"),
        "MDM_ANCHORS": str(folder / f"{kind}.anchors"),
        "MDM_BROKER_URL": "none",
    }
    run([str(MDM), "init", "--json"], folder, environment)
    for name, every in (("first", None), ("second", 10), ("third", 100)):
        file = folder / f"{name}.csv"
        more = {} if every is None else {"change_every": every}
        bench_csv(file, rows, **more)
        loaded = run([str(MDM), "load", "csv", str(file), "--json"], folder, environment)
        OUT.print(f"{kind} {rows:,}: {name} load in {loaded.seconds:.1f} s")
        file.unlink()
    done = run([str(MDM), "rebuild", "--check", "--seed", "1", "--json"], folder, environment)
    told = json.loads(done.stdout.splitlines()[-1])
    answers = sum(moment["golden_records"] for moment in told["moments"])
    OUT.print(
        f"{kind} {rows:,}: {told['golden_records']:,} golden records of {told['source_records']:,}"
        f" source records and {answers:,} answers at {len(told['moments'])} earlier moments checked"
        f" in {done.seconds:.1f} s, {done.peak_bytes / 2**20:,.0f} MiB at most;"
        f" {told['suspended']:,} records under over-common keys left out"
    )


def main() -> None:
    """Measures on every database."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--databases", default="sqlite")
    chosen = parser.parse_args()
    OUT.print(machine())
    for kind in chosen.databases.split(","):
        with tempfile.TemporaryDirectory(prefix="mdm-bench-") as name:
            folder = Path(name)
            with databases(kind, folder) as urls:
                measure(kind, next(urls), chosen.rows, folder)


if __name__ == "__main__":
    main()
