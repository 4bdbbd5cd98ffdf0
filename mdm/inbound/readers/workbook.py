"""Reads a sheet of an XLSX workbook as text, and flags numbers that may have lost zeros."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from mdm.inbound.readers.row import ReadOptions, Row, unreadable
from mdm.inbound.readers.table import check_header

LARGEST = 1 << 30
"""Bytes a workbook may have unpacked."""
LARGEST_RATIO = 200
"""How many times larger than packed; spreadsheets are about 10."""


def read_xlsx(path: Path, options: ReadOptions) -> Iterator[Row]:
    """A row per line of the sheet, its cells as text; the first line names the columns.

    A cell that holds a number in a column that also holds text is flagged: what had leading zeros
    has lost them; so is a date where most cells are none. Raises UnreadableFile.
    """
    _check_size(path)
    lines = _sheet(path, options)
    if not lines:
        raise unreadable(path, "", "the sheet is empty.", "Export it again.")
    header = [_text(cell).strip() or f"column {n}" for n, cell in enumerate(lines[0], start=1)]
    check_header(path, header, options.required)
    textual = [
        name in options.text_columns or _holds_text(lines, at) for at, name in enumerate(header)
    ]
    few_dates = [_holds_few_dates(lines, at) for at in range(len(header))]
    for number, cells in enumerate(lines[1:], start=2):
        payload = dict(zip(header, map(_text, cells), strict=False))
        if any(payload.values()):
            yield Row(number, payload, None, _flags(header, cells, (textual, few_dates)))


def _check_size(path: Path) -> None:
    """Raises for a workbook that unpacks to far more than a workbook holds."""
    try:
        with zipfile.ZipFile(path) as packed:
            sizes = [(entry.file_size, entry.compress_size) for entry in packed.infolist()]
    except (zipfile.BadZipFile, EOFError) as error:
        raise unreadable(
            path,
            "",
            "the file is not an XLSX workbook, or it is cut off.",
            "Save it as XLSX again.",
        ) from error
    unpacked = sum(size for size, _ in sizes)
    ratio = unpacked / max(1, sum(size for _, size in sizes))
    if unpacked > LARGEST or (ratio > LARGEST_RATIO and unpacked > LARGEST // 16):
        raise unreadable(
            path,
            "",
            f"the workbook unpacks to {unpacked:,} bytes, {ratio:.0f} times its size.",
            "Export the rows as CSV.",
        )


def _sheet(path: Path, options: ReadOptions) -> list[list[Any]]:
    try:
        book = CalamineWorkbook.from_path(str(path))
        name = options.sheet or book.sheet_names[0]
        if name not in book.sheet_names:
            raise unreadable(
                path, "", f"there is no sheet {name!r}; there are: {', '.join(book.sheet_names)}.",
                "Rename the sheet, or change the mapping.",
            )  # fmt: skip
        return book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise unreadable(
            path, "", f"the workbook cannot be read: {error}.", "Save it as XLSX again."
        ) from error


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _holds_text(lines: Sequence[Sequence[Any]], at: int) -> bool:
    """Whether the column is one of numbers kept as text: "00123" stands in it."""
    return any(
        isinstance(cells[at], str) and cells[at].isdigit() for cells in lines[1:] if at < len(cells)
    )


def _holds_few_dates(lines: Sequence[Sequence[Any]], at: int) -> bool:
    """Whether dates are the lesser part of the column: "3-1" was typed, and taken for one."""
    told = [cells[at] for cells in lines[1:] if at < len(cells) and cells[at] != ""]
    return 0 < 2 * sum(map(_is_date, told)) < len(told)


def _is_date(cell: object) -> bool:
    return isinstance(cell, dt.date)


def _flags(
    header: Sequence[str], cells: Sequence[Any], columns: tuple[Sequence[bool], Sequence[bool]]
) -> tuple[str, ...]:
    """The columns where the row holds a number among texts, or a date among others."""
    return tuple(
        name
        for name, cell, text, few in zip(header, cells, *columns, strict=False)
        if (text and _is_number(cell)) or (few and _is_date(cell))
    )
