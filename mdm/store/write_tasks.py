"""Opens, refreshes and closes tasks, so that they always say what is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from mdm.golden.state import Task
from mdm.model.domain import Domain
from mdm.store.bulk import insert_rows, rows_for, run_many
from mdm.store.counters import reserve
from mdm.store.statements import text
from mdm.store.tables.governance import task, task_record
from mdm.store.transaction import Tx
from mdm.store.write_sources import json_text

TASK = (
    "id",
    "kind",
    "domain",
    "key",
    "queue",
    "role",
    "state",
    "priority",
    "facts",
    "version",
    "opened_at",
    "opened_tx",
)
MATCHING_KINDS = ("possible_duplicate", "contradiction", "override_lifted", "periods")
"""Kinds of task that follow from source records, decisions and overrides alone."""


def settle_tasks(
    tx: Tx, domain: Domain, records: Collection[int], wanted: Sequence[Task], closed_as: str
) -> int:
    """Makes the open matching tasks of these records the wanted ones; returns how many opened."""
    standing = _open_tasks(tx, records)
    by_key = {(row.kind, row.key): row for row in standing}
    fresh = [item for item in wanted if (item.kind, item.key) not in by_key]
    kept = {(item.kind, item.key): item for item in wanted}
    _close(tx, [row.id for row in standing if (row.kind, row.key) not in kept], closed_as)
    _refresh(tx, [(by_key[name], item) for name, item in kept.items() if name in by_key])
    open_tasks(tx, domain, fresh)
    return len(fresh)


def _open_tasks(tx: Tx, records: Collection[int]) -> list[Any]:
    kinds = ", ".join(f"'{kind}'" for kind in MATCHING_KINDS)
    return rows_for(
        tx.connection,
        "SELECT DISTINCT task.id, task.kind, task.key, task.facts FROM task_record"
        " JOIN {listed} AS wanted ON task_record.record_id = wanted.value"
        f" JOIN task ON task.id = task_record.task_id AND task.state = 'open'"
        f" AND task.kind IN ({kinds})",
        records,
        number=True,
    )


def _close(tx: Tx, ids: Sequence[int], closed_as: str) -> None:
    run_many(
        tx.connection,
        "UPDATE task SET state = 'closed', closed_as = ?, closed_at = ?, closed_tx = ?,"
        " version = version + 1 WHERE id = ?",
        [(closed_as, tx.at, tx.id, task_id) for task_id in ids],
    )


def close_about(tx: Tx, kind: str, key: str, closed_as: str) -> None:
    """Closes the open task of this kind that is about this."""
    tx.connection.execute(
        text(
            "UPDATE task SET state = 'closed', closed_as = :closed_as, closed_at = :at,"
            " closed_tx = :tx, version = version + 1"
            " WHERE key = :key AND kind = :kind AND state = 'open'"
        ),
        {"closed_as": closed_as, "at": tx.at, "tx": tx.id, "key": key, "kind": kind},
    )


def _refresh(tx: Tx, pairs: Sequence[tuple[Any, Task]]) -> None:
    stale = [(row.id, item) for row, item in pairs if msgspec.json.decode(row.facts) != item.facts]
    run_many(
        tx.connection,
        "UPDATE task SET facts = ?, priority = ?, version = version + 1 WHERE id = ?",
        [(json_text(item.facts), item.priority, task_id) for task_id, item in stale],
    )
    run_many(
        tx.connection, "DELETE FROM task_record WHERE task_id = ?", [(i,) for i, _item in stale]
    )
    _link(tx, stale)


def open_tasks(tx: Tx, domain: Domain, items: Sequence[Task]) -> None:
    """Opens tasks that are not open yet."""
    if not items:
        return
    first = reserve(tx.connection, "task", len(items))
    rows = [
        (
            first + place,
            item.kind,
            domain.name,
            item.key,
            item.queue,
            item.role,
            "open",
            item.priority,
            json_text(item.facts),
            1,
            tx.at,
            tx.id,
        )
        for place, item in enumerate(items)
    ]
    insert_rows(tx.connection, task, TASK, rows)
    _link(tx, [(first + place, item) for place, item in enumerate(items)])


def _link(tx: Tx, pairs: Sequence[tuple[int, Task]]) -> None:
    rows = [(task_id, record) for task_id, item in pairs for record in item.records]
    insert_rows(tx.connection, task_record, ("task_id", "record_id"), rows)
