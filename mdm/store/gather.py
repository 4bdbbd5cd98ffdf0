"""Reads all that a decision may look at: records by key, candidates, whole components."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from mdm.golden.state import Decision, Edge, Golden, Held
from mdm.records import Document, Finding
from mdm.store.bulk import rows_for
from mdm.store.statements import text

RECORD_COLUMNS = (
    "id, domain, source, source_key, golden_id, own_id, state, version, record, told, findings,"
    " content_hash, raw_hash, sequence, source_time, mapping_version, load_id, line, tx"
)
VERSION_COLUMNS = (
    "v.record_id, r.domain, r.source, r.source_key, v.golden_id, r.own_id, v.state, v.version,"
    " v.record, v.told, v.findings, v.content_hash, v.raw_hash, v.sequence, v.source_time,"
    " v.mapping_version, v.load_id, v.line, v.tx"
)
GOLDEN_COLUMNS = "no, golden_id, domain, version, status, region, record, lineage, merged_into, tx"
EDGE_COLUMNS = "left_id, right_id, probability, verdict, veto, evidence, rules, tx"

_decode = msgspec.json.Decoder().decode
_findings = msgspec.json.Decoder(list[Finding]).decode


def held_by_key(
    connection: Connection, domain: str, source: str, keys: Collection[str]
) -> dict[str, Held]:
    """The source records we hold under these keys of a source; raw payloads are not read."""
    rows = rows_for(
        connection,
        f"SELECT {RECORD_COLUMNS} FROM source_record JOIN {{listed}} AS wanted"
        " ON source_key = wanted.value WHERE domain = :domain AND source = :source",
        keys,
        domain=domain,
        source=source,
    )
    return {record.source_key: record for record in map(_held, rows)}


def held_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Held]:
    """The source records of these ids."""
    rows = rows_for(
        connection,
        f"SELECT {RECORD_COLUMNS} FROM source_record JOIN {{listed}} AS wanted"
        " ON id = wanted.value",
        ids,
        number=True,
    )
    return {record.id: record for record in map(_held, rows)}


def component(connection: Connection, seeds: Collection[int]) -> set[int]:
    """Every record tied to the seeds: same golden record, matching edge, decision; transitively."""
    found: set[int] = set(seeds)
    frontier: set[int] = set(seeds)
    while frontier:
        reached = {int(row[0]) for sql in TIES for row in _tied(connection, sql, frontier)}
        frontier = reached - found
        found |= frontier
    return found


TIES = (
    "SELECT other.id FROM source_record AS one JOIN {listed} AS wanted ON one.id = wanted.value"
    " JOIN source_record AS other ON other.golden_id = one.golden_id",
    "SELECT right_id FROM edge JOIN {listed} AS wanted ON left_id = wanted.value WHERE verdict = 2",
    "SELECT left_id FROM edge JOIN {listed} AS wanted ON right_id = wanted.value WHERE verdict = 2",
    "SELECT other.record_id FROM decision_record AS one"
    " JOIN {listed} AS wanted ON one.record_id = wanted.value"
    " JOIN decision ON decision.id = one.decision_id AND decision.withdrawn_tx IS NULL"
    " JOIN decision_record AS other ON other.decision_id = one.decision_id",
)


def _tied(connection: Connection, sql: str, ids: Collection[int]) -> list[Any]:
    return rows_for(connection, sql, ids, number=True)


def records_of_goldens(connection: Connection, golden_ids: Collection[str]) -> set[int]:
    """Ids of the source records that answer with these golden ids."""
    rows = rows_for(
        connection,
        "SELECT id FROM source_record JOIN {listed} AS wanted ON golden_id = wanted.value",
        golden_ids,
    )
    return {int(row[0]) for row in rows}


def joined_goldens(
    connection: Connection, domain: str, sources: Collection[str] | None
) -> list[str]:
    """Golden ids with several source records, one of them of these sources; None: of any."""
    if sources is not None and not sources:
        return []
    rows = rows_for(
        connection,
        "SELECT golden_id FROM source_record LEFT JOIN {listed} AS wanted"
        " ON source_record.source = wanted.value WHERE domain = :domain"
        " GROUP BY golden_id HAVING COUNT(*) > 1"
        + ("" if sources is None else " AND COUNT(wanted.value) > 0")
        + " ORDER BY golden_id",
        sources or (),
        domain=domain,
    )
    return [str(row[0]) for row in rows]


def records_of_codes(connection: Connection, keys: Collection[int]) -> set[int]:
    """Ids of the source records that stand under these match keys, however many."""
    rows = rows_for(
        connection,
        "SELECT record_id FROM match_key JOIN {listed} AS wanted ON key = wanted.value",
        keys,
        number=True,
    )
    return {int(row[0]) for row in rows}


def candidates(
    connection: Connection, keys: Sequence[int], cap: int
) -> tuple[list[tuple[int, int]], list[int]]:
    """(key, record id) pairs under these keys, and the keys that hold more than `cap` records."""
    found: list[tuple[int, int]] = []
    crowded: list[int] = []
    for key, ids in _under_keys(connection, keys, cap + 1):
        if len(ids) > cap:
            crowded.append(key)
        else:
            found.extend((key, record_id) for record_id in ids)
    return found, crowded


def _under_keys(
    connection: Connection, keys: Sequence[int], limit: int
) -> Iterable[tuple[int, list[int]]]:
    if connection.dialect.name == "postgresql":
        sql = text(
            "SELECT k, array(SELECT record_id FROM match_key WHERE key = k LIMIT :limit)"
            " FROM unnest(CAST(:keys AS bigint[])) AS k"
        )
        yield from (
            (row[0], row[1])
            for row in connection.execute(sql, {"keys": list(keys), "limit": limit})
        )
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    # In process, one prepared look-up per key costs less than any join, and can stop at the cap.
    execute = raw.cursor().execute
    sql_one = "SELECT record_id FROM match_key WHERE key = ? LIMIT ?"
    for key in keys:
        ids = [row[0] for row in execute(sql_one, (key, limit))]
        if ids:
            yield key, ids


def edges_of(
    connection: Connection, ids: Collection[int]
) -> tuple[list[Edge], list[tuple[Edge, str]]]:
    """Scored pairs within these records, and possible ones that lead out with the other's id."""
    inside: dict[tuple[int, int], Edge] = {}
    leading: dict[int, list[Edge]] = {}
    within = set(ids)
    for end in ("left_id", "right_id"):
        sql = f"SELECT {EDGE_COLUMNS} FROM edge JOIN {{listed}} AS wanted ON {end} = wanted.value"
        for row in rows_for(connection, sql, ids, number=True):
            edge = edge_of(row)
            if edge.left in within and edge.right in within:
                inside[edge.left, edge.right] = edge
            elif edge.verdict:
                leading.setdefault(edge.left if edge.right in within else edge.right, []).append(
                    edge
                )
    goldens = golden_ids_of(connection, leading)
    outside = [(edge, goldens[end]) for end, edges in leading.items() for edge in edges]
    return list(inside.values()), outside


def edge_of(row: Any) -> Edge:
    """The scored pair that a row of `EDGE_COLUMNS` tells."""
    return Edge(row[0], row[1], row[2], row[3], bool(row[4]), row[5], row[6], row[7])


def golden_ids_of(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """The golden id each of these source records answers with."""
    rows = rows_for(
        connection,
        "SELECT id, golden_id FROM source_record JOIN {listed} AS wanted ON id = wanted.value",
        ids,
        number=True,
    )
    return {row[0]: row[1] for row in rows}


def decisions_of(connection: Connection, ids: Collection[int]) -> list[Decision]:
    """Decisions in force that bind any of these records."""
    rows = rows_for(
        connection,
        "SELECT DISTINCT d.id, d.kind, d.survivor, every.record_id, every.side"
        " FROM decision_record AS one JOIN {listed} AS wanted ON one.record_id = wanted.value"
        " JOIN decision AS d ON d.id = one.decision_id AND d.withdrawn_tx IS NULL"
        " JOIN decision_record AS every ON every.decision_id = d.id"
        " ORDER BY d.id, every.record_id",
        ids,
        number=True,
    )
    said: dict[int, tuple[str, str | None]] = {}
    sides: dict[int, tuple[list[int], list[int]]] = {}
    for decision_id, kind, survivor, record_id, side in rows:
        said[decision_id] = (kind, survivor)
        sides.setdefault(decision_id, ([], []))[side].append(record_id)
    return [
        Decision(number, said[number][0], tuple(left), tuple(right), said[number][1])
        for number, (left, right) in sides.items()
    ]


def goldens_by_id(connection: Connection, golden_ids: Collection[str]) -> dict[str, Golden]:
    """The golden records of these ids in their current version, merged ones too."""
    rows = rows_for(
        connection,
        f"SELECT {GOLDEN_COLUMNS} FROM golden JOIN {{listed}} AS wanted"
        " ON golden_id = wanted.value",
        golden_ids,
    )
    return {golden.golden_id: golden for golden in map(_golden, rows)}


@dataclass(frozen=True, slots=True)
class Entities:
    """What records have from their legal entities: regions and time zones by code."""

    regions: Mapping[str, str | None]
    zones: Mapping[str, str | None]


def entities(connection: Connection) -> Entities:
    """The region and the time zone of each legal entity, in its latest slice."""
    rows = connection.execute(
        text("SELECT record FROM golden WHERE domain = 'legal_entity' AND status <> 'merged'")
    )
    slices = [state for (record,) in rows for state in _decode(record)["slices"]]
    return entities_of(slices)


def entities_of(slices: Iterable[Document]) -> Entities:
    """The same of the slices of legal entities: the latest of a code counts."""
    told = {state["code"]: state for state in slices}
    return Entities(
        {code: state.get("region") for code, state in told.items()},
        {code: state.get("timezone") for code, state in told.items()},
    )


def moved(before: Document | None, after: Document) -> set[str]:
    """The codes of a legal entity for which another region or time zone holds than before."""
    one, other = (entities_of(said["slices"] if said else ()) for said in (before, after))
    return {
        code
        for code in {**one.regions, **other.regions}
        if (one.regions.get(code), one.zones.get(code))
        != (other.regions.get(code), other.zones.get(code))
    }


def _held(row: Any) -> Held:
    return Held(
        id=row[0],
        domain=row[1],
        source=row[2],
        source_key=row[3],
        golden_id=row[4],
        own_id=row[5],
        state=row[6],
        version=row[7],
        record=_decode(row[8]),
        told=_decode(row[9]) if row[9] is not None else None,
        findings=_findings(row[10]) if row[10] is not None else [],
        raw=b"",
        content_hash=row[11],
        raw_hash=row[12],
        sequence=row[13],
        source_time=row[14],
        mapping_version=row[15],
        load_id=row[16],
        line=row[17],
        tx=row[18],
    )


def _golden(row: Any) -> Golden:
    return Golden(
        no=row[0],
        golden_id=row[1],
        domain=row[2],
        version=row[3],
        status=row[4],
        region=row[5],
        record=_decode(row[6]),
        lineage=_decode(row[7]),
        merged_into=row[8],
        tx=row[9],
    )


def versions_of(connection: Connection, record_id: int) -> list[Held]:
    """The earlier versions of one source record, in the order they were received."""
    rows = connection.execute(
        text(
            f"SELECT {VERSION_COLUMNS} FROM source_version AS v"
            " JOIN source_record AS r ON r.id = v.record_id"
            " WHERE v.record_id = :record_id ORDER BY v.version"
        ),
        {"record_id": record_id},
    )
    return [_held(row) for row in rows]


def held_then(connection: Connection, ids: Collection[int], tx: int) -> dict[int, Held]:
    """These records as they stood after a transaction; those that came later are left out."""
    rows = rows_for(
        connection,
        f"SELECT {RECORD_COLUMNS} FROM source_record JOIN {{listed}} AS wanted"
        " ON id = wanted.value WHERE tx <= :tx",
        ids,
        number=True,
        tx=tx,
    )
    rows += rows_for(
        connection,
        f"SELECT {VERSION_COLUMNS} FROM source_version AS v"
        " JOIN {listed} AS wanted ON v.record_id = wanted.value"
        " JOIN source_record AS r ON r.id = v.record_id"
        " WHERE v.tx <= :tx AND v.until_tx > :tx",
        ids,
        number=True,
        tx=tx,
    )
    return {record.id: record for record in map(_held, rows)}


def raw_of(connection: Connection, record_id: int) -> bytes:
    """The sealed payload of a source record's latest version."""
    raw = connection.scalar(
        text("SELECT raw FROM source_record WHERE id = :record_id"), {"record_id": record_id}
    )
    assert raw is not None
    return bytes(raw)


def due(connection: Connection, day: str) -> dict[str, dict[str, str]]:
    """By domain the golden ids for which something is due by a business day, and since when."""
    rows = connection.execute(
        text(
            "SELECT domain, golden_id, min(due) FROM agenda WHERE due <= :day"
            " GROUP BY domain, golden_id ORDER BY 1, 2"
        ),
        {"day": day},
    )
    found: dict[str, dict[str, str]] = {}
    for domain, golden_id, since in rows:
        found.setdefault(domain, {})[golden_id] = since
    return found


def _by_domain(rows: Iterable[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for domain, golden_id in rows:
        found.setdefault(domain, []).append(golden_id)
    return found
