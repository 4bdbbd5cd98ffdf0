"""Reads CSV: a row per line, the header names the cells."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mdm.inbound.readers.row import (
    ReadOptions,
    Row,
    check_start,
    text_encoding,
    unreadable,
    wrong_encoding,
)

DELIMITERS = ",;\t|"
HUGE_CELL = 131_072
"""Characters from which a cell is no cell: a quote was opened and never closed."""


def read_csv(path: Path, options: ReadOptions) -> Iterator[Row]:
    """A row per record: a dict of text, or its raw text where it does not fit the header.

    A column that is not in the file is not in the dict; an empty cell is "". Raises UnreadableFile.
    """
    check_start(path, options.encoding)
    try:
        with path.open(encoding=text_encoding(options.encoding), newline="") as file:
            yield from _rows(path, file, options)
    except UnicodeError as error:
        raise wrong_encoding(path, options.encoding) from error


class _Kept:
    """Passes lines on and keeps those of the record that is being read."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = iter(lines)
        self.held: list[str] = []

    def __iter__(self) -> Iterator[str]:
        held = self.held
        for line in self.lines:
            held.append(line)
            yield line

    def text(self) -> str:
        """The record as it stands in the file."""
        return "".join(self.held).rstrip("\r\n")


def _rows(path: Path, file: Iterable[str], options: ReadOptions) -> Iterator[Row]:
    kept = _Kept(file)
    lines = iter(kept)
    first = next(lines)
    delimiter = options.delimiter or _delimiter(first)
    kept.held.clear()
    reader = csv.reader(_again(first, lines), delimiter=delimiter, strict=True)
    header = _header(path, next(reader), options.required)
    width, held = len(header), kept.held
    clear = held.clear
    clear()
    while True:
        try:
            for cells in reader:
                if len(cells) == width:
                    yield Row(reader.line_num, dict(zip(header, cells, strict=True)))
                elif cells:
                    problem = f"The row has {len(cells)} cells; the header has {width}."
                    yield Row(reader.line_num, kept.text(), problem)
                clear()
            return
        except csv.Error as error:
            yield _broken(path, reader.line_num, kept, error)
            clear()


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _broken(path: Path, line: int, kept: _Kept, error: csv.Error) -> Row:
    """The row that csv cannot read; raises where everything after it is swallowed too."""
    said = str(error)
    if "field larger" in said or "unexpected end" in said:
        start = line - len(kept.held) + 1
        raise unreadable(
            path,
            f"line {start}",
            "a quotation mark is opened and never closed: the rest of the file reads as one cell.",
            "Close it, or export the file again; double a quotation mark inside a cell.",
        ) from error
    return Row(line, kept.text(), f"The quotation marks of the row do not fit: {said}.")


def _delimiter(header: str) -> str:
    """The delimiter that the header line uses most."""
    counts = Counter(char for char in header if char in DELIMITERS)
    return max(DELIMITERS, key=lambda char: counts[char])


def _header(path: Path, cells: Sequence[str], required: Sequence[Sequence[str]]) -> list[str]:
    header = [cell.strip() or f"column {place}" for place, cell in enumerate(cells, start=1)]
    check_header(path, header, required)
    return header


def check_header(path: Path, header: Sequence[str], required: Sequence[Sequence[str]]) -> None:
    """Raises UnreadableFile for a column named twice, and for a required one that is missing."""
    twice = [name for name, times in Counter(header).items() if times > 1]
    if twice:
        raise unreadable(
            path,
            "line 1",
            f"the column {twice[0]!r} is there more than once.",
            "Rename one of them.",
        )
    for names in required:
        if not any(name in header for name in names):
            raise unreadable(
                path,
                "line 1",
                f"the column {' or '.join(map(repr, names))} is missing; "
                f"there are: {', '.join(header)}.",
                "Export the file with this column, or change the mapping.",
            )
