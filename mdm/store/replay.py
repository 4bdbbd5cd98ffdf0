"""Reads the log for a replay: what was told, decided and named by a moment of its order."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from mdm.golden.state import Decision, Golden
from mdm.golden.versions import Told, unpack_told
from mdm.records import Document, Finding
from mdm.store.bulk import rows_for

Ints = NDArray[np.int64]
SOME = 20_000
"""Records whose entries are looked up one by one; of more, the whole ledger is read."""
NEVER = np.iinfo(np.int64).max

_decode = msgspec.json.Decoder().decode
_findings = msgspec.json.Decoder(list[Finding]).decode
VERSION = (
    "version, state, record, told, findings, content_hash, sequence, source_time,"
    " mapping_version, load_id, line, tx"
)
GOLDEN = "version, status, region, record, lineage, merged_into, tx"


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in the commit order: after transaction number `seq` and before the next one."""

    seq: int
    known: NDArray[np.bool_]
    """By the id of a transaction, whether it had been committed."""

    def __contains__(self, tx: int) -> bool:
        return tx < len(self.known) and bool(self.known[tx])


@dataclass(frozen=True, slots=True)
class Log:
    """Every transaction by its id: place in the commit order, and the day it counted from."""

    seq: Ints
    """NEVER where it has no number yet, or there is none of this id."""
    day: Ints
    """As an ordinal."""
    ticks: dict[str, tuple[Ints, Ints]]
    """Numbers and days of the ticks of a domain, in order."""
    trust: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """From which number on which texts of the sources ran, in order."""

    @property
    def head(self) -> int:
        """The number of the latest transaction."""
        known = self.seq[self.seq < NEVER]
        return int(known.max()) if len(known) else 0

    def at(self, seq: int) -> Moment:
        """The moment after the transaction of this number."""
        return Moment(seq, self.seq <= seq)

    def clock(self, domain: str, decided: int, day: int, moment: int) -> date:
        """The day that counts for what was decided at `decided`: ticks since then turned it."""
        numbers, days = self.ticks.get(domain, (_NONE, _NONE))
        first, last = np.searchsorted(numbers, [decided + 1, moment + 1])
        return date.fromordinal(max([day, *days[first:last].tolist()]))


_NONE = np.zeros(0, dtype=np.int64)


def read_log(connection: Connection) -> Log:
    """The whole log of transactions."""
    size = int(connection.scalar(text("SELECT max(id) FROM hub_transaction")) or 0) + 1
    seq, day = np.full(size, NEVER), np.zeros(size, dtype=np.int64)
    ticks: dict[str, list[tuple[int, int]]] = {}
    days: dict[str, int] = {}
    rows = connection.execute(
        text("SELECT id, seq, substr(at, 1, 10), kind, domain FROM hub_transaction ORDER BY seq")
    )
    for number, place, said, kind, domain in rows:
        when = days.get(said) or days.setdefault(said, date.fromisoformat(said).toordinal())
        seq[number], day[number] = NEVER if place is None else place, when
        if kind == "tick" and place is not None:
            ticks.setdefault(domain, []).append((place, when))
    columns = {name: np.array(told, dtype=np.int64).T for name, told in ticks.items()}
    return Log(
        seq, day, {name: (told[0], told[1]) for name, told in columns.items()}, _trust(connection)
    )


def _trust(connection: Connection) -> list[tuple[int, dict[str, str]]]:
    rows = connection.execute(
        text(
            "SELECT act.seq, config.name, config.content FROM config_version AS config"
            " JOIN hub_transaction AS act ON act.id = config.tx"
            " WHERE config.kind = 'source' AND act.seq IS NOT NULL ORDER BY act.seq, config.id"
        )
    )
    found: list[tuple[int, dict[str, str]]] = []
    for seq, name, content in rows:
        running = dict(found[-1][1]) if found else {}
        if found and found[-1][0] == seq:
            found.pop()
        found.append((seq, {**running, name: content}))
    return found


@dataclass(slots=True)
class Version:
    """One version of a source record as it was kept."""

    version: int
    state: str
    record: Document
    told: Document
    findings: list[Finding]
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
    told = unpack_told(record, _decode(row[3])) if row[3] is not None else record
    findings = _findings(row[4]) if row[4] is not None else []
    return Version(row[0], row[1], record, told, findings, bytes(row[5]), *row[6:])


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


def regions_known(connection: Connection, moment: Moment) -> dict[str, str | None]:
    """The region of each legal entity by its code, in its latest slice, as known then."""
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
    return {state["code"]: state.get("region") for state in slices}


def id_range(connection: Connection, domain: str) -> tuple[int, int, int]:
    """Lowest and highest id of a domain's source records, and how many there are."""
    row = connection.execute(
        text("SELECT min(id), max(id), count(*) FROM source_record WHERE domain = :domain"),
        {"domain": domain},
    ).one()
    return int(row[0] or 0), int(row[1] or -1), int(row[2])


@dataclass(frozen=True, slots=True)
class Flaw:
    """A place where the log itself cannot be right."""

    subject: str
    """`golden record`, `source record` or `id ledger`."""
    domain: str
    id: str
    path: str
    stored: Any
    expected: Any


GAPS = (
    " FROM {table} AS held LEFT JOIN (SELECT {id} AS id, count(*) AS versions,"
    " max(version) AS last FROM {history} GROUP BY {id}) AS before ON before.id = held.{own}"
    " WHERE held.version <> coalesce(before.versions, 0) + 1"
    " OR coalesce(before.last, 0) <> held.version - 1"
)
VERSIONS = (
    "(SELECT golden_id, version, tx FROM golden"
    " UNION ALL SELECT golden_id, version, tx FROM golden_history)"
)
FLAWS = (
    (
        "golden record",
        "SELECT held.domain, held.golden_id, 'version', held.version, coalesce(before.versions, 0)"
        " + 1"
        + GAPS.format(table="golden", id="golden_id", history="golden_history", own="golden_id"),
    ),
    (
        "source record",
        "SELECT held.domain, held.source || ':' || held.source_key, 'version', held.version,"
        " coalesce(before.versions, 0) + 1"
        + GAPS.format(table="source_record", id="record_id", history="source_version", own="id"),
    ),
    (
        "id ledger",
        "SELECT domain, golden_id, 'assigned', NULL, 'an entry' FROM golden WHERE golden_id NOT IN"
        " (SELECT golden_id FROM id_ledger WHERE act = 'assigned')",
    ),
    (
        "golden record",
        "SELECT golden.domain, told.golden_id, 'version ' || told.version || ' transaction',"
        " told.tx, 'an entry of the log'"
        f" FROM {VERSIONS} AS told JOIN golden ON golden.golden_id = told.golden_id"
        " WHERE told.tx NOT IN (SELECT id FROM hub_transaction)",
    ),
    (
        "golden record",
        "SELECT golden.domain, told.golden_id, 'version ' || told.version || ' transaction',"
        " told.seq, 'after ' || told.before FROM (SELECT one.golden_id, one.version, act.seq,"
        " lag(act.seq) OVER (PARTITION BY one.golden_id ORDER BY one.version) AS before"
        f" FROM {VERSIONS} AS one JOIN hub_transaction AS act ON act.id = one.tx"
        " JOIN golden_history AS past ON past.golden_id = one.golden_id AND past.version = 1)"
        " AS told JOIN golden ON golden.golden_id = told.golden_id WHERE told.seq < told.before",
    ),
)
"""What must not be: versions with gaps or out of order, ids never assigned, acts not logged."""


def flaws(connection: Connection) -> list[Flaw]:
    """Where the log itself cannot be right."""
    return [Flaw(subject, *row) for subject, sql in FLAWS for row in connection.execute(text(sql))]
