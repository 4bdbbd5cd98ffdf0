"""The shapes that travel the path of a record: slotted, free of I/O."""

from __future__ import annotations

import enum
from typing import Any

import msgspec

Document = dict[str, Any]
"""A clean record, a golden record or a projection of one: plain JSON."""

IN_PART = "in_part"
"""In a child that a source told only in part: the names of the fields that say which one it is."""

canonical = msgspec.json.Encoder(decimal_format="string", order="deterministic").encode
"""A document as bytes that are the same for the same content, however it was stored since."""


class Mode(enum.StrEnum):
    """How a load is meant: what its rows, and the rows it does not have, say."""

    INITIAL = "initial"  # the first load of a source; matched as one batch
    INCREMENTAL = "incremental"  # what changed; absence says nothing
    FULL = "full"  # everything there is; absence ends a source record


class Verdict(enum.StrEnum):
    """What the rules say of a pair."""

    NO_MATCH = "no_match"
    POSSIBLE_MATCH = "possible_match"
    MATCH = "match"


class Arrival(msgspec.Struct, array_like=True):
    """A row that arrived: mapped, cleaned, sealed, hashed; not yet compared with what we hold."""

    source: str
    source_key: str
    line: int
    told: Document
    """The clean fields the source told: absent ones are missing, withdrawn ones are None."""
    content_hash: bytes
    """Keyed hash over what counts as content (noise columns left out), 16 bytes."""
    raw: bytes
    """The payload as received, sealed."""
    raw_hash: bytes
    """Keyed hash over the payload, 16 bytes: the same payload need not be mapped again."""
    sequence: str | None = None
    """The source's own order of versions of this record, sortable as text; None: receipt order."""
    source_time: str | None = None
    ended: bool = False
    """The source says that this record is deleted."""
    partial: bool = False
    """Fields may be absent: what is missing stays as in the preceding version."""
    findings: list[Finding] = []


class Finding(msgspec.Struct, array_like=True):
    """Something a person should know of a record that was accepted all the same."""

    code: str
    field: str
    message: str
    value: str | None = None


class Reject(msgspec.Struct, array_like=True):
    """A row that was refused, kept with its reason."""

    source: str
    line: int
    code: str
    reason: str
    raw: bytes
    """The payload as received, sealed."""
    source_key: str | None = None
    payload_hash: bytes = b""
    """Keyed hash over the payload: the same row refused again is the same reject."""


class SealedValue(msgspec.Struct, array_like=True):
    """A protected value for the vault: its keyed hash and its sealed text."""

    fingerprint: str
    sealed: bytes


class UnmappedCode(msgspec.Struct, array_like=True):
    """A code value that the source's value map does not know yet."""

    field: str
    value: str
    count: int
