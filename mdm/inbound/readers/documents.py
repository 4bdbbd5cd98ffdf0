"""Reads JSON answers row by row, and JSON lines, in bounded memory.

The rows of an answer are decoded one after the other from a sliding piece of text: Python's own
C scanner does this faster than an event parser, and needs no more memory than two rows.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from mdm.inbound.readers.row import (
    Answer,
    ReadOptions,
    Row,
    check_start,
    text_encoding,
    unreadable,
    wrong_encoding,
)

PIECE = 1 << 20
HUGE_ROW = 64 << 20
"""Characters from which a row is no row."""
LISTS = ("value", "items", "results")
"""Where answers hold their rows: OData V4, REST pages, OData V2 inside "d"."""
ENVELOPES = ("d",)
MORE = ("@odata.nextLink", "__next", "hasMore")
"""How answers say that further pages follow: a link, or a truth."""
TOTALS = ("totalResults", "@odata.count", "__count")
"""How they say how many rows all pages have."""
_BLANK = " \t\r\n"
NO_ROW = "The element is not an object with fields."


def read_json(path: Path, options: ReadOptions) -> Iterator[Row]:
    """A row per element of an array, of an answer's list, or of several pages after one another.

    An object without a list is a row itself. Raises UnreadableFile for what is cut off or no JSON.
    """
    check_start(path, options.encoding)
    text = _Text(path, text_encoding(options.encoding))
    try:
        for number, element in enumerate(_elements(text, options), start=1):
            if isinstance(element, dict):
                yield Row(number, element)
            else:
                yield Row(number, json.dumps(element, ensure_ascii=False), NO_ROW)
            text.rows = number
    except UnicodeError as error:
        raise wrong_encoding(path, options.encoding) from error
    except RecursionError as error:
        raise unreadable(
            path, f"row {text.rows + 1}", "it is nested too deep to be data.", "Export it again."
        ) from error
    finally:
        text.close()


class _Text:
    """The file's text behind a reading place; what was read is let go."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.path = path
        self.file = path.open("rb")
        self.decode = codecs.getincrementaldecoder(encoding)().decode
        self.text = ""
        self.at = 0
        self.ended = False
        self.rows = 0
        # NaN is no JSON, yet some systems write it: kept as the text it is.
        self.scan = json.JSONDecoder(parse_constant=str).raw_decode

    def close(self) -> None:
        self.file.close()

    def more(self, size: int = PIECE) -> bool:
        """Reads on; False at the end of the file."""
        if self.ended:
            return False
        piece = self.file.read(size)
        self.ended = not piece
        self.text = self.text[self.at :] + self.decode(piece, self.ended)
        self.at = 0
        return True

    def peek(self) -> str:
        """The next character that is not blank; "" at the end of the file."""
        while True:
            text, at, length = self.text, self.at, len(self.text)
            while at < length and text[at] in _BLANK:
                at += 1
            self.at = at
            if at < length:
                return text[at]
            if not self.more():
                return ""

    def take(self, wanted: str) -> str:
        """The next character, one of the wanted; raises if it is another."""
        found = self.peek()
        if not found or found not in wanted:
            self.fail(found)
        self.at += 1
        return found

    def value(self) -> Any:
        """The JSON value that begins here, read whole."""
        if not self.peek():
            self.fail("")
        size = PIECE
        while True:
            try:
                value, end = self.scan(self.text, self.at)
            except json.JSONDecodeError:
                if len(self.text) - self.at > HUGE_ROW or not self.more(size):
                    self.fail(self.text[self.at : self.at + 1], inside=self.ended)
                size *= 2
                continue
            if end == len(self.text) and not self.ended:
                # A number may go on in the next piece.
                self.more(size)
                continue
            self.at = end
            return value

    def fail(self, found: str, *, inside: bool = False) -> NoReturn:
        """Says where reading stopped: at the file's end, or at something that is no JSON."""
        where = f"row {self.rows + 1}"
        if inside or not found:
            raise unreadable(
                self.path,
                where,
                "the file ends, or stops being JSON, in the middle of this row.",
                "It was probably cut off while being written or copied: export it again.",
            )
        raise unreadable(
            self.path,
            where,
            f"{found!r} stands where the JSON needs something else.",
            "Export the file again, or correct it here.",
        )


def _elements(text: _Text, options: ReadOptions) -> Iterator[Any]:
    """The rows of every document in the file."""
    lists = (options.rows.split(".")[-1],) if options.rows else LISTS
    envelopes = tuple(options.rows.split(".")[:-1]) if options.rows else ENVELOPES
    while text.peek():
        yield from _document(text, lists, envelopes, options.answer)
        while text.peek() == ",":  # pages that were pasted together
            text.take(",")


def _document(
    text: _Text, lists: tuple[str, ...], envelopes: tuple[str, ...], answer: Answer
) -> Iterator[Any]:
    start = text.peek()
    answer.more = ""  # of pages after one another the last one counts
    if start == "[":
        yield from _array(text)
    elif start == "{":
        yield from _object(text, lists, envelopes, answer)
    else:
        text.fail(start)


def _array(text: _Text) -> Iterator[Any]:
    text.take("[")
    if text.peek() == "]":
        text.take("]")
        return
    value, take = text.value, text.take
    while True:
        yield value()
        # The usual case without a call: the comma follows at once.
        if text.at < len(text.text) and text.text[text.at] == ",":
            text.at += 1
        elif take(",]") == "]":
            return


def _object(
    text: _Text, lists: tuple[str, ...], envelopes: tuple[str, ...], answer: Answer
) -> Iterator[Any]:
    """The rows that an answer holds; the object itself where it holds no list."""
    text.take("{")
    beside: dict[str, Any] = {}
    held = False
    while text.peek() != "}":
        key = text.value()
        text.take(":")
        start = text.peek()
        if start == "[" and (key in lists or key in envelopes):
            held = True
            yield from _array(text)
        elif start == "{" and key in envelopes:
            held = True
            yield from _object(text, lists, envelopes, answer)
        else:
            beside[key] = text.value()
        if text.peek() == ",":
            text.take(",")
        elif text.peek() != "}":
            text.fail(text.peek())
    text.take("}")
    if held:
        _note(answer, beside)
    elif beside:
        yield _itself(text, beside)


def _note(answer: Answer, beside: dict[str, Any]) -> None:
    """Keeps what an answer says of its pages."""
    answer.more = next((name for name in MORE if beside.get(name)), answer.more)
    totals = [str(beside[name]) for name in TOTALS if name in beside]
    answer.total = max([answer.total, *(int(one) for one in totals if one.isdigit())])


def _itself(text: _Text, row: dict[str, Any]) -> dict[str, Any]:
    """The object as a row; an answer that only says what went wrong is no export."""
    if "error" in row and len(row) <= 2:  # noqa: PLR2004 - an error and at most its envelope's key
        raise unreadable(
            text.path,
            "",
            f"the file is an error answer, not an export: {json.dumps(row['error'])[:200]}.",
            "Run the export again.",
        )
    return row


def read_json_lines(path: Path, options: ReadOptions) -> Iterator[Row]:
    """A row per line; a line that is no JSON object is a row with its raw text.

    A last line without its end that is no JSON is a file cut off: UnreadableFile.
    """
    check_start(path, options.encoding)
    decode = msgspec.json.decode
    codec = text_encoding(options.encoding)
    with path.open("rb") as file:
        for number in range(1, 1 << 62):
            raw = file.readline(HUGE_ROW)
            if not raw:
                return
            try:
                text = raw.decode(codec if number == 1 else options.encoding)
            except UnicodeError as error:
                raise wrong_encoding(path, options.encoding) from error
            if not text.strip():
                continue
            try:
                value = decode(text)
            except msgspec.DecodeError as error:
                yield _bad_line(path, number, text, str(error))
                continue
            if isinstance(value, dict):
                yield Row(number, value)
            else:
                yield Row(number, text.rstrip("\r\n"), NO_ROW)


def _bad_line(path: Path, number: int, text: str, said: str) -> Row:
    if not text.endswith("\n"):
        raise unreadable(
            path,
            f"line {number}",
            "the file ends in the middle of this line.",
            "It was probably cut off while being written or copied: export it again.",
        )
    return Row(number, text.rstrip("\r\n"), f"The line is not JSON: {said}.")
