"""What a reader gives: rows as the file tells them, and the options of reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import msgspec

from mdm.errors import BadConfiguration, UnreadableFile


class Row(msgspec.Struct, array_like=True, gc=False):
    """One row of a file: its payload, or its raw text and what is wrong with it."""

    line: int
    """Line of a CSV or JSON lines file, else the number of the element, from 1."""
    payload: dict[str, Any] | str
    problem: str | None = None
    flags: tuple[str, ...] = ()
    """Columns where a spreadsheet holds a number although the column holds text: what had
    leading zeros has lost them; or a date although it holds none. Flagged, never repaired."""


@dataclass(slots=True)
class Answer:
    """What an export says of itself beside its rows; known once it was read to its end."""

    more: str = ""
    """The member that says that further pages follow; "" where none does."""
    total: int = 0
    """How many rows it says there are in all its pages; 0 where it says nothing."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a file is read; a mapping's `options` and the columns its feed cannot do without."""

    required: tuple[tuple[str, ...], ...] = ()
    """Columns that a table must have; of alternatives one is enough."""
    delimiter: str | None = None
    """None: the one that the header line uses."""
    encoding: str = "utf-8"
    element: str | None = None
    """Name of the XML element that is a row; None: the children of the outermost one."""
    rows: str | None = None
    """Dotted path to the list of rows in a JSON answer; None: the usual ones."""
    sheet: str | None = None
    """Sheet of a workbook; None: the first."""
    text_columns: tuple[str, ...] = ()
    """Columns of a workbook that hold text even where every cell looks like a number."""
    answer: Answer = field(default_factory=Answer)
    """Where the reader puts what the export says of itself."""


def read_options(told: Mapping[str, Any], answer: Answer | None = None) -> ReadOptions:
    """The options as a mapping file writes them; BadConfiguration names an unknown one."""
    known = [line.name for line in fields(ReadOptions) if line.name != "answer"]
    for name in told:
        if name not in known:
            raise BadConfiguration(
                f"There is no reading option {name!r}; there are: {', '.join(known)}."
            )
    values = dict(told)
    values["required"] = tuple(_alternatives(column) for column in told.get("required", ()))
    values["text_columns"] = tuple(told.get("text_columns", ()))
    return ReadOptions(**values, answer=answer or Answer())


def _alternatives(column: str | Sequence[str]) -> tuple[str, ...]:
    return (column,) if isinstance(column, str) else tuple(column)


def in_chunks(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    """Lists of so many rows; the last may be shorter."""
    chunk: list[Row] = []
    add = chunk.append
    for row in rows:
        add(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
            add = chunk.append
    if chunk:
        yield chunk


def unreadable(path: Path, where: str, what: str, next_step: str) -> UnreadableFile:
    """The named error: which file, where in it, what is wrong, what to do next."""
    place = f"{path.name}, {where}" if where else path.name
    return UnreadableFile(f"{place}: {what} {next_step}", file=str(path), position=where)


ENCODE = (
    "Export it as UTF-8, or say its encoding, as in mdm load --encoding {} (mdm dedupe takes it"
    " too), or as `options: {{encoding: ...}}` of the feed in the mapping."
)


def wrong_encoding(path: Path, encoding: str) -> UnreadableFile:
    """The error of bytes that are not text in this encoding; says on which line they stand."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError as error:
                return unreadable(
                    path,
                    f"line {number}, byte {error.start + 1} of the line",
                    f"the file is not {encoding} text.",
                    ENCODE.format("cp1252"),
                )
            except UnicodeError:
                break
    return unreadable(
        path,
        "",
        f"the file is not {encoding} text.",
        ENCODE.format("utf-16"),
    )


WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def check_start(path: Path, encoding: str) -> bytes:
    """The first bytes of a file of text; raises if it is empty or plainly in another encoding."""
    with path.open("rb") as file:
        start = file.read(65536)
    if not start.strip():
        raise unreadable(path, "", "the file is empty.", "Export it again.")
    wide = start.startswith(WIDE_MARKS) or b"\0" in start
    if wide and encoding.lower().replace("_", "-").startswith(
        ("utf-8", "cp", "iso", "latin", "ascii")
    ):
        raise unreadable(
            path,
            "line 1",
            f"the file is not {encoding} text; it looks like UTF-16, or is no text at all.",
            ENCODE.format("utf-16"),
        )
    return start


def text_encoding(encoding: str) -> str:
    """The codec to open with: UTF-8 with or without a byte order mark."""
    return "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
