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


class _Record:
    """The lines of one quoted record, as csv asks for them."""

    def __init__(self, first: str, lines: Iterator[str]) -> None:
        self.lines = lines
        self.held = [first]
        self.given = 0

    def __iter__(self) -> _Record:
        return self

    def __next__(self) -> str:
        if self.given == len(self.held):
            self.held.append(next(self.lines))
        self.given += 1
        return self.held[self.given - 1]


def _rows(path: Path, lines: Iterator[str], options: ReadOptions) -> Iterator[Row]:
    number, first, delimiter = header_line(lines)
    delimiter = options.delimiter or delimiter
    cells, held = _quoted(path, first, lines, number, delimiter)
    if isinstance(cells, Row):
        raise unreadable(path, f"line {number}", str(cells.problem), "Correct the header line.")
    number += len(held) - 1
    header = _header(path, cells, options.required)
    width = len(header)
    for line in lines:
        number += 1
        if '"' in line:
            read, held = _quoted(path, line, lines, number, delimiter)
            number += len(held) - 1
            line = "".join(held)  # noqa: PLW2901 - a record may be several lines
            if isinstance(read, Row):
                yield read
                continue
            cells = read
        else:
            # Without quotation marks a record is its line: several times as fast as csv.
            cells = line.rstrip("\r\n").split(delimiter)
        if not cells[0] and not any(cells):
            continue  # what spreadsheets write of empty rows: delimiters and nothing else
        if len(cells) == width:
            yield Row(number, dict(zip(header, cells)))  # noqa: B905 - compared above; strict is slower
        else:
            problem = f"The row has {len(cells)} cells; the header has {width}."
            yield Row(number, line.rstrip("\r\n"), problem)


def _quoted(
    path: Path, first: str, lines: Iterator[str], start: int, delimiter: str
) -> tuple[list[str] | Row, list[str]]:
    """The cells of a record with quotation marks, or the row it cannot be; and its lines."""
    record = _Record(first, lines)
    try:
        cells: list[str] | Row = next(csv.reader(record, delimiter=delimiter, strict=True))
    except csv.Error as error:
        said = str(error)
        if "field larger" in said or "unexpected end" in said:
            raise unreadable(
                path,
                f"line {start}",
                "a quotation mark is opened and never closed, so the rest reads as one cell.",
                "Close it, or export the file again; double a quotation mark inside a cell.",
            ) from error
        problem = f"The quotation marks of the row do not fit: {said}."
        cells = Row(start, "".join(record.held).rstrip("\r\n"), problem)
    return cells, record.held


def header_line(lines: Iterable[str]) -> tuple[int, str, str]:
    """Number and text of the line that names the columns, and the delimiter it uses most.

    Before it may stand blank lines, and the `sep=;` that tells spreadsheets the delimiter.
    """
    told = ""
    for number, line in enumerate(lines, start=1):
        said = line.rstrip("\r\n")
        if said.lower().startswith("sep=") and len(said) == len("sep=;"):
            told = said[-1]
        elif said.strip():
            return number, line, told or max(DELIMITERS, key=line.count)
    return 1, "", told or DELIMITERS[0]


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
