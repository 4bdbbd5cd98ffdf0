"""Reads the log for a replay: what was told, decided and named by a moment of its order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from mdm.golden.state import Decision, Golden
from mdm.golden.versions import Told, unpack_told
from mdm.records import Document, Finding
from mdm.store.bulk import rows_for
from mdm.store.gather import Entities, entities_of, moved
from mdm.store.log import Ints, Moment
from mdm.store.statements import text

SOME = 20_000
"""Records whose entries are looked up one by one; of more, the whole ledger is read."""

_decode = msgspec.json.Decoder().decode
_findings = msgspec.json.Decoder(list[Finding]).decode
VERSION = (
    "version, state, record, told, findings, content_hash, sequence, source_time,"
    " mapping_version, load_id, line, tx"
)
GOLDEN = "version, status, region, record, lineage, merged_into, tx"


@dataclass(slots=True)
class Version:
    """One version of a source record as it was kept."""

    version: int
    state: str
    record: Document
    told: Document
    findings: list[Finding]
    plain: bool
    """What it told is the record that was kept, nulls left out."""
    content_hash: bytes
    sequence: str | None
    source_time: str | None
    mapping_version: str
    load_id: int | None
    line: int | None
    tx: int

    def placed(self) -> Told:
        """What it told, and where it stands in the source's order."""
        return Told(self.sequence, self.version, self.told)


@dataclass(slots=True)
class Kept:
    """A source record with all its versions, in the order of receipt."""

    id: int
    source: str
    source_key: str
    golden_id: str
    own_id: str | None
    versions: list[Version]


def kept_between(connection: Connection, domain: str, first: int, last: int) -> list[Kept]:
    """The source records of a domain with ids from `first` to `last`, all versions of each."""
    within = {"domain": domain, "first": first, "last": last}
    latest = connection.execute(
        text(
            f"SELECT id, source, source_key, golden_id, own_id, {VERSION} FROM source_record"
            " WHERE id BETWEEN :first AND :last AND domain = :domain ORDER BY id"
        ),
        within,
    )
    earlier = connection.execute(
        text(
            f"SELECT record_id, {VERSION} FROM source_version"
            " WHERE record_id BETWEEN :first AND :last ORDER BY record_id, version"
        ),
        {"first": first, "last": last},
    )
    return _kept(latest, earlier)


def kept_of(connection: Connection, domain: str, ids: Collection[int]) -> list[Kept]:
    """Those of these source records that are of the domain, all versions of each."""
    latest = rows_for(
        connection,
        f"SELECT id, source, source_key, golden_id, own_id, {VERSION} FROM source_record"
        " JOIN {listed} AS wanted ON id = wanted.value WHERE domain = :domain",
        ids,
        number=True,
        domain=domain,
    )
    earlier = rows_for(
        connection,
        f"SELECT record_id, {VERSION} FROM source_version"
        " JOIN {listed} AS wanted ON record_id = wanted.value",
        ids,
        number=True,
    )
    return _kept(latest, earlier)


def _kept(latest: Iterable[Any], earlier: Iterable[Any]) -> list[Kept]:
    history: dict[int, list[Version]] = {}
    for row in earlier:
        history.setdefault(row[0], []).append(_version(row[1:]))
    found = []
    for row in latest:
        versions = [*history.get(row[0], ()), _version(row[5:])]
        versions.sort(key=lambda version: version.version)
        found.append(Kept(row[0], row[1], row[2], row[3], row[4], versions))
    return found


def _version(row: Any) -> Version:
    record = _decode(row[2])
    packed = _decode(row[3]) if row[3] is not None else None
    told, plain = unpack_told(record, packed), not isinstance(packed, dict)
    findings = _findings(row[4]) if row[4] is not None else []
    return Version(row[0], row[1], record, told, findings, plain, bytes(row[5]), *row[6:])


def goldens_known(
    connection: Connection, domain: str, golden_ids: Collection[str], moment: Moment
) -> tuple[dict[str, Golden], set[str]]:
    """These golden records in the version known then, and the ids that changed since."""
    found: dict[str, Golden] = {}
    since: set[str] = set()
    rows = rows_for(
        connection,
        f"SELECT golden_id, {GOLDEN} FROM golden JOIN {{listed}} AS wanted"
        " ON golden_id = wanted.value",
        golden_ids,
    )
    for row in rows:
        if row[7] in moment:
            found[row[0]] = _golden(domain, row)
        else:
            since.add(row[0])
    for golden_id, versions in history_of(connection, domain, since).items():
        before = [version for version in versions if version.tx in moment]
        if before:
            found[golden_id] = before[-1]
    return found, since


def history_of(
    connection: Connection, domain: str, golden_ids: Collection[str]
) -> dict[str, list[Golden]]:
    """The earlier versions of these golden records, in their order."""
    if not golden_ids:
        return {}
    rows = rows_for(
        connection,
        f"SELECT golden_id, {GOLDEN} FROM golden_history JOIN {{listed}} AS wanted"
        " ON golden_id = wanted.value ORDER BY golden_id, version",
        golden_ids,
    )
    found: dict[str, list[Golden]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(_golden(domain, row))
    return found


def _golden(domain: str, row: Any) -> Golden:
    golden_id, version, status, region, record, lineage, merged_into, tx = row
    return Golden(
        no=0,
        golden_id=golden_id,
        domain=domain,
        version=version,
        status=status,
        region=region,
        record=_decode(record),
        lineage=_decode(lineage),
        merged_into=merged_into,
        tx=tx,
    )


@dataclass(slots=True)
class Ledger:
    """The id ledger of a domain as it stood at a moment."""

    founded: dict[int, str]
    """The golden id that a source record founded."""
    leads: dict[str, str]
    """Where a retired id leads; an id that answers for itself is not in it."""
    age: dict[str, int]


def read_ledger(connection: Connection, domain: str, moment: Moment, ids: Ints) -> Ledger:
    """The ledger of these source records after all entries that were known."""
    ledger = Ledger({}, {}, {})
    entry = 'SELECT id, act, golden_id, record_id, "into", tx FROM id_ledger'
    rows: Iterable[Any]
    if len(ids) <= SOME:
        listed = " JOIN {listed} AS wanted ON record_id = wanted.value ORDER BY id"
        rows = rows_for(connection, entry + listed, ids.tolist(), number=True)
    else:
        every = text(f"{entry} WHERE domain = :domain ORDER BY id")
        rows = connection.execute(every.execution_options(yield_per=20_000), {"domain": domain})
    for number, act, golden_id, record_id, into, tx in rows:
        if tx not in moment:
            continue
        if act == "assigned":
            ledger.founded[record_id] = golden_id
            ledger.age[golden_id] = number
        if act == "joined":
            ledger.leads[golden_id] = into
        else:
            ledger.leads.pop(golden_id, None)
    return ledger


@dataclass(frozen=True, slots=True)
class Word:
    """A decision in force, and the latest transaction that turned it."""

    decision: Decision
    tx: int


def words_in_force(
    connection: Connection, domain: str, moment: Moment
) -> tuple[list[Word], dict[int, int]]:
    """The decisions in force then; and of every record one bound, the latest act on it."""
    rows = connection.execute(
        text(
            "SELECT d.id, d.kind, d.survivor, d.tx, d.withdrawn_tx, bound.record_id, bound.side"
            " FROM decision AS d JOIN decision_record AS bound ON bound.decision_id = d.id"
            " WHERE d.domain = :domain ORDER BY d.id, bound.record_id"
        ),
        {"domain": domain},
    )
    force: dict[int, tuple[str, str | None, int, tuple[list[int], list[int]]]] = {}
    turned: dict[int, int] = {}
    for number, kind, survivor, tx, withdrawn, record_id, side in rows:
        if tx not in moment:
            continue
        over = withdrawn is not None and withdrawn in moment
        turned[record_id] = max(turned.get(record_id, 0), withdrawn if over else tx)
        if not over:
            said = force.setdefault(number, (kind, survivor, tx, ([], [])))
            said[3][side].append(record_id)
    words = [
        Word(Decision(number, kind, tuple(sides[0]), tuple(sides[1]), survivor), tx)
        for number, (kind, survivor, tx, sides) in force.items()
    ]
    return words, turned


def entities_known(connection: Connection, moment: Moment) -> tuple[Entities, set[tuple[str, int]]]:
    """What records had from their legal entities, as known then; and what moved which code last.

    A legal entity that moves decides all anew that refers to it, from the same instant.
    """
    ids = [
        row[0]
        for row in connection.execute(
            text("SELECT golden_id FROM golden WHERE domain = 'legal_entity'")
        )
    ]
    found, _since = goldens_known(connection, "legal_entity", ids, moment)
    slices = [
        state
        for golden in found.values()
        if golden.merged_into is None
        for state in golden.record["slices"]
    ]
    return entities_of(slices), _moved(connection, moment, found)


def _moved(
    connection: Connection, moment: Moment, found: Mapping[str, Golden]
) -> set[tuple[str, int]]:
    """The codes of legal entities with the latest transaction that moved each."""
    past = history_of(connection, "legal_entity", list(found))
    latest: dict[str, int] = {}
    for golden_id, golden in found.items():
        before: Document | None = None
        for version in (*past.get(golden_id, ()), golden):
            if version.version <= golden.version and version.tx in moment:
                latest.update(dict.fromkeys(moved(before, version.record), version.tx))
                before = version.record
    return set(latest.items())


def id_range(connection: Connection, domain: str) -> tuple[int, int, int]:
    """Lowest and highest id of a domain's source records, and how many there are."""
    row = connection.execute(
        text("SELECT min(id), max(id), count(*) FROM source_record WHERE domain = :domain"),
        {"domain": domain},
    ).one()
    return int(row[0] or 0), int(row[1] or -1), int(row[2])
