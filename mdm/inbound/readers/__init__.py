"""Streams of rows from files: JSON, JSON lines, CSV, XLSX, XML; memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mdm.errors import UnknownName
from mdm.inbound.readers.documents import read_json, read_json_lines
from mdm.inbound.readers.markup import read_xml
from mdm.inbound.readers.row import (
    Answer,
    ReadOptions,
    Row,
    in_chunks,
    read_options,
    unreadable,
)
from mdm.inbound.readers.table import read_csv
from mdm.inbound.readers.workbook import read_xlsx

__all__ = ["FORMATS", "Answer", "ReadOptions", "Row", "open_rows"]

FORMATS: dict[str, Callable[[Path, ReadOptions], Iterator[Row]]] = {
    "json": read_json,
    "json_lines": read_json_lines,
    "csv": read_csv,
    "xlsx": read_xlsx,
    "xml": read_xml,
}
CHUNK = 5000


def open_rows(
    path: Path,
    format: str,
    options: Mapping[str, Any] | None = None,
    size: int = CHUNK,
    answer: Answer | None = None,
) -> Iterator[list[Row]]:
    """The file's rows in lists of `size`; a bad row is a row with a problem, nothing is lost.

    What the file says of itself beside its rows is told to `answer`.

    Raises UnknownName for a format we do not read, UnreadableFile (while iterating) for a file that
    cannot be read to its end, with its name, the place and the next step.
    """
    if format not in FORMATS:
        raise UnknownName.among("file format", format, list(FORMATS))
    return in_chunks(_opened(path, FORMATS[format], read_options(options or {}, answer)), size)


def _opened(
    path: Path, read: Callable[[Path, ReadOptions], Iterator[Row]], options: ReadOptions
) -> Iterator[Row]:
    try:
        yield from read(path, options)
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise unreadable(path, "", f"{reason}.", "Check the path and who may read it.") from error
