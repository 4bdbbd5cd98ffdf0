"""Code values that nobody has mapped yet, with their counts, and the records that carry them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

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


def payloads(connection: Connection, ids: Collection[int]) -> dict[int, bytes]:
    """The sealed payloads of the latest versions of these source records."""
    rows = rows_for(
        connection,
        "SELECT id, raw FROM source_record JOIN {listed} AS wanted ON id = wanted.value",
        ids,
        number=True,
    )
    return {row[0]: bytes(row[1]) for row in rows}
