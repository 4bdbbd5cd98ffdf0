"""Finds golden and source records: by id, crosswalk key, hashed field values, in pages, in time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from mdm.store.bulk import rows_for
from mdm.store.statements import text

GOLDEN = "golden_id, domain, version, status, region, record, lineage, merged_into, tx"


@dataclass(frozen=True, slots=True)
class Stored:
    """A golden record in one version, its record and lineage as JSON text."""

    golden_id: str
    domain: str
    version: int
    status: str
    region: str | None
    record: str
    lineage: str
    merged_into: str | None
    tx: int


@dataclass(frozen=True, slots=True)
class Told:
    """What a source record says: its crosswalk key, state and clean record as JSON text."""

    id: int
    domain: str
    source: str
    source_key: str
    golden_id: str
    own_id: str | None
    state: str
    version: int
    record: str
    source_time: str | None
    mapping_version: str
    load_id: int | None
    findings: str | None


TOLD = ", ".join(Told.__dataclass_fields__)


def golden_by_id(connection: Connection, golden_id: str) -> Stored | None:
    """The current version under this very id, merged ones included."""
    row = connection.execute(
        text(f"SELECT {GOLDEN} FROM golden WHERE golden_id = :id"), {"id": golden_id}
    ).first()
    return Stored(*row) if row else None


def goldens_by_id(connection: Connection, golden_ids: Collection[str]) -> dict[str, Stored]:
    """Current versions by id, merged ones included."""
    names = ", ".join(f"golden.{name}" for name in GOLDEN.split(", "))
    rows = rows_for(
        connection,
        f"SELECT {names} FROM golden JOIN {{listed}} AS wanted ON golden_id = wanted.value",
        golden_ids,
    )
    return {row[0]: Stored(*row) for row in rows}


def answering_id(connection: Connection, golden_id: str) -> str | None:
    """The id that a retired id leads to: where the record that founded it is now."""
    found = connection.scalar(
        text(
            "SELECT source_record.golden_id FROM id_ledger"
            " JOIN source_record ON source_record.id = id_ledger.record_id"
            " WHERE id_ledger.golden_id = :id AND id_ledger.act = 'assigned'"
        ),
        {"id": golden_id},
    )
    return str(found) if found is not None else None


def instant_of(connection: Connection, tx: int) -> str:
    """The instant that a transaction counts from."""
    found = connection.scalar(text("SELECT at FROM hub_transaction WHERE id = :id"), {"id": tx})
    return str(found)


def founder_of(connection: Connection, golden_id: str) -> int | None:
    """The source record with which this id was assigned; None where the id is unknown."""
    found = connection.scalar(
        text("SELECT record_id FROM id_ledger WHERE golden_id = :id AND act = 'assigned'"),
        {"id": golden_id},
    )
    return int(found) if found is not None else None


def told_by_key(
    connection: Connection, domain: str, source: str, keys: Sequence[str]
) -> dict[str, Told]:
    """Source records by their source keys."""
    names = ", ".join(f"source_record.{name}" for name in Told.__dataclass_fields__)
    rows = rows_for(
        connection,
        f"SELECT {names} FROM source_record JOIN {{listed}} AS wanted"
        " ON source_key = wanted.value WHERE domain = :domain AND source = :source",
        keys,
        domain=domain,
        source=source,
    )
    return {row[3]: Told(*row) for row in rows}


def slices_of_code(
    connection: Connection, domain: str, source: str, key: str
) -> list[tuple[int, str]]:
    """(record, golden id) of a dated code, the last slice first.

    Its source keys are the code's key, "@", the first day.
    """
    rows = connection.execute(
        text(
            "SELECT id, golden_id FROM source_record WHERE domain = :domain AND source = :source"
            # The next character after "@": every key that starts with "key@" lies between.
            " AND source_key >= :low AND source_key < :high ORDER BY source_key DESC LIMIT 1000"
        ),
        {"domain": domain, "source": source, "low": f"{key}@", "high": f"{key}A"},
    )
    return [(row[0], str(row[1])) for row in rows]


def told_of_golden(connection: Connection, golden_id: str) -> list[Told]:
    """The source records that a golden record is made of."""
    rows = connection.execute(
        text(
            f"SELECT {TOLD} FROM source_record WHERE golden_id = :id"
            " ORDER BY source, source_key LIMIT 1000"
        ),
        {"id": golden_id},
    )
    return [Told(*row) for row in rows]


def told_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Told]:
    """Source records by their numbers."""
    names = ", ".join(f"source_record.{name}" for name in Told.__dataclass_fields__)
    rows = rows_for(
        connection,
        f"SELECT {names} FROM source_record JOIN {{listed}} AS wanted"
        " ON source_record.id = wanted.value",
        ids,
        number=True,
    )
    return {row[0]: Told(*row) for row in rows}


def former_ids(connection: Connection, golden_id: str) -> list[str]:
    """The retired ids that lead here."""
    rows = connection.execute(
        text(
            "SELECT own_id FROM source_record WHERE golden_id = :id"
            " AND own_id IS NOT NULL AND own_id <> :id ORDER BY own_id"
        ),
        {"id": golden_id},
    )
    return [str(row[0]) for row in rows]


def page(
    connection: Connection, domain: str, keys: Sequence[Collection[int]], after: str, limit: int
) -> list[Stored]:
    """Living golden records behind `after` that hold one key of every collection, in id order."""
    rows = connection.execute(
        text(
            f"SELECT {GOLDEN} FROM golden WHERE domain = :domain AND golden_id > :after"
            f" AND status NOT IN ('merged', 'erased'){_holding(keys)}"
            " ORDER BY golden_id LIMIT :limit"
        ),
        {"domain": domain, "after": after, "limit": limit},
    )
    return [Stored(*row) for row in rows]


def _holding(keys: Sequence[Collection[int]]) -> str:
    """The tests of `golden` that it holds one key of every collection, as SQL."""
    if not keys:
        return ""
    tests = "".join(
        " AND EXISTS (SELECT 1 FROM search_key"
        f" WHERE golden_no = golden.no AND key IN ({in_numbers(some)}))"
        for some in keys
    )
    # The narrow key table leads: it finds few rows, where the page in id order finds all.
    first = in_numbers(keys[0])
    return f"{tests} AND golden.no IN (SELECT golden_no FROM search_key WHERE key IN ({first}))"


def goldens_under(
    connection: Connection, domain: str, keys: Collection[int]
) -> list[tuple[int, str]]:
    """(key, golden id) of the golden records that stand under these search keys."""
    rows = rows_for(
        connection,
        "SELECT search_key.key, golden.golden_id FROM search_key"
        " JOIN {listed} AS wanted ON search_key.key = wanted.value"
        " JOIN golden ON golden.no = search_key.golden_no WHERE golden.domain = :domain"
        " AND golden.merged_into IS NULL",
        keys,
        number=True,
        domain=domain,
    )
    return [(int(row[0]), str(row[1])) for row in rows]


def in_numbers(keys: Collection[int]) -> str:
    """Numbers as SQL; they are hashes that the hub made, never text of a caller."""
    return ", ".join(str(int(key)) for key in sorted(keys)) or "NULL"


def goldens_by_match_key(
    connection: Connection, domain: str, keys: Collection[int], limit: int
) -> list[Stored]:
    """Golden records whose source records share a match key, those that share most first."""
    rows = connection.execute(
        text(
            "SELECT golden_id FROM match_key JOIN source_record ON source_record.id = record_id"
            f" WHERE match_key.key IN ({in_numbers(keys)}) AND domain = :domain"
            " GROUP BY golden_id ORDER BY COUNT(*) DESC, golden_id LIMIT :limit"
        ),
        {"domain": domain, "limit": limit},
    )
    found = goldens_by_id(connection, [row[0] for row in rows])
    return [one for one in found.values() if one.status not in ("merged", "erased")]


def published_one(
    connection: Connection, subscriber: str, golden_id: str
) -> tuple[str, int, str, str] | None:
    """What a subscriber holds: (domain, version, status, record as JSON text); None: nothing."""
    row = connection.execute(
        text(
            "SELECT domain, version, status, record FROM published"
            " WHERE subscriber = :subscriber AND golden_id = :id AND record IS NOT NULL"
        ),
        {"subscriber": subscriber, "id": golden_id},
    ).first()
    return (row[0], row[1], row[2], row[3]) if row else None


def published_to(
    connection: Connection, subscriber: str, golden_ids: Collection[str]
) -> dict[str, tuple[int, str, str]]:
    """What a subscriber holds of these: (version, status, record as JSON text) by golden id."""
    rows = rows_for(
        connection,
        "SELECT published.golden_id, version, status, record FROM published"
        " JOIN {listed} AS wanted ON published.golden_id = wanted.value"
        " WHERE subscriber = :subscriber AND record IS NOT NULL",
        golden_ids,
        subscriber=subscriber,
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def published_page(
    connection: Connection, subscriber: str, domain: str, after: str, limit: int
) -> list[str]:
    """Golden ids that a subscriber holds of a domain, behind `after`, in id order."""
    rows = connection.execute(
        text(
            "SELECT golden_id FROM published WHERE subscriber = :subscriber AND domain = :domain"
            " AND golden_id > :after AND record IS NOT NULL ORDER BY golden_id LIMIT :limit"
        ),
        {"subscriber": subscriber, "domain": domain, "after": after, "limit": limit},
    )
    return [str(row[0]) for row in rows]


def published_under_keys(
    connection: Connection,
    held_by: tuple[str, str],
    keys: Sequence[Collection[int]],
    after: str,
    limit: int,
) -> list[str]:
    """Of the golden ids that a (subscriber, domain) holds, those with one key of every collection,
    behind `after`, in id order."""
    rows = connection.execute(
        text(
            "SELECT golden.golden_id FROM golden JOIN published"
            " ON published.golden_id = golden.golden_id AND published.subscriber = :subscriber"
            " AND published.record IS NOT NULL WHERE golden.domain = :domain"
            f" AND golden.golden_id > :after{_holding(keys)}"
            " ORDER BY golden.golden_id LIMIT :limit"
        ),
        {"subscriber": held_by[0], "domain": held_by[1], "after": after, "limit": limit},
    )
    return [str(row[0]) for row in rows]


def totals(connection: Connection) -> dict[str, dict[str, int]]:
    """How many records there are: golden, source and open tasks, by domain."""
    counted: dict[str, dict[str, int]] = {}
    for name, sql in COUNTS.items():
        for domain, number in connection.execute(text(sql)):
            counted.setdefault(str(domain), {})[name] = int(number)
    return counted


COUNTS = {
    "golden": "SELECT domain, COUNT(*) FROM golden WHERE merged_into IS NULL GROUP BY domain",
    "source": "SELECT domain, COUNT(*) FROM source_record GROUP BY domain",
    "tasks": "SELECT domain, COUNT(*) FROM task WHERE state = 'open' GROUP BY domain",
}


def golden_ids_by_key_start(
    connection: Connection, domain: str, source: str, start: str, limit: int
) -> list[str]:
    """Golden ids of source records whose keys begin with these characters."""
    rows = connection.execute(
        text(
            "SELECT golden_id FROM source_record WHERE domain = :domain AND source = :source"
            " AND source_key >= :low AND source_key < :high ORDER BY source_key LIMIT :limit"
        ),
        {
            "domain": domain,
            "source": source,
            "low": start,
            "high": start + "\U0010ffff",
            "limit": limit,
        },
    )
    return list(dict.fromkeys(str(row[0]) for row in rows))
