"""Where the log itself cannot be right: gaps, versions out of order, ids nobody assigned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from mdm.store.statements import text


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
