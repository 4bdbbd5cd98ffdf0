"""Reads a table whole, all columns as text: for work on a file without a hub."""

from __future__ import annotations

import csv
from contextlib import suppress
from pathlib import Path

import polars as pl

from mdm.errors import UnreadableFile
from mdm.inbound.readers.row import check_start, unreadable, wrong_encoding

SEPARATORS = ",;\t|"


def read_whole(path: Path) -> pl.DataFrame:
    """The rows of a CSV, Parquet or JSON lines file; UnreadableFile where it cannot be read."""
    if not path.is_file():
        raise unreadable(path, "", "there is no such file.", "Check the path.")
    kind = path.suffix.lower()
    try:
        if kind in (".parquet", ".pq"):
            return pl.read_parquet(path)
        if kind in (".jsonl", ".ndjson", ".json"):
            check_start(path, "utf-8")
            return pl.read_ndjson(path, infer_schema_length=None)
        return read_csv(path)
    except pl.exceptions.PolarsError as error:
        if kind not in (".parquet", ".pq") and not is_utf8(path):
            raise wrong_encoding(path, "utf-8") from error
        said = str(error).splitlines()[0]
        raise unreadable(path, "", f"it cannot be read: {said}.", "Export it again.") from error


def read_csv(path: Path) -> pl.DataFrame:
    """The rows of a CSV file; the separator is the one the header has most of."""
    start = check_start(path, "utf-8")
    header = start.split(b"\n", 1)[0].decode("utf-8", errors="replace")
    separator = max(SEPARATORS, key=header.count)
    try:
        return pl.read_csv(path, infer_schema=False, separator=separator, low_memory=False)
    except pl.exceptions.PolarsError:
        if is_utf8(path) and (told := too_wide(path, separator)):
            raise told from None
        raise


def too_wide(path: Path, separator: str) -> UnreadableFile | None:
    """The error of the first row with more cells than the header; None where none can be told."""
    with path.open(encoding="utf-8", newline="") as file, suppress(csv.Error):
        rows = csv.reader(file, delimiter=separator)
        width = len(next(rows))
        for row in rows:
            if len(row) > width:
                what = f"the row has {len(row)} cells, the header {width}."
                next_step = f"Quote cells that hold {separator!r}, or correct the row."
                return unreadable(path, f"line {rows.line_num}", what, next_step)
    return None


def is_utf8(path: Path) -> bool:
    """Whether every line is UTF-8."""
    with path.open("rb") as file:
        for line in file:
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return False
    return True
