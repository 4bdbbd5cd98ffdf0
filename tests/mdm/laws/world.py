"""A small world of suppliers for the laws: few values, so that random records often meet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from mdm.domains import DOMAINS
from mdm.golden.state import Held
from mdm.inbound.arrive import Arrived, arrive
from mdm.inbound.readers import Row
from mdm.intake import Batch
from mdm.pipeline import Applied, apply
from mdm.push import feed_for
from mdm.records import Arrival, Document
from mdm.refresh import follow_up
from mdm.store import gather, loads
from mdm.store.bulk import driver_cursor
from mdm.store.hub import Hub
from mdm.store.tables import METADATA
from mdm.store.transaction import Act, begin, transaction
from tests.servers.hub import unguard

SUPPLIER = DOMAINS["supplier"]
SOURCE = "csv"
KEPT = {"hub", "config_version", "alembic_version"}
"""Tables that stay when a case starts: what the hub is, not what it holds."""
EMPTYING = [
    f"DELETE FROM {table.name}"
    for table in reversed(METADATA.sorted_tables)
    if table.name not in KEPT
]

names = st.sampled_from(
    [
        "Acme Logistik GmbH",
        "ACME LOGISTIK",
        "Acme Services GmbH",
        "Borealis Paper Oy",
        "Nord Wind AS",
    ]
)
vats = st.sampled_from(["DE136695976", "DE129273398", "FI20774740", "", "DE136695977"])
ibans = st.sampled_from(["DE89370400440532013000", "FI2112345600000785", ""])
streets = st.sampled_from(["Hauptstr. 1", "Hauptstraße 1", "Ring 7", ""])
phones = st.sampled_from(["+49 30 1234567", "+358 9 1234567", ""])
rows = st.fixed_dictionaries(
    {
        "id": st.sampled_from([f"V{number}" for number in range(6)]),
        "name": names,
        "vat_number": vats,
        "iban": ibans,
        "street": streets,
        "city": st.sampled_from(["Berlin", "Helsinki"]),
        "postcode": st.sampled_from(["10115", "00100", ""]),
        "country": st.sampled_from(["DE", "FI"]),
        "phone": phones,
    }
)
tables_of_rows = st.lists(rows, min_size=1, max_size=10)
by_key = st.lists(rows, min_size=1, max_size=6, unique_by=lambda row: row["id"])


def clear(hub: Hub) -> None:
    """Empties every table that holds records, the audit too, which otherwise only grows."""
    unguard(hub.database)
    dialect = hub.database.dialect
    with hub.database.engine.connect() as connection:
        begin(connection, dialect)
        cursor = driver_cursor(connection)
        if dialect == "sqlite":
            cursor.execute("PRAGMA defer_foreign_keys=ON")
            for statement in EMPTYING:
                cursor.execute(statement)
        else:  # in one round trip
            cursor.execute("; ".join(EMPTYING))
        connection.commit()


def arrivals(hub: Hub, payloads: Iterable[dict[str, Any]]) -> Arrived:
    """The payloads as rows of the plain supplier CSV."""
    source = hub.sources[SOURCE]
    numbered = [Row(line, payload, None) for line, payload in enumerate(payloads, 1)]
    return arrive(feed_for(source, "supplier"), source, numbered, hub.keys)


def take(hub: Hub, payloads: Sequence[dict[str, Any]], size: int = 100) -> Applied:
    """Applies the payloads in batches of a size."""
    total = Applied()
    act = Act("load", "law", "supplier")
    for start in range(0, len(payloads), size):
        arrived = arrivals(hub, payloads[start : start + size])
        total.add(apply_arrivals(hub, arrived, arrived.arrivals, act))
    return total


def apply_arrivals(hub: Hub, arrived: Arrived, told: Sequence[Arrival], act: Act) -> Applied:
    """Applies arrivals in one transaction."""
    batch = Batch(SOURCE, SUPPLIER, hub.sources[SOURCE].version, None, told)
    with transaction(hub.database, act) as tx:
        loads.keep_sealed(tx.connection, arrived.sealed)
        applied = apply(tx, hub, batch)
        tx.cancelled = not (applied.added or applied.changed or applied.told_again)
    follow_up(hub)
    return applied


@dataclass(frozen=True)
class State:
    """What the hub holds, ids renamed to the crosswalk keys they stand for."""

    goldens: frozenset[str]
    tasks: frozenset[str]


def state(hub: Hub) -> State:
    """The golden records, winners and open tasks, free of ids and versions."""
    with hub.database.read() as connection:
        records = _records(connection)
        groups: dict[str, list[str]] = {}
        for record in records.values():
            groups.setdefault(str(record.golden_id), []).append(name_of(record))
        goldens = gather.goldens_by_id(connection, list(groups))
        told = frozenset(
            _text(
                {
                    "members": sorted(groups[golden_id]),
                    "record": without_ids(golden.record),
                    "status": golden.status,
                    "fields": _renamed(golden.lineage.get("fields", {}), golden.record),
                }
            )
            for golden_id, golden in goldens.items()
        )
        return State(told, frozenset(_open_tasks(connection, records, groups)))


def _records(connection: Connection) -> dict[int, Held]:
    ids = [row[0] for row in connection.execute(text("SELECT id FROM source_record"))]
    return gather.held_by_id(connection, ids)


def name_of(record: Held) -> str:
    """The crosswalk key as one text."""
    return f"{record.source}:{record.source_key}"


def _open_tasks(
    connection: Connection, records: dict[int, Held], groups: dict[str, list[str]]
) -> Iterable[str]:
    sql = "SELECT kind, facts FROM task WHERE state = 'open'"
    for kind, facts in connection.execute(text(sql)):
        said = msgspec.json.decode(facts)
        about = [sorted(groups[golden_id]) for golden_id in said.get("golden_ids", [])]
        yield _text(
            {
                "kind": kind,
                "about": sorted(about),
                "probability": said.get("probability"),
                "says": [said.get("field"), said.get("sentence")],
            }
        )


def _renamed(fields: Document, record: Document) -> Document:
    """The winners by path, children named by their places: an id tells who came first."""
    places = {
        child["id"]: str(place)
        for value in record.values()
        if isinstance(value, list)
        for place, child in enumerate(value)
        if "id" in child
    }
    return {
        "/".join(places.get(part, part) for part in path.split("/")): winner
        for path, winner in fields.items()
    }


def without_ids(document: Any) -> Any:
    """The document without the ids of children, which are renamed from hub to hub."""
    if isinstance(document, dict):
        return {name: without_ids(value) for name, value in document.items() if name != "id"}
    if isinstance(document, list):
        return [without_ids(value) for value in document]
    return document


def _text(value: Document) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()


def counts(hub: Hub) -> dict[str, int]:
    """Rows of every table: what "nothing changed" means."""
    with hub.database.read() as connection:
        return {
            table.name: int(connection.scalar(text(f"SELECT count(*) FROM {table.name}")) or 0)
            for table in METADATA.sorted_tables
        }
