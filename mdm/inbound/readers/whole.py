"""Reads a table whole, all columns as text: for work on a file without a hub."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from itertools import islice
from pathlib import Path

import msgspec
import polars as pl

from mdm.errors import UnreadableFile
from mdm.inbound.readers.row import check_start, text_encoding, unreadable, wrong_encoding
from mdm.inbound.readers.table import header_line

PARQUET = (".parquet", ".pq")
JSON_LINES = (".jsonl", ".ndjson", ".json")


def read_whole(path: Path, encoding: str = "utf-8") -> pl.DataFrame:
    """The rows of a CSV, Parquet or JSON lines file; UnreadableFile where it cannot be read."""
    if not path.is_file():
        what = "it is a folder." if path.is_dir() else "there is no such file."
        raise unreadable(path.absolute(), "", what, "Check the path.")
    kind = path.suffix.lower()
    try:
        if kind in PARQUET:
            return pl.read_parquet(path)
        start = check_start(path, encoding)
        told: Path | io.BytesIO = path
        if text_encoding(encoding) != "utf-8-sig":
            told = in_utf8(path, encoding)
            start = told.getvalue()[: len(start)]
        if kind in JSON_LINES:
            return pl.read_ndjson(told, infer_schema_length=None)
        return read_csv(path, told, start, encoding)
    except pl.exceptions.PolarsError as error:
        if kind not in PARQUET and not is_text(path, encoding):
            raise wrong_encoding(path, encoding) from error
        if kind in JSON_LINES and (wrong := not_json(path, encoding)):
            raise wrong from None
        said = str(error).splitlines()[0]
        raise unreadable(path, "", f"it cannot be read: {said}.", "Export it again.") from error


def in_utf8(path: Path, encoding: str) -> io.BytesIO:
    """The file's text in UTF-8; UnreadableFile where it is not in the encoding."""
    try:
        return io.BytesIO(path.read_bytes().decode(encoding).encode())
    except UnicodeError as error:
        raise wrong_encoding(path, encoding) from error


def read_csv(
    path: Path, told: Path | io.BytesIO, start: bytes, encoding: str = "utf-8"
) -> pl.DataFrame:
    """The rows of a CSV file but the empty ones; the separator is the one the header has most of.

    Before the header may stand what `header_line` leaves out.
    """
    lines = io.StringIO(start.decode("utf-8-sig", errors="replace"), newline="")
    number, _, separator = header_line(lines)
    try:
        table = pl.read_csv(
            told,
            infer_schema=False,
            separator=separator,
            low_memory=False,
            skip_lines=number - 1,
            # What old Macs write; elsewhere a carriage return before the end of line is no text.
            eol_char="\n" if b"\n" in start or b"\r" not in start else "\r",
        )
    except pl.exceptions.PolarsError:
        if is_text(path, encoding) and (wrong := too_wide(path, (number, separator), encoding)):
            raise wrong from None
        raise
    empty = table.select(pl.all_horizontal(pl.all().is_null())).to_series()
    return table.filter(~empty) if empty.any() else table


def too_wide(path: Path, header: tuple[int, str], encoding: str) -> UnreadableFile | None:
    """The error of the first row with more cells than the header; None where none can be told.

    `header`: the number of the header's line, and what separates its cells.
    """
    first, separator = header
    with (
        path.open(encoding=text_encoding(encoding), newline="") as file,
        suppress(csv.Error),
    ):
        rows = csv.reader(islice(file, first - 1, None), delimiter=separator)
        width = len(next(rows))
        for row in rows:
            if len(row) > width:
                what = f"the row has {len(row)} cells, the header {width}."
                next_step = f"Quote cells that hold {separator!r}, or correct the row."
                return unreadable(path, f"line {first - 1 + rows.line_num}", what, next_step)
    return None


def not_json(path: Path, encoding: str) -> UnreadableFile | None:
    """The error of the first line that is no JSON object; None where every line is one."""
    decode = msgspec.json.Decoder(dict[str, object]).decode
    with path.open(encoding=text_encoding(encoding)) as file:
        for number, line in enumerate(file, start=1):
            try:
                if line.strip():
                    decode(line)
            except msgspec.MsgspecError as error:
                what = f"it is no JSON object: {error}."
                return unreadable(path, f"line {number}", what, "Write one object on each line.")
    return None


def is_text(path: Path, encoding: str) -> bool:
    """Whether all of the file is text in the encoding."""
    try:
        with path.open(encoding=text_encoding(encoding)) as file:
            for _ in file:
                pass
    except UnicodeError:
        return False
    return True
