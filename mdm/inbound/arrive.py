"""Lets rows arrive: mapped, cleaned, sealed, hashed. Pure, so that it runs on every core.

A row becomes an Arrival or a Reject, never an error; what it tells of protected values leaves here
only as masked text and fingerprint, and its payload only sealed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jmespath.exceptions import JMESPathError

from mdm.inbound.clean import Noted, without_accounts
from mdm.inbound.compiled import normal, telling
from mdm.inbound.expressions import ABSENT, Evaluate
from mdm.inbound.functions import Unreadable
from mdm.inbound.mapping import Feed, Source
from mdm.inbound.payload import hash_of_part, kept, payload_bytes, payload_hash, raw_about
from mdm.inbound.readers import Row
from mdm.inbound.slices import slice_key
from mdm.inbound.told import PARENT, Refused, Telling, Vault, holds
from mdm.records import (
    Arrival,
    Document,
    Finding,
    Reject,
    SealedValue,
    UnmappedCode,
    canonical,
)
from mdm.sealing.keys import Keys
from mdm.sealing.protected import mask

SHAPES = 64
"""Shapes of payloads for which readers are kept."""

SEPARATORS = bytes(code for code in range(256) if not chr(code).isalnum() or code > 127)  # noqa: PLR2004 - beyond ASCII
"""What may stand between the characters of an account number."""

NUL_REASON = (
    "A text of the row holds the character U+0000, which no database keeps."
    " Export the row again without it."
)


ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(slots=True)
class Arrived:
    """What came of some rows."""

    arrivals: list[Arrival]
    rejects: list[Reject]
    sealed: list[SealedValue]
    unmapped: list[UnmappedCode]
    unmapped_columns: set[str]
    skipped: dict[str, int] = field(default_factory=dict)
    """How many rows were passed over because they are no records of the domain, by reason."""
    not_kept: dict[str, str] = field(default_factory=dict)
    """Columns that a line reads and yet nothing could keep, each with the reason."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Payloads of the same fields: how those are renamed, if at all, and read."""

    names: dict[str, str] | None
    telling: Telling


@dataclass(slots=True)
class Desk:
    """What the rows of one call share."""

    feed: Feed
    source: Source
    telling: Telling
    vault: Vault
    noted: Noted
    shapes: dict[tuple[str, ...], Shape] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    not_kept: dict[str, str] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def plain(value: Any) -> Any:
    """What XML says in the shape JSON has: typed leaves as text, nil as null, arrays as lists."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("@nil") == "true":
        return None
    named = {name: item for name, item in value.items() if name[:1] not in "@#"}
    if value.get("@type") == "array":
        return [
            plain(i)
            for held in named.values()
            for i in (held if isinstance(held, list) else [held])
        ]
    if not named:
        return value.get("#text", "")
    return {name: plain(item) for name, item in value.items()}


def _has_list(payload: Document) -> bool:
    return any(type(item) is list for item in payload.values())


def _wrapped(value: Any, name: str) -> Any:
    """The value with each list in it as an object that holds its items under the name."""
    if isinstance(value, list):
        return {name: [_wrapped(item, name) for item in value]}
    if isinstance(value, dict):
        # What holds a list under that name is wrapped already.
        return {
            part: item if part == name and isinstance(item, list) else _wrapped(item, name)
            for part, item in value.items()
        }
    return value


def _without_marks(payload: Any, mark: str) -> Any:
    """The payload without the fields whose value says "not changed" (SAP writes a slash)."""
    if isinstance(payload, list):
        return [_without_marks(item, mark) for item in payload]
    if isinstance(payload, dict):
        return {n: _without_marks(v, mark) for n, v in payload.items() if v != mark}
    return payload


def arrive(feed: Feed, source: Source, rows: Sequence[Row], keys: Keys) -> Arrived:
    """What comes of the rows: every one is an arrival, a reject, or counted as skipped."""
    desk = Desk(feed, source, telling(feed), Vault(keys, {}, [], []), Noted())
    arrivals: list[Arrival] = []
    for row in rows:
        arrivals.extend(_arrivals(desk, row))
    return Arrived(
        arrivals=arrivals,
        rejects=desk.rejects,
        sealed=list(desk.vault.sealed.values()),
        unmapped=[UnmappedCode(*code, count) for code, count in desk.noted.unmapped.items()],
        unmapped_columns=desk.unknown,
        not_kept=desk.not_kept,
        skipped=dict(desk.skipped),
    )


def _arrivals(desk: Desk, row: Row) -> Iterator[Arrival]:
    """The arrivals of one row: one, or as many as the mapping makes of it."""
    told = kept(desk.feed, row.payload)
    raw = payload_bytes(told)
    try:
        if row.problem is not None:
            raise Refused("unreadable_row", row.problem)
        if b"\\u0000" in raw and _holds_nul(row.payload):
            raise Refused("control_character", NUL_REASON)
        payload, telling = _known(desk, _read(desk.feed, told))
        if desk.telling.rows is None:
            arrival = _arrival(desk, telling, (payload, raw), row.line)
            if arrival is not None:
                arrival.findings += _flagged(row)
                yield arrival
            return
        parts = [part for part in desk.telling.rows(payload) or () if isinstance(part, dict)]
    except Refused as refused:
        desk.rejects.append(_reject(desk, refused, raw, row.line))
        return
    for number, part in enumerate(parts):
        # Each part keeps the whole payload, but a hash of its own: one payload is several records.
        yield from _part(desk, {**part, PARENT: payload}, (raw, number), row.line)


def _read(feed: Feed, payload: Any) -> Any:
    """The payload in the shape that the mapping's expressions read."""
    told = plain(payload) if feed.format == "xml" else payload
    if feed.lists is not None and isinstance(told, dict) and _has_list(told):
        told = {name: _wrapped(item, feed.lists) for name, item in told.items()}
    return _without_marks(told, feed.nodata) if feed.nodata is not None else told


def _holds_nul(value: Any) -> bool:
    """Whether a text in the payload holds the character U+0000."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(map(_holds_nul, value))


def _part(desk: Desk, payload: Document, raw: tuple[bytes, int], line: int) -> Iterator[Arrival]:
    try:
        arrival = _arrival(desk, desk.telling, (payload, raw[0]), line)
    except Refused as refused:
        desk.rejects.append(_reject(desk, refused, raw[0], line))
        return
    if arrival is not None:
        arrival.raw_hash = hash_of_part(arrival.raw_hash, raw[1], desk.vault.keys)
        yield arrival


def _flagged(row: Row) -> list[Finding]:
    """What a spreadsheet may have made of codes: a number without its zeros, a date."""
    return [_not_as_typed(column, row.payload) for column in row.flags]


def _not_as_typed(column: str, payload: Document | str) -> Finding:
    if isinstance(payload, dict) and ISO_DATE.match(str(payload.get(column))):
        said = f"The workbook holds {column} as a date: what was typed is lost."
        return Finding("taken_for_date", column, f"{said} Type it again in a column of text.")
    said = f"The workbook holds {column} as a number: leading zeros may be lost."
    return Finding("lost_zeros", column, f"{said} Export the column as text.")


def _known(desk: Desk, payload: Any) -> tuple[Document, Telling]:
    """The payload under the mapping's column names, and what reads it.

    Refused where it is no record at all.
    """
    if not isinstance(payload, dict):
        raise Refused("wrong_type", "The row is not an object with named fields.")
    fields = tuple(payload)
    shape = desk.shapes.get(fields)
    if shape is None:
        names = _renamed(desk, fields)
        known = frozenset(names.values() if names else fields)
        _note_not_kept(desk, names or {}, known)
        # Few shapes are worth a reader of their own; free-form objects have a new one each.
        few = len(desk.shapes) < SHAPES
        shape = Shape(names, desk.telling.of_shape(known) if few else desk.telling)
        desk.shapes[fields] = shape
    names = shape.names
    if names is None:
        return payload, shape.telling
    return {names[name]: value for name, value in payload.items()}, shape.telling


def _renamed(desk: Desk, shape: tuple[str, ...]) -> dict[str, str] | None:
    """The mapping's names of these columns where they differ; notes what no line reads."""
    known, synonyms = desk.telling.known, desk.telling.columns
    names = {}
    taken = {name for name in shape if name in known}
    for name in shape:
        found = synonyms.get(normal(name)) if name not in known else name
        if found is None or (found != name and found in taken):
            found = name
        taken.add(found)
        names[name] = found
    desk.unknown |= {
        n for n, found in names.items() if found not in known and not _is_noise(desk, n)
    }
    return None if all(name == found for name, found in names.items()) else names


def _note_not_kept(desk: Desk, names: Mapping[str, str], known: frozenset[str]) -> None:
    """Notes the columns that only children tell of which these payloads can make none."""
    spelled = {found: name for name, found in names.items()}
    for column, needs in desk.telling.lacking(known).items():
        others = [s for name in needs for s in desk.feed.columns.get(name, ())]
        also = f" (also read: {', '.join(others[:8])})" if others else ""
        name = spelled.get(column, column)
        desk.not_kept[name] = (
            f"{name} was not kept: it belongs to {' or '.join(needs)}{also}, which is not there."
            " Add that column."
        )


def _is_noise(desk: Desk, name: str) -> bool:
    starts = (noise[:-1] for noise in desk.feed.noise if noise.endswith("*"))
    return name.startswith(("@", "__")) or any(name.startswith(start) for start in starts)


def _arrival(
    desk: Desk, telling: Telling, told_as: tuple[Document, bytes], line: int
) -> Arrival | None:
    """The row's arrival; None where the mapping says it is no record of the domain."""
    payload, raw = told_as
    vault = desk.vault
    if holds(telling.skip, payload, "passed over"):
        desk.skipped[desk.feed.skip_reason] += 1
        return None
    key = telling.source_key(payload)
    vault.clear.clear()
    vault.findings.clear()
    desk.noted.row.clear()
    try:
        ended = holds(telling.deleted, payload, "deleted")
        told = telling.told(payload, desk.noted, vault)
        if telling.domain.dated:
            key = slice_key(key, told, slices=desk.feed.slices)
        partial = _require(telling, told, ended)
    except Refused as refused:
        refused.source_key = refused.source_key or key
        raise
    findings = list(vault.findings)
    if desk.noted.row:
        desk.noted.take_row()
    if vault.clear:
        told = _without(told, vault.clear)
    return Arrival(
        source=desk.source.name,
        source_key=key,
        line=line,
        told=told,
        content_hash=vault.keys.content_hash(canonical(told)),
        raw=vault.keys.seal(raw, raw_about(desk.source.name)),
        raw_hash=payload_hash(desk.feed, desk.source.version, raw, vault.keys),
        sequence=_stamp(telling.sequence, payload, "sequence", findings),
        source_time=_stamp(telling.source_time, payload, "source_time", findings),
        ended=ended,
        partial=partial,
        findings=findings,
    )


def _require(telling: Telling, told: Document, ended: bool) -> bool:
    """Whether a required field is left out (the version before may tell it); Refused if empty."""
    partial = False
    for name in telling.required:
        if told.get(name) is not None or ended:
            continue
        if name in told:
            raise Refused("required_field_empty", f"Field {name} is required, and it is empty.")
        partial = True
    return partial


def _stamp(
    get: Evaluate | None, payload: Document, name: str, findings: list[Finding]
) -> str | None:
    """A sortable text; one that cannot be read is a finding, for the record itself is fine."""
    if get is None:
        return None
    try:
        value = get(payload)
    except Unreadable as error:
        findings.append(Finding("unreadable_date", name, error.sentence))
        return None
    except JMESPathError:
        findings.append(Finding("wrong_type", name, f"{name} has another shape than expected."))
        return None
    if value is None or value is ABSENT or value == "":
        return None
    text = str(value)
    return text.zfill(20) if text.isdigit() else text


def _without(told: Document, clear: Sequence[str]) -> Document:
    """The document in which no protected value survives, in no other field and no spelling."""
    flat = payload_bytes(told).upper().translate(None, SEPARATORS)
    for value in clear:
        if value.upper().encode() in flat:
            spelled = re.compile(r"[\W_]*".join(map(re.escape, value)), re.IGNORECASE)
            told = _masked(told, spelled, mask(value))
    return told


def _masked(value: Any, spelled: re.Pattern[str], shown: str) -> Any:
    if isinstance(value, str):
        return spelled.sub(shown, value)
    if isinstance(value, list):
        return [_masked(item, spelled, shown) for item in value]
    if isinstance(value, dict) and "fingerprint" not in value:
        return {name: _masked(item, spelled, shown) for name, item in value.items()}
    return value


def _reject(desk: Desk, refused: Refused, raw: bytes, line: int) -> Reject:
    keys = desk.vault.keys
    return Reject(
        source=desk.source.name,
        line=line,
        code=refused.code,
        reason=without_accounts(refused.reason),
        raw=keys.seal(raw, raw_about(desk.source.name)),
        source_key=refused.source_key,
        payload_hash=payload_hash(desk.feed, desk.source.version, raw, keys),
    )
