"""Which feed of a source a file belongs to, told from its name and its first lines."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from mdm.domains import domain_named
from mdm.errors import UnknownName, UnreadableFile
from mdm.inbound.compiled import normal, telling
from mdm.inbound.expressions import compile_expression
from mdm.inbound.mapping import Feed, Format, Source
from mdm.inbound.readers import open_rows
from mdm.inbound.readers.row import check_start
from mdm.inbound.readers.table import header_line

HEAD = 65536
"""Bytes of a file that are looked at."""
FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".json": "json",
    ".jsonl": "json_lines",
    ".ndjson": "json_lines",
    ".xml": "xml",
}
SERVES: dict[Format, tuple[Format, ...]] = {
    "csv": ("csv", "xlsx", "json", "json_lines"),
    "xlsx": ("xlsx", "csv"),
    "json": ("json", "json_lines"),
    "json_lines": ("json_lines", "json"),
    "xml": ("xml",),
}
"""Formats that a feed's lines can read: a table is a table, however it was saved."""


def feed_of(
    source: Source, path: Path, domain: str | None = None, encoding: str | None = None
) -> Feed:
    """The feed of the source that reads this file, in the file's format and the told encoding.

    Raises UnreadableFile where none or several fit, or a table lacks a column without which no row
    can be understood.
    """
    format = FORMATS.get(path.suffix.lower())
    if format is None:
        known = ", ".join(sorted(FORMATS))
        ending = f"that end in {path.suffix!r}" if path.suffix else "without an ending"
        raise UnreadableFile(
            f"{path.name}: the hub does not read files {ending}; it reads {known}."
            " Rename the file, or export it in one of these formats.",
            file=str(path),
        )
    head = _head(path, format, encoding)
    feeds = [feed for feed in source.feeds if format in SERVES[feed.format]]
    if domain is not None:
        wanted = domain_named(domain).name
        feeds = [feed for feed in feeds if feed.domain == wanted]
    found = _in_format(_best(source, path, feeds, head), format)
    if isinstance(head, list):
        _require_columns(path, found, head)
    if encoding is None:
        return found
    return dataclasses.replace(found, options={**found.options, "encoding": encoding})


def feed_named(source: Source, name: str, format: Format) -> Feed:
    """The source's feed of this name, in a file's format; UnknownName where it has none now."""
    for feed in source.feeds:
        if feed.name == name:
            return _in_format(feed, format)
    raise UnknownName.among(f"feed of {source.name}", name, [feed.name for feed in source.feeds])


def _in_format(feed: Feed, format: Format) -> Feed:
    if feed.format == format:
        return feed
    return dataclasses.replace(feed, format=format, options=_options(feed, format))


def _options(feed: Feed, format: Format) -> dict[str, object]:
    """The feed's reading options that mean something in another format."""
    kept = {"csv": ("encoding",), "xlsx": ("sheet",), "xml": ("element",)}.get(format, ("rows",))
    return {name: value for name, value in feed.options.items() if name in kept}


def _head(path: Path, format: Format, encoding: str | None) -> str | list[str]:
    """The header of a table, or the first characters of any other file."""
    try:
        if format == "xlsx":
            first = next(iter(open_rows(path, format, {}, size=1)), [])
            payload = first[0].payload if first else {}
            return list(payload) if isinstance(payload, dict) else []
        with path.open("rb") as file:
            text = file.read(HEAD)
    except OSError as error:
        raise UnreadableFile(
            f"{path.name}: {error.strerror or 'it cannot be opened'}. Check the path and who may"
            " read it.",
            file=str(path),
        ) from error
    wide = text[:2] in (b"\xff\xfe", b"\xfe\xff")
    if not text.strip() or (format == "csv" and not (wide or encoding) and b"\0" in text):
        check_start(path, "utf-8")
    told = text.decode(encoding or ("utf-16" if wide else "utf-8-sig"), "replace")
    return _header(told) if format == "csv" else told


def _header(text: str) -> list[str]:
    _number, first, delimiter = header_line(io.StringIO(text, newline=""))
    cells = next(csv.reader([first.rstrip("\r\n")], delimiter=delimiter), [])
    return [cell.strip() for cell in cells]


def _best(source: Source, path: Path, feeds: Sequence[Feed], head: str | list[str]) -> Feed:
    scores = [(_score(feed, path, head), feed) for feed in feeds]
    best = max((score for score, _feed in scores), default=0)
    fitting = [feed for score, feed in scores if score == best]
    if len(fitting) == 1 and (best > 0 or len(feeds) == 1):
        return fitting[0]
    names = ", ".join(f"{feed.name} ({feed.domain})" for feed in source.feeds)
    what = "fits several feeds" if best > 0 else "is not like any feed"
    raise UnreadableFile(
        f"{path.name} {what} of source {source.name!r}; it has: {names}."
        " Name the domain with --domain, or say in the mapping how such files are recognised.",
        file=str(path),
    )


def _score(feed: Feed, path: Path, head: str | list[str]) -> int:
    """How well the file fits: what it says counts more than what it is called."""
    known = feed.recognise
    by_name = any(fnmatch(path.name.lower(), pattern) for pattern in known.file)
    if isinstance(head, list):
        columns = {telling(feed).columns.get(normal(name), name) for name in head}
        by_content = bool(known.columns) and all(name in columns for name in known.columns)
        read = len(columns & telling(feed).known)
        return 1000 * by_name + (100 + read if by_content else 0)
    by_content = bool(known.says) and any(word in head for word in known.says)
    if not known.says and feed.format == "csv":
        by_content = all(f'"{name}"' in head for name in known.columns)
    return 1000 * by_content + 100 * by_name


def _require_columns(path: Path, feed: Feed, header: Sequence[str]) -> None:
    """Raises where the header lacks every column that a required line could be read from."""
    compiled = telling(feed)
    columns = {compiled.columns.get(normal(name), name) for name in header}
    lines = [
        *feed.key,
        *(feed.fields[name].source for name in compiled.required if name in feed.fields),
    ]
    for line in lines:
        wanted = compile_expression(line).columns
        # A line that says something even of an empty row needs no column.
        if wanted and not wanted & columns and not compile_expression(line).value({}):
            spelled = " or ".join(repr(name) for name in sorted(wanted))
            others = [s for name in sorted(wanted) for s in feed.columns.get(name, ())]
            also = f" (also read: {', '.join(others[:8])})" if others else ""
            raise UnreadableFile(
                f"{path.name}, line 1: the column {spelled} is missing{also}; the file has:"
                f" {', '.join(header)}. Export it with this column, or name yours in the mapping.",
                file=str(path),
                position="line 1",
            )
