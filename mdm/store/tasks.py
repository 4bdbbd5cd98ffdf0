"""Reads tasks and decisions, for people and for programs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from mdm.store.bulk import rows_for
from mdm.store.database import Database
from mdm.store.statements import text

TASK = (
    "id, kind, domain, key, queue, role, state, priority, facts, version, opened_at, closed_at,"
    " closed_as"
)
SORTS = {
    "probability": "priority DESC, id",
    "uncertainty": "ABS(priority - 0.5), id",
    "age": "opened_at, id",
    "newest": "id DESC",
}
"""Orders of a queue; `exposure` joins when amounts are known to the hub."""


@dataclass(frozen=True, slots=True)
class StoredTask:
    """A task as it is kept; `facts` say what it is about."""

    id: int
    kind: str
    domain: str
    key: str
    queue: str
    role: str
    state: str
    priority: float
    facts: dict[str, Any]
    version: int
    opened_at: str
    closed_at: str | None
    closed_as: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """An open question about two source records."""

    id: int
    left: int
    right: int
    left_key: tuple[str, str]
    right_key: tuple[str, str]


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """What a person said, and whether it is still in force."""

    id: int
    kind: str
    domain: str
    actor: str
    simulated: bool
    reason: str | None
    task_id: int | None
    survivor: str | None
    at: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks of a queue to show."""

    state: str = "open"
    domain: str | None = None
    kind: str | None = None
    sort: str = "probability"
    limit: int = 50
    skip: int = 0


def task_by_id(connection: Connection, number: int) -> StoredTask | None:
    """The task of this number; None where there is none."""
    row = connection.execute(text(f"SELECT {TASK} FROM task WHERE id = :id"), {"id": number})
    found = row.first()
    return _task(found) if found else None


def tasks(connection: Connection, wanted: Wanted) -> list[StoredTask]:
    """Tasks of a queue in the wanted order."""
    where, values = _where(wanted)
    rows = connection.execute(
        text(
            f"SELECT {TASK} FROM task WHERE {where} ORDER BY {SORTS[wanted.sort]}"
            " LIMIT :limit OFFSET :skip"
        ),
        {**values, "limit": wanted.limit, "skip": wanted.skip},
    )
    return [_task(row) for row in rows]


def tasks_after(connection: Connection, wanted: Wanted, after: int) -> list[StoredTask]:
    """Tasks of a queue behind a number, in the order of their numbers."""
    where, values = _where(wanted)
    rows = connection.execute(
        text(f"SELECT {TASK} FROM task WHERE {where} AND id > :after ORDER BY id LIMIT :limit"),
        {**values, "after": after, "limit": wanted.limit},
    )
    return [_task(row) for row in rows]


def count_tasks(connection: Connection, wanted: Wanted) -> int:
    """How many tasks the queue holds."""
    where, values = _where(wanted)
    return int(connection.scalar(text(f"SELECT COUNT(*) FROM task WHERE {where}"), values) or 0)


def tasks_of_golden(connection: Connection, golden_id: str) -> list[StoredTask]:
    """Every task that names a source record of this golden record, the latest first."""
    names = ", ".join(f"task.{name}" for name in TASK.split(", "))
    rows = connection.execute(
        text(
            f"SELECT DISTINCT {names} FROM task JOIN task_record ON task_id = task.id"
            " JOIN source_record ON source_record.id = task_record.record_id"
            " WHERE source_record.golden_id = :id ORDER BY task.id DESC LIMIT 50"
        ),
        {"id": golden_id},
    )
    return [_task(row) for row in rows]


def record_ids(connection: Connection, task_id: int) -> list[int]:
    """The source records that a task is about."""
    rows = connection.execute(
        text("SELECT record_id FROM task_record WHERE task_id = :id ORDER BY record_id"),
        {"id": task_id},
    )
    return [int(row[0]) for row in rows]


def golden_ids(connection: Connection, task: StoredTask) -> list[str]:
    """The golden records that a task is about."""
    if "golden_ids" in task.facts:
        return [str(one) for one in task.facts["golden_ids"]]
    rows = connection.execute(
        text(
            "SELECT DISTINCT golden_id FROM task_record JOIN source_record"
            " ON source_record.id = record_id WHERE task_id = :id ORDER BY golden_id LIMIT 5"
        ),
        {"id": task.id},
    )
    return [str(row[0]) for row in rows]


DECISION = (
    "id, kind, domain, actor, simulated, reason, task_id, survivor, at,"
    " withdrawn_tx IS NOT NULL AS withdrawn"
)


def decisions_of_golden(connection: Connection, golden_id: str) -> list[StoredDecision]:
    """Decisions on source records of this golden record, the latest first."""
    rows = connection.execute(
        text(
            f"SELECT {DECISION} FROM decision WHERE id IN (SELECT decision_id FROM decision_record"
            " JOIN source_record ON source_record.id = record_id WHERE golden_id = :id)"
            " ORDER BY id DESC LIMIT 50"
        ),
        {"id": golden_id},
    )
    return [_decision(row) for row in rows]


def recent_decisions(connection: Connection, limit: int) -> list[StoredDecision]:
    """The latest decisions of all people."""
    rows = connection.execute(
        text(f"SELECT {DECISION} FROM decision ORDER BY id DESC LIMIT :limit"), {"limit": limit}
    )
    return [_decision(row) for row in rows]


def sides_of_decisions(
    connection: Connection, numbers: Collection[int]
) -> dict[int, tuple[list[int], list[int]]]:
    """The source records that decisions are about, on their left and on their right."""
    found: dict[int, tuple[list[int], list[int]]] = {number: ([], []) for number in numbers}
    rows = rows_for(
        connection,
        "SELECT decision_id, side, record_id FROM decision_record"
        " JOIN {listed} AS wanted ON decision_id = wanted.value ORDER BY record_id",
        numbers,
        number=True,
    )
    for number, side, record_id in rows:
        found[number][side].append(record_id)
    return found


def decision_by_id(connection: Connection, number: int) -> StoredDecision | None:
    """The decision of this number; None where there is none."""
    found = connection.execute(
        text(f"SELECT {DECISION} FROM decision WHERE id = :id"), {"id": number}
    ).first()
    return _decision(found) if found else None


def decision_of_task(connection: Connection, task_id: int) -> StoredDecision | None:
    """The latest decision that answered a task."""
    found = connection.execute(
        text(f"SELECT {DECISION} FROM decision WHERE task_id = :id ORDER BY id DESC LIMIT 1"),
        {"id": task_id},
    ).first()
    return _decision(found) if found else None


def most_uncertain(database: Database, domain: str, limit: int) -> list[Asked]:
    """Open possible duplicates, those whose probability is nearest to one half first."""
    wanted = Wanted(domain=domain, kind="possible_duplicate", sort="uncertainty", limit=limit)
    with database.read() as connection:
        found = tasks(connection, wanted)
        keys = {
            row[0]: (str(row[1]), str(row[2]))
            for task in found
            for row in connection.execute(
                text("SELECT id, source, source_key FROM source_record WHERE id IN (:a, :b)"),
                {"a": task.facts["left"], "b": task.facts["right"]},
            )
        }
    return [
        Asked(
            task.id,
            task.facts["left"],
            task.facts["right"],
            keys[task.facts["left"]],
            keys[task.facts["right"]],
        )
        for task in found
    ]


def _where(wanted: Wanted) -> tuple[str, Mapping[str, Any]]:
    tests, values = ["1 = 1"], {}
    for name in ("state", "domain", "kind"):
        value = getattr(wanted, name)
        if value is not None and value != "all":
            tests.append(f"{name} = :{name}")
            values[name] = value
    return " AND ".join(tests), values


def _task(row: Any) -> StoredTask:
    values = list(row)
    values[8] = msgspec.json.decode(values[8])
    return StoredTask(*values)


def _decision(row: Any) -> StoredDecision:
    values = list(row)
    values[4], values[9] = bool(values[4]), bool(values[9])
    return StoredDecision(*values)
