"""Code values that nobody has mapped yet, with their counts, and the records that carry them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from mdm.golden.versions import unpack_told
from mdm.records import Document
from mdm.store.bulk import rows_for, run_many
from mdm.store.statements import text
from mdm.store.transaction import Tx

PAGE = 5_000
"""Source records looked at at a time."""


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A value of a source's field that means none of our codes yet."""

    source: str
    domain: str
    field: str
    value: str
    count: int
    first_at: str
    last_at: str
    resolved_at: str | None


def queued(
    connection: Connection, source: str | None = None, *, resolved: bool = False
) -> list[Unmapped]:
    """The values that wait, the most frequent first; `resolved`: those that were mapped too."""
    rows = connection.execute(
        text(
            "SELECT source, domain, field, value, count, first_at, last_at, resolved_at"
            " FROM unmapped_code WHERE (:source = '' OR source = :source)"
            " AND (:resolved = 1 OR resolved_at IS NULL)"
            " ORDER BY count DESC, source, domain, field, value"
        ),
        {"source": source or "", "resolved": int(resolved)},
    )
    return [Unmapped(*row) for row in rows]


def resolve(tx: Tx, found: Sequence[Unmapped]) -> None:
    """Notes that these values are mapped, and that no record carries them any more."""
    run_many(
        tx.connection,
        "UPDATE unmapped_code SET resolved_at = ?"
        " WHERE source = ? AND domain = ? AND field = ? AND value = ?",
        [(tx.at, one.source, one.domain, one.field, one.value) for one in found],
    )
    for source, domain, field in sorted({(one.source, one.domain, one.field) for one in found}):
        tx.note("codes_mapped", f"source:{source}", domain=domain, field=field)


def carriers(
    connection: Connection, source: str, domain: str, needles: Collection[str]
) -> Iterator[list[int]]:
    """Pages of ids of standing source records whose document holds one of these texts."""
    after = 0
    while True:
        rows = connection.execute(
            text(
                "SELECT id, record FROM source_record WHERE domain = :domain"
                " AND source = :source AND state <> 'ended' AND id > :after"
                " ORDER BY id LIMIT :page"
            ),
            {"domain": domain, "source": source, "after": after, "page": PAGE},
        ).all()
        if not rows:
            return
        after = int(rows[-1][0])
        lowered = [(int(row[0]), row[1].lower()) for row in rows]
        yield [number for number, said in lowered if any(needle in said for needle in needles)]


@dataclass(frozen=True, slots=True)
class Telling:
    """What one version of a source record told, and its payload, sealed."""

    told: Document
    raw: bytes
    raw_hash: bytes
    sequence: str | None
    line: int


TELLING = "version, record, told, raw, raw_hash, sequence, line"


def tellings(connection: Connection, ids: Collection[int]) -> dict[int, tuple[str, list[Telling]]]:
    """By id of a source record its key and all its versions, in the order they were received."""
    found: dict[int, tuple[str, list[tuple[int, Telling]]]] = {}
    for table, number in (("source_record", "id"), ("source_version", "record_id")):
        key = "source_key" if table == "source_record" else "''"
        rows = rows_for(
            connection,
            f"SELECT {number}, {key}, {TELLING} FROM {table}"
            f" JOIN {{listed}} AS wanted ON {number} = wanted.value",
            ids,
            number=True,
        )
        for record_id, source_key, version, *told in rows:
            held = found.setdefault(record_id, (source_key, []))
            held[1].append((version, _telling(told)))
    return {
        record_id: (key, [one for _version, one in sorted(told, key=lambda pair: pair[0])])
        for record_id, (key, told) in found.items()
    }


def _telling(row: Sequence[Any]) -> Telling:
    record, packed, raw, raw_hash, sequence, line = row
    document = msgspec.json.decode(record)
    told = unpack_told(document, msgspec.json.decode(packed)) if packed is not None else document
    return Telling(told, bytes(raw), bytes(raw_hash), sequence, line or 1)
