"""Writes golden versions with their search keys, agenda and references, and the id ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from mdm import clock
from mdm.golden.decide import Change
from mdm.golden.state import Golden
from mdm.model.domain import Domain
from mdm.records import Document
from mdm.sealing.keys import Keys
from mdm.store.bulk import (
    Constants,
    Ints,
    insert_missing,
    insert_pairs,
    insert_rows,
    listed,
    run_many,
)
from mdm.store.entries import golden_entries
from mdm.store.search_keys import turned_keys
from mdm.store.statements import text
from mdm.store.tables.golden import agenda, former_key, golden, reference, search_key
from mdm.store.tables.log import id_ledger
from mdm.store.transaction import Tx
from mdm.store.write_sources import json_text

GOLDEN = (
    "no",
    "golden_id",
    "domain",
    "version",
    "status",
    "region",
    "record",
    "lineage",
    "merged_into",
)
"""Columns of a row of `golden_row`; the transaction's number goes with every row."""
LEDGER = ("act", "golden_id", "record_id", "into")
HISTORY = "golden_id, version, status, region, record, lineage, merged_into, tx"


KeyRows = list[tuple[int, int]]

TABLES = {
    "golden": (golden, GOLDEN),
    "agenda": (agenda, ("due", "golden_id", "domain")),
    "reference": (reference, ("target", "golden_id")),
}
"""The tables a golden version stands in, with the columns of their rows."""


def write_goldens(tx: Tx, domain: Domain, keys: Keys, changes: Sequence[Change]) -> None:
    """Writes the new versions and their audit entries; what stood there becomes history."""
    created = [change.after for change in changes if change.before is None]
    changed = [change.after for change in changes if change.before is not None]
    rows = [golden_row(change.after) for change in changes]
    tx.entries += golden_entries(keys, domain, changes, rows)
    fresh = [row for row, c in zip(rows, changes, strict=True) if c.before is None]
    again = [row for row, c in zip(rows, changes, strict=True) if c.before is not None]
    insert_rows(tx.connection, golden, GOLDEN, fresh, constants={"tx": tx.id})
    _archive(tx, changed)
    sets = ", ".join(f"{name} = ?" for name in (*GOLDEN[3:], "tx"))
    run_many(
        tx.connection,
        f"UPDATE golden SET {sets} WHERE golden_id = ?",
        [(*row[3:], tx.id, row[1]) for row in again],
    )
    _forget(tx, "agenda", [after.golden_id for after in changed])
    _forget(tx, "reference", [after.golden_id for after in changed])
    _turn_keys(tx, domain, keys.match_secret, changes)
    rows_of = key_rows_of(domain, clock.parse_instant(tx.at), (*created, *changed))
    for name, key_rows in rows_of.items():
        table, columns = TABLES[name]
        insert_rows(tx.connection, table, columns, key_rows)


def key_rows_of(
    domain: Domain, at: datetime, goldens: Iterable[Golden]
) -> dict[str, list[tuple[object, ...]]]:
    """Rows that say when these versions change and whom they refer to, by table."""
    past = clock.earliest_day(at).isoformat()
    due: list[tuple[object, ...]] = []
    referring: list[tuple[object, ...]] = []
    living = [after for after in goldens if after.merged_into is None]
    for after in living:
        if domain.dated:
            days = {day for day in turning_days(after.record) if day > past}
            due += [(day, after.golden_id, domain.name) for day in sorted(days)]
        if domain.references:
            referring += [(one, after.golden_id) for one in targets(domain, after.record)]
    return {"agenda": due, "reference": referring}


def write_due(tx: Tx, domain: Domain, due: Sequence[tuple[str, str]]) -> None:
    """Puts (day, golden id) on the agenda: time alone may change these records then."""
    rows = [(day, golden_id, domain.name) for day, golden_id in sorted(set(due))]
    insert_missing(tx.connection, agenda, TABLES["agenda"][1], rows)


def write_ledger(
    tx: Tx, domain: Domain, entries: Sequence[tuple[str, str, int, str | None]]
) -> None:
    """Adds entries to the id ledger: (act, golden id, record, into)."""
    constants: Constants = {"domain": domain.name, "tx": tx.id}
    insert_rows(tx.connection, id_ledger, LEDGER, entries, constants=constants)


def _turn_keys(tx: Tx, domain: Domain, secret: bytes, changes: Sequence[Change]) -> None:
    """Puts the search keys of new versions in place of those they have no more.

    What stood there follows from the versions before, so no index need find it. The keys that
    are gone are kept apart: earlier versions are still found by them.
    """
    ended: KeyRows = []
    begun: KeyRows = []
    for change in changes:
        gone, fresh = turned_keys(secret, domain, _found_by(change.before), _found_by(change.after))
        ended += [(key, change.after.no) for key in gone]
        begun += [(key, change.after.no) for key in fresh]
    ended.sort()
    run_many(tx.connection, "DELETE FROM search_key WHERE key = ? AND golden_no = ?", ended)
    insert_missing(tx.connection, former_key, ("key", "golden_no"), ended)
    insert_rows(tx.connection, search_key, ("key", "golden_no"), begun)


def _found_by(version: Golden | None) -> Document:
    """What a version is found by: a merged one by nothing, its id still leads to the survivor."""
    return {} if version is None or version.merged_into is not None else version.record


def _archive(tx: Tx, changed: Sequence[Golden]) -> None:
    if changed:
        tx.connection.execute(
            text(
                f"INSERT INTO golden_history ({HISTORY}, until_tx) SELECT {HISTORY}, :tx"
                f" FROM golden JOIN {listed(tx.connection)} AS wanted ON golden_id = wanted.value"
            ),
            {"listed": json_text([after.golden_id for after in changed]), "tx": tx.id},
        )


def golden_row(after: Golden) -> tuple[object, ...]:
    """The record as a row of `golden`, without its transaction."""
    return (
        after.no,
        after.golden_id,
        after.domain,
        after.version,
        after.status,
        after.region,
        json_text(after.record),
        json_text(after.lineage),
        after.merged_into,
    )


def turning_days(record: Document) -> Iterator[str]:
    """The business dates on which a slice of the record starts or ends."""
    for state in record["slices"]:
        for name in ("valid_from", "valid_to"):
            if state.get(name):
                yield date.fromisoformat(state[name]).isoformat()


def targets(domain: Domain, record: Document) -> set[str]:
    """What the record refers to, as "domain:code"."""
    found: set[str] = set()
    for state in record.get("slices", (record,)):
        for child, field in domain.references:
            for holder in (state,) if child is None else state.get(child.name) or ():
                if holder.get(field.name):
                    found.add(f"{field.reference}:{holder[field.name]}")
    return found


def insert_search_keys(connection: Connection, keys: Ints, goldens: Ints) -> None:
    """Inserts the search keys of golden records that had none."""
    insert_pairs(connection, search_key, keys, goldens)


def _forget(tx: Tx, table: str, values: Sequence[str]) -> None:
    if values:
        tx.connection.execute(
            text(
                f"DELETE FROM {table} WHERE golden_id IN"
                f" (SELECT value FROM {listed(tx.connection)} AS wanted)"
            ),
            {"listed": json_text(values)},
        )


def turn_agenda(tx: Tx, turned: Mapping[str, date]) -> None:
    """Strikes from the agenda of these golden ids what was due on or before their days."""
    run_many(
        tx.connection,
        "DELETE FROM agenda WHERE golden_id = ? AND due <= ?",
        [(golden_id, day.isoformat()) for golden_id, day in turned.items()],
    )
