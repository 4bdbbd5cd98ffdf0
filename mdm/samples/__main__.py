"""`python -m mdm.samples FOLDER --suppliers N` writes sample exports and says where."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mdm.samples import bench_csv, write_exports


def main() -> None:
    """Writes the exports of five systems, or one big CSV with --bench."""
    parser = argparse.ArgumentParser(prog="python -m mdm.samples", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--suppliers", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--bench", action="store_true", help="one CSV of so many rows instead")
    parser.add_argument("--change-every", type=int, help="with --bench: every n-th row has moved")
    given = parser.parse_args()
    if given.bench:
        path = given.folder / "suppliers.csv"
        truth = bench_csv(path, given.suppliers, given.seed, change_every=given.change_every)
        sys.stdout.write(f"{path}\n{truth}\n")
        return
    written = write_exports(given.folder, suppliers=given.suppliers, seed=given.seed)
    for source, files in written.files.items():
        sys.stdout.write(f"{source}: {', '.join(str(file) for file in files)}\n")
    sys.stdout.write(
        f"{written.records} records of {written.entities} suppliers; truth: {written.truth}\n"
    )


if __name__ == "__main__":
    main()
