"""Numbers what was committed, in commit order: transactions, then the events in them; and seals it.

A number once given is final, and nothing that commits later comes before it. Whoever reads
"everything above N" therefore misses nothing. On PostgreSQL a transaction is numbered only when
every transaction that began before it has ended: its xid lies below the snapshot's xmin. A
writer's own id would not do, for it is drawn long before the commit.
"""

from __future__ import annotations

from sqlalchemy import Connection

from mdm.store.counters import reserve
from mdm.store.database import Database
from mdm.store.known import newest_number
from mdm.store.lease import Lease
from mdm.store.seals import seal_numbered
from mdm.store.statements import text
from mdm.store.transaction import begin

LEASE = "sequencer"
AT_ONCE = 50
"""Transactions numbered in one go: SQLite's only place for a writer is taken meanwhile."""

SETTLED = {
    "sqlite": "1 = 1",  # one writer at a time: what can be seen is committed in order of its id
    "postgresql": "xid < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)",
}
ORDER = {"sqlite": "id", "postgresql": "xid, id"}


def sequence(database: Database, holder: str) -> int:
    """Numbers all that is settled; returns how many transactions, 0 too if another does it."""
    if not _waiting(database):
        return 0
    lease = Lease(database, LEASE, holder)
    total = 0
    try:
        while lease.held():
            numbered = number_settled(database)
            total += numbered
            if numbered < AT_ONCE:
                break
    finally:
        # Whoever comes next need not wait for our end: `mdm relay --once` is over by then.
        lease.drop()
    return total


def number_settled(database: Database) -> int:
    """Numbers up to AT_ONCE settled transactions and their events, and seals their audit."""
    with database.engine.connect() as connection:
        begin(connection, database.dialect)
        _one_at_a_time(connection, database.dialect)
        last = newest_number(connection)
        numbered = connection.execute(
            text(
                "UPDATE hub_transaction SET seq = :last + numbered.place FROM"
                f" (SELECT id, row_number() OVER (ORDER BY {ORDER[database.dialect]}) AS place"
                "  FROM hub_transaction WHERE seq IS NULL"
                f" AND {SETTLED[database.dialect]}"
                f" ORDER BY {ORDER[database.dialect]} LIMIT :at_once) AS numbered"
                " WHERE hub_transaction.id = numbered.id"
            ),
            {"last": last, "at_once": AT_ONCE},
        ).rowcount
        if numbered:
            _number_events(connection, last)
            seal_numbered(connection, last)
        connection.commit()
    return numbered


def unnumbered(connection: Connection) -> int:
    """How many committed transactions wait for their number."""
    return int(
        connection.scalar(text("SELECT count(*) FROM hub_transaction WHERE seq IS NULL")) or 0
    )


def _waiting(database: Database) -> bool:
    """Whether there is anything to number, asked without taking a writer's place."""
    settled = SETTLED[database.dialect]
    with database.read() as connection:
        found = connection.scalar(
            text(f"SELECT 1 FROM hub_transaction WHERE seq IS NULL AND {settled} LIMIT 1")
        )
    return found is not None


def _one_at_a_time(connection: Connection, dialect: str) -> None:
    """The lease keeps others away while they are on time; the lock, whatever the time."""
    if dialect == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('mdm:sequencer'))"))


def _number_events(connection: Connection, after: int) -> None:
    """Numbers the events of the transactions numbered just now."""
    fresh = (
        " FROM hub_transaction AS act JOIN outbox AS event ON event.tx = act.id"
        " WHERE act.seq > :after"
    )
    count = int(connection.scalar(text(f"SELECT count(*){fresh}"), {"after": after}) or 0)
    if not count:
        return
    connection.execute(
        text(
            "UPDATE outbox SET position = :first - 1 + numbered.place FROM"
            f" (SELECT event.id, row_number() OVER (ORDER BY act.seq, event.id) AS place{fresh})"
            " AS numbered WHERE outbox.id = numbered.id"
        ),
        {"first": reserve(connection, "position", count), "after": after},
    )
