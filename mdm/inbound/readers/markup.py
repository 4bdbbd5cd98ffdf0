"""Reads XML, IDocs among it, element by element; entities are never expanded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from mdm.inbound.readers.row import ReadOptions, Row, check_start, unreadable

IGNORED = frozenset({"SEGMENT", "BEGIN"})
"""Attributes of IDocs that say nothing."""
CONTROL = "EDI_DC40"


def read_xml(path: Path, options: ReadOptions) -> Iterator[Row]:
    """A row per row element, as nested dicts without namespaces.

    A leaf is its text; a child that is there several times is a list; an attribute is "@name", and
    the text beside attributes "#text". An IDoc without a data segment is a row with its raw text.
    Raises UnreadableFile for XML that is cut off, not well-formed, or declares its own entities.
    """
    # XML names its encoding itself, so only emptiness is looked for here.
    check_start(path, "utf-16")
    number = 0
    try:
        for element in _row_elements(path, options.element):
            number += 1
            yield _row(number, element)
            _let_go(element)
    except etree.XMLSyntaxError as error:
        raise unreadable(
            path,
            f"row {number + 1}, line {error.lineno or 0}",
            f"the XML stops being well-formed ({error.msg}).",
            "If the file was cut off while being written or copied, export it again.",
        ) from error


def _row_elements(path: Path, name: str | None) -> Iterator[etree._Element]:
    """The row elements; without a name, the children of the outermost element."""
    # A file handle, because lxml may fetch what a path names.
    with path.open("rb") as file:
        found = etree.iterparse(
            file,
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        )
        depth = 0
        for event, element in found:
            if event == "start":
                if depth == 0:
                    _refuse_entities(path, element)
                depth += 1
                continue
            depth -= 1
            if depth == 1 if name is None else etree.QName(element).localname == name:
                yield element


def _refuse_entities(path: Path, root: etree._Element) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise unreadable(
            path, "line 1", "the XML declares a document type, which may hide an attack.",
            "Export it without a DOCTYPE.",
        )  # fmt: skip


def _let_go(element: etree._Element) -> None:
    """Frees the element and those before it, so that memory stays flat."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def _row(number: int, element: etree._Element) -> Row:
    payload = _value(element)
    raw_needed = not isinstance(payload, dict)
    if isinstance(payload, dict) and not set(payload) - {CONTROL} and CONTROL in payload:
        raw_needed = True
    if raw_needed:
        raw = etree.tostring(element, encoding="unicode", with_tail=False)
        return Row(number, raw, "The element holds no data segment.")
    assert isinstance(payload, dict)
    return Row(number, payload)


def _value(element: etree._Element) -> dict[str, Any] | str:
    """The element as nested plain values."""
    told: dict[str, Any] = {
        f"@{_local(name)}": value for name, value in element.items() if _local(name) not in IGNORED
    }
    for child in element:
        name, value = _local(child.tag), _value(child)
        if name in told:
            held = told[name]
            if isinstance(held, list):
                held.append(value)
            else:
                told[name] = [held, value]
        else:
            told[name] = value
    text = (element.text or "").strip()
    if not told:
        return text
    if text and not len(element):
        told["#text"] = text
    return told


def _local(name: str | bytes | bytearray | etree.QName) -> str:
    return str(name).rpartition("}")[2]
