"""The big CSV for measurements."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from mdm.samples import bench, bench_csv
from mdm.samples.plain import SUPPLIER_COLUMNS


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_it_has_so_many_rows_with_their_truth_and_a_fifth_duplicates(tmp_path: Path) -> None:
    truth = bench_csv(tmp_path / "suppliers.csv", 12_345, 7)
    rows, told = read(tmp_path / "suppliers.csv"), read(truth)
    assert tuple(rows[0]) == SUPPLIER_COLUMNS
    assert [row["id"] for row in rows] == [row["id"] for row in told]
    assert [row["id"] for row in rows] == [str(number) for number in range(1, 12_346)]
    sizes = Counter(row["entity"] for row in told)
    assert 0.17 < 1 - len(sizes) / len(rows) < 0.21
    assert max(sizes.values()) <= 5


def test_the_same_seed_gives_the_same_bytes_on_one_core_and_on_many(tmp_path: Path) -> None:
    rows = bench.PARALLEL_FROM
    bench_csv(tmp_path / "many.csv", rows, 5)
    one = [line for part in bench.parts_of(rows, 5, None) for line in bench.made(part)[0]]
    many = (tmp_path / "many.csv").read_bytes().splitlines(keepends=True)[1:]
    assert sorted(one) == sorted(many)


def test_every_tenth_row_has_moved_and_the_others_are_as_they_were(tmp_path: Path) -> None:
    bench_csv(tmp_path / "before.csv", 3000, 5)
    bench_csv(tmp_path / "after.csv", 3000, 5, change_every=10)
    for old, new in zip(read(tmp_path / "before.csv"), read(tmp_path / "after.csv"), strict=True):
        changed = {name for name in old if old[name] != new[name]}
        if int(old["id"]) % 10:
            assert not changed
        else:
            assert {"street"} <= changed <= {"street", "city", "postcode", "phone"}
