"""What a source sent, as it is kept: without other systems' secrets, sealed, known by its hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from mdm.inbound.mapping import Feed, Source
from mdm.inbound.readers import Row
from mdm.sealing.keys import Keys

PARTS = 256
"""So many parts of one payload have hashes of their own; then they repeat."""

_encode = msgspec.json.Encoder(decimal_format="string").encode


@dataclass(frozen=True, slots=True)
class ToldPayload:
    """A payload as a source told it once."""

    mapping_version: str
    payload: bytes
    raw_hash: bytes


def kept(feed: Feed, payload: Any) -> Any:
    """The payload without what must not be kept: other systems' secrets."""
    if not feed.drop or not isinstance(payload, dict):
        return payload
    return {name: value for name, value in payload.items() if name not in feed.drop}


def payload_bytes(payload: Any) -> bytes:
    """The payload as it is kept: JSON; the text of a row that could not be read is a JSON text."""
    return _encode(payload)


def row_hash(feed: Feed, source: Source, row: Row, keys: Keys) -> bytes:
    """Equal for equal payloads read by the same mapping: such a row need not be mapped again."""
    return payload_hash(feed, source.version, payload_bytes(kept(feed, row.payload)), keys)


def payload_hash(feed: Feed, version: str, payload: bytes, keys: Keys) -> bytes:
    """The keyed hash of a payload read by a feed of this version of its mapping."""
    return keys.content_hash(f"{version}{feed.name}".encode() + payload)


def hash_of_part(whole: bytes, number: int, keys: Keys) -> bytes:
    """The hash of one part of a payload that tells of several records."""
    return keys.content_hash(whole + bytes([number % PARTS]))


def told_by(told: ToldPayload, feeds: Sequence[Feed], keys: Keys) -> bool:
    """Whether one of the feeds told this payload, as its hash says."""
    for feed in feeds:
        whole = payload_hash(feed, told.mapping_version, told.payload, keys)
        if told.raw_hash == whole:
            return True
        if feed.rows is not None and any(
            told.raw_hash == hash_of_part(whole, number, keys) for number in range(PARTS)
        ):
            return True
    return False


def raw_about(source: str) -> bytes:
    """What a sealed payload is bound to: it opens only as a payload of this source."""
    return b"raw:" + source.encode()
