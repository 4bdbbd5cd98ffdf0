"""How much a hub holds, in a handful of numbers."""

from __future__ import annotations

from mdm.store.database import Database
from mdm.store.statements import text

COUNTED = {
    "source_records": "SELECT count(*) FROM source_record",
    "golden_records": "SELECT count(*) FROM golden WHERE status NOT IN ('merged', 'erased')",
    "tasks_open": "SELECT count(*) FROM task WHERE state = 'open'",
    "rejects": "SELECT count(*) FROM reject WHERE state = 'open'",
}


def totals(database: Database) -> dict[str, int]:
    """Source records, golden records that stand for something, open tasks and open rejects."""
    with database.read() as connection:
        return {name: int(connection.scalar(text(sql)) or 0) for name, sql in COUNTED.items()}
