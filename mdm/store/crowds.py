"""Tasks on keys that too many records have: one for each key, with its count."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from mdm.golden.state import Task
from mdm.model.domain import Domain
from mdm.store.bulk import rows_for, run_many
from mdm.store.statements import text
from mdm.store.transaction import Tx
from mdm.store.write_sources import json_text
from mdm.store.write_tasks import open_tasks

KIND = "over_common_key"
MOST_TASKS = 200
"""Keys of a domain that have a task at a time; all are counted in the answer of their load."""


def report(tx: Tx, domain: Domain, crowds: Collection[Task]) -> int:
    """Opens a task for each key that has none open, and brings the others' counts up to date."""
    standing = {
        row[1]: (row[0], msgspec.json.decode(row[2]))
        for row in rows_for(
            tx.connection,
            "SELECT task.id, task.key, task.facts FROM task"
            " JOIN {listed} AS wanted ON task.key = wanted.value"
            f" WHERE task.kind = '{KIND}' AND task.state = 'open'",
            [one.key for one in crowds],
        )
    }
    free = max(0, MOST_TASKS - len(reported(tx, domain)))
    fresh = [one for one in crowds if one.key not in standing][:free]
    open_tasks(tx, domain, fresh)
    grown = [
        (json_text({**standing[one.key][1], "records": one.facts["records"]}), standing[one.key][0])
        for one in crowds
        if one.key in standing and standing[one.key][1]["records"] != one.facts["records"]
    ]
    run_many(tx.connection, "UPDATE task SET facts = ?, version = version + 1 WHERE id = ?", grown)
    return len(fresh)


def reported(tx: Tx, domain: Domain) -> dict[int, int]:
    """The open tasks of a domain by the key they are about."""
    rows = tx.connection.execute(
        text(
            f"SELECT id, key FROM task WHERE kind = '{KIND}' AND state = 'open'"
            " AND domain = :domain"
        ),
        {"domain": domain.name},
    )
    return {int(str(key).rpartition(":")[2]): int(number) for number, key in rows}


def settle(tx: Tx, numbers: Collection[int]) -> None:
    """Closes the tasks of keys that are not too common any more."""
    run_many(
        tx.connection,
        "UPDATE task SET state = 'closed', closed_as = 'overtaken', closed_at = ?, closed_tx = ?,"
        " version = version + 1 WHERE id = ?",
        [(tx.at, tx.id, number) for number in numbers],
    )
