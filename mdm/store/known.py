"""What the hub knew at an earlier moment: versions, pages, and where source records answered.

A version counts from the transaction that wrote it. A domain has one writer at a time, so what
the transactions up to an instant wrote is what stood there when that instant had passed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, TextClause

from mdm.domains import BY_PREFIX
from mdm.store.bulk import rows_for
from mdm.store.find import GOLDEN, Stored, in_numbers
from mdm.store.statements import text

HELD = tuple(name for name in GOLDEN.split(", ") if name != "domain")
"""Columns of a version that both `golden` and `golden_history` have."""
LIVING = "status NOT IN ('merged', 'erased')"


@dataclass(frozen=True, slots=True)
class Moment:
    """An earlier moment: after the transaction of a number, or at an instant."""

    seq: int | None = None
    at: str | None = None

    @property
    def column(self) -> str:
        """The column of `hub_transaction` that the moment is compared with."""
        return "seq" if self.seq is not None else "recorded_at"

    @property
    def limit(self) -> int | str | None:
        """The last value of that column that counts."""
        return self.seq if self.seq is not None else self.at

    @property
    def words(self) -> str:
        """The moment in a sentence."""
        return f"after transaction {self.seq}" if self.seq is not None else f"at {self.at}"


def newest_number(connection: Connection) -> int:
    """The number of the newest transaction that has one; 0 where none has."""
    return int(connection.scalar(text("SELECT max(seq) FROM hub_transaction")) or 0)


def golden_then(connection: Connection, golden_id: str, moment: Moment) -> Stored | None:
    """The version of this very id that the hub knew, merged ones included."""
    row = connection.execute(
        _one_then(moment.column), {"id": golden_id, "moment": moment.limit}
    ).first()
    return _stored(row) if row else None


@cache
def _one_then(column: str) -> TextClause:
    held = ", ".join(HELD)
    known = f"JOIN hub_transaction AS known ON known.id = version.tx AND known.{column} <= :moment"
    names = ", ".join(f"version.{name}" for name in HELD)
    # The narrow keys are walked from the latest version down; only the one found is read.
    return text(
        f"SELECT {held} FROM (SELECT {names} FROM golden AS version {known}"
        " WHERE version.golden_id = :id UNION ALL SELECT * FROM"
        f" (SELECT {names} FROM golden_history AS version {known}"
        " WHERE version.golden_id = :id ORDER BY version.version DESC LIMIT 1) AS earlier)"
        " AS either ORDER BY either.version DESC LIMIT 1"
    )


def goldens_then(
    connection: Connection, golden_ids: Collection[str], moment: Moment
) -> dict[str, Stored]:
    """The versions of these very ids that the hub knew, merged ones included."""
    if not golden_ids:
        return {}
    names = ", ".join(f"version.{name}" for name in HELD)
    rows = rows_for(
        connection,
        f"SELECT {names} FROM {{listed}} AS wanted JOIN golden AS version"
        f" ON version.golden_id = wanted.value WHERE {_written('version.tx', moment)} <= :moment",
        golden_ids,
        moment=moment.limit,
    )
    found = {row[0]: _stored(row) for row in rows}
    missing = [one for one in golden_ids if one not in found]
    if not missing:
        return found
    replaced = _written("version.until_tx", moment)
    rows = rows_for(
        connection,
        f"SELECT {names} FROM {{listed}} AS wanted JOIN golden_history AS version"
        f" ON version.golden_id = wanted.value WHERE {_written('version.tx', moment)} <= :moment"
        f" AND ({replaced} IS NULL OR {replaced} > :moment)",
        missing,
        moment=moment.limit,
    )
    found.update((row[0], _stored(row)) for row in rows)
    return found


def page_then(
    connection: Connection, domain: tuple[str, str], after: str, limit: int, moment: Moment
) -> list[Stored]:
    """Records of a (domain, prefix) that were living then, behind `after`, in id order."""
    name, prefix = domain
    after = max(after, f"{prefix}_")
    found: list[Stored] = []
    window = limit
    while len(found) < limit:
        end = connection.scalar(WINDOW, {"domain": name, "after": after, "window": window})
        found += _within(connection, name, (after, end or f"{prefix}`"), moment)
        if end is None:
            break
        after, window = end, min(WIDEST, 4 * window)
    return found[:limit]


WIDEST = 50_000
WINDOW = text(
    "SELECT golden_id FROM golden WHERE domain = :domain AND golden_id > :after"
    " ORDER BY golden_id LIMIT 1 OFFSET :window"
)
"""Where a window of so many ids ends. Ids are never removed: what was living then is in it."""


def _within(
    connection: Connection, domain: str, bounds: tuple[str, str], moment: Moment
) -> list[Stored]:
    """Records living then whose ids lie above the first and not above the last, in id order."""
    names = ", ".join(f"version.{one}" for one in HELD)
    known, later = _acts(moment)
    tests = f"version.golden_id > :after AND version.golden_id <= :end AND version.{LIVING}"
    rows = connection.execute(
        text(
            f"SELECT {names} FROM golden AS version {known}"
            f" WHERE version.domain = :domain AND {tests} UNION ALL"
            f" SELECT {names} FROM golden_history AS version {known} {later} WHERE {tests}"
            " ORDER BY golden_id"
        ),
        {"domain": domain, "after": bounds[0], "end": bounds[1], "moment": moment.limit},
    )
    return [_stored(row) for row in rows]


def ids_under_keys(
    connection: Connection, domain: str, keys: Sequence[Collection[int]], after: str, limit: int
) -> list[str]:
    """Ids behind `after`, in order, any version of which holds one key of every collection."""
    tests = " AND ".join(f"golden.no IN ({_holders(some)})" for some in keys)
    rows = connection.execute(
        text(
            "SELECT golden_id FROM golden WHERE domain = :domain AND golden_id > :after"
            f" AND {tests} ORDER BY golden_id LIMIT :limit"
        ),
        {"domain": domain, "after": after, "limit": limit},
    )
    return [str(row[0]) for row in rows]


def goldens_by_key(
    connection: Connection, keys: Collection[int], moment: Moment | None
) -> list[tuple[int, Stored]]:
    """(search key, record) for every record that stands under the key now; then: that ever did.

    The records are those of then, but a record may stand under a key it got later, or lost before.
    """
    names = ", ".join(f"golden.{name}" for name in GOLDEN.split(", "))
    if moment is None:
        rows = rows_for(connection, _under(names, "search_key"), keys, number=True)
        return [(row[0], Stored(*row[1:])) for row in rows]
    names += f", {_written('golden.tx', moment)} <= :moment"
    both = " UNION ALL ".join(_under(names, name) for name in ("search_key", "former_key"))
    rows = rows_for(connection, both, keys, number=True, moment=moment.limit)
    earlier = goldens_then(connection, [row[1] for row in rows if not row[-1]], moment)
    found = [(row[0], Stored(*row[1:-1])) for row in rows if row[-1]]
    return found + [(row[0], earlier[row[1]]) for row in rows if row[1] in earlier]


def _under(names: str, table: str) -> str:
    return (
        f"SELECT held.key, {names} FROM {{listed}} AS wanted JOIN {table} AS held"
        f" ON held.key = wanted.value JOIN golden ON golden.no = held.golden_no"
    )


def homes_then(connection: Connection, ids: Collection[int], moment: Moment) -> dict[int, str]:
    """The golden id that each of these source records answered with; none before it arrived."""
    arrived = rows_for(
        connection,
        "SELECT held.id, held.golden_id FROM {listed} AS wanted JOIN source_record AS held"
        " ON held.id = wanted.value LEFT JOIN source_version AS first"
        " ON first.record_id = held.id AND first.version = 1"
        f" WHERE {_written('COALESCE(first.tx, held.tx)', moment)} <= :moment",
        ids,
        number=True,
        moment=moment.limit,
    )
    homes = {row[0]: str(row[1]) for row in arrived}
    moved_on = _written("version.until_tx", moment)
    moved = rows_for(
        connection,
        "SELECT version.record_id, version.golden_id FROM {listed} AS wanted"
        " JOIN source_moved AS version ON version.record_id = wanted.value"
        f" WHERE {moved_on} IS NULL OR {moved_on} > :moment"
        " ORDER BY version.record_id, version.until_tx DESC",
        list(homes),
        number=True,
        moment=moment.limit,
    )
    # The first move that was still to come comes last, and tells where the record was.
    homes.update((row[0], str(row[1])) for row in moved)
    return homes


def first_known(connection: Connection, golden_id: str) -> tuple[str, int | None] | None:
    """When the hub first knew of a golden id: the instant and the transaction's number."""
    row = connection.execute(
        text(
            "SELECT known.recorded_at, known.seq FROM (SELECT tx, version FROM golden"
            " WHERE golden_id = :id UNION ALL SELECT tx, version FROM golden_history"
            " WHERE golden_id = :id AND version = 1) AS versions"
            " JOIN hub_transaction AS known ON known.id = versions.tx ORDER BY version LIMIT 1"
        ),
        {"id": golden_id},
    ).first()
    return (row[0], row[1]) if row else None


def versions_of(connection: Connection, golden_id: str, moment: Moment | None) -> Sequence[Any]:
    """Every version known then, the latest first: version, status, record, merged_into, its act."""
    side = "version, status, record, merged_into, tx"
    known = f" AND act.{moment.column} <= :moment" if moment else ""
    limit = {"moment": moment.limit} if moment else {}
    return connection.execute(
        text(
            "SELECT versions.version, versions.status, versions.record, versions.merged_into,"
            " act.at, act.kind, act.actor, act.reason, act.correlation_id, act.seq,"
            f" act.recorded_at, act.id FROM (SELECT {side} FROM golden WHERE golden_id = :id"
            f" UNION ALL SELECT {side} FROM golden_history WHERE golden_id = :id) AS versions"
            f" JOIN hub_transaction AS act ON act.id = versions.tx{known}"
            " ORDER BY versions.version DESC"
        ),
        {"id": golden_id, **limit},
    ).all()


def streams_of(connection: Connection, golden_id: str) -> dict[int, tuple[list[str], list[str]]]:
    """By transaction, the ids that came to lead to this one, and those that stood alone again."""
    rows = connection.execute(
        text(
            'SELECT golden_id, act, "into", tx FROM id_ledger WHERE golden_id IN'
            ' (SELECT golden_id FROM id_ledger WHERE "into" = :id) AND act <> :first ORDER BY id'
        ),
        {"id": golden_id, "first": "assigned"},
    )
    found: dict[int, tuple[list[str], list[str]]] = {}
    here: set[str] = set()
    for one, act, into, tx in rows:
        joined, parted = found.setdefault(tx, ([], []))
        if into == golden_id and one not in here:
            joined.append(one)
        elif act == "parted" and one in here:
            parted.append(one)
        (here.add if into == golden_id else here.discard)(one)
    return found


def source_versions_of(
    connection: Connection, golden_id: str, moment: Moment | None
) -> Sequence[Any]:
    """Every version known then of the source records that a golden record is made of now.

    By crosswalk key, the latest first, each with its act.
    """
    said = "version, state, record, mapping_version, load_id, tx"
    known = f" AND act.{moment.column} <= :moment" if moment else ""
    limit = {"moment": moment.limit} if moment else {}
    return connection.execute(
        text(
            "SELECT told.id, told.source, told.source_key, versions.version, versions.state,"
            " versions.record, versions.mapping_version, versions.load_id, act.at,"
            " act.recorded_at, act.kind, act.actor, act.reason, act.correlation_id, act.seq"
            f" FROM (SELECT id AS record_id, {said} FROM source_record WHERE golden_id = :id"
            " UNION ALL SELECT earlier.record_id, earlier.version, earlier.state, earlier.record,"
            " earlier.mapping_version, earlier.load_id, earlier.tx FROM source_record AS home"
            " JOIN source_version AS earlier ON earlier.record_id = home.id"
            " WHERE home.golden_id = :id) AS versions"
            " JOIN source_record AS told ON told.id = versions.record_id"
            f" JOIN hub_transaction AS act ON act.id = versions.tx{known}"
            " ORDER BY told.source, told.source_key, versions.version DESC"
        ),
        {"id": golden_id, **limit},
    ).all()


def _written(act: str, moment: Moment) -> str:
    """When a transaction was, in the moment's measure: looked up for each row that is found.

    Of few rows in a join PostgreSQL expects many, and reads every transaction there is.
    """
    return f"(SELECT act.{moment.column} FROM hub_transaction AS act WHERE act.id = {act})"


def _acts(moment: Moment) -> tuple[str, str]:
    """Joins that let only versions through that were written by then, and not replaced by then."""
    column = moment.column
    return (
        f"JOIN hub_transaction AS known ON known.id = version.tx AND known.{column} <= :moment",
        "JOIN hub_transaction AS later ON later.id = version.until_tx"
        f" AND (later.{column} IS NULL OR later.{column} > :moment)",
    )


def _holders(keys: Collection[int]) -> str:
    some = in_numbers(keys)
    return (
        f"SELECT golden_no FROM search_key WHERE key IN ({some})"
        f" UNION SELECT golden_no FROM former_key WHERE key IN ({some})"
    )


def _stored(row: Any) -> Stored:
    golden_id, version, *rest = row
    return Stored(golden_id, BY_PREFIX[golden_id.partition("_")[0]].name, version, *rest)
