"""What the tests of arriving share: keys, sources, and rows made of payloads."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from mdm.inbound.arrive import Arrived, arrive
from mdm.inbound.mapping import Feed, Source, builtin_sources, parse_source
from mdm.inbound.readers import Row, open_rows
from mdm.inbound.stage import feed_of
from mdm.records import Arrival, Document
from mdm.sealing.keys import Keys

KEYS = Keys([(b"abcd", b"s" * 32)], b"f" * 32, b"h" * 32)


@cache
def source(name: str) -> Source:
    """The built-in source of this name."""
    return parse_source(builtin_sources()[name], name)


def feed(source_name: str, feed_name: str) -> Feed:
    """A feed of a built-in source."""
    return next(one for one in source(source_name).feeds if one.name == feed_name)


def take(source_name: str, feed_name: str, payloads: Iterable[Any]) -> Arrived:
    """What comes of the payloads, as lines 1, 2, 3 of a file."""
    rows = [Row(line, payload) for line, payload in enumerate(payloads, 1)]
    return arrive(feed(source_name, feed_name), source(source_name), rows, KEYS)


def told(source_name: str, feed_name: str, payload: Any) -> Document:
    """What one payload tells."""
    return one(take(source_name, feed_name, [payload])).told


def one(arrived: Arrived) -> Arrival:
    """The only arrival."""
    assert not arrived.rejects, arrived.rejects
    assert len(arrived.arrivals) == 1
    return arrived.arrivals[0]


def take_file(source_name: str, path: Path) -> Arrived:
    """What comes of a file's rows."""
    found = feed_of(source(source_name), path)
    rows = [row for chunk in open_rows(path, found.format, found.options) for row in chunk]
    return arrive(found, source(source_name), rows, KEYS)
