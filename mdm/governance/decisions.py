"""A person's answer to a task, and taking it back: thin over the path of a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mdm.decisions import Said, say, unsay
from mdm.domains import DOMAINS
from mdm.errors import BadRequest, Conflict, NotFound, StaleVersion
from mdm.people.rights import Caller, Right, require
from mdm.store import find, tasks
from mdm.store.hub import Hub
from mdm.store.tasks import StoredTask
from mdm.store.transaction import Act, Tx, transaction

KINDS = ("same", "different")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person says to a task, based on one version of it."""

    task_id: int
    version: int
    kind: str
    reason: str | None = None
    survivor: str | None = None
    left: tuple[int, ...] = ()
    """Source records, where the task itself does not name two sides."""
    right: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that took effect, and where the records are now."""

    decision: int
    kind: str
    task_id: int
    golden_ids: list[str]


def task_named(hub: Hub, number: int) -> StoredTask:
    """The task of this number; NotFound where there is none."""
    with hub.database.read() as connection:
        found = tasks.task_by_id(connection, number)
    if found is None:
        raise NotFound(f"There is no task {number}.")
    return found


def answer_task(hub: Hub, caller: Caller, answer: Answer, correlation_id: str) -> Decided:
    """Keeps the decision, closes the task and lets it take effect, in one transaction.

    Raises StaleVersion where the task changed since it was read, Conflict where it is closed.
    """
    require(caller, Right.DECIDE)
    if answer.kind not in KINDS:
        raise BadRequest(f"A decision is one of: {', '.join(KINDS)}.")
    domain = task_named(hub, answer.task_id).domain
    act = Act("decision", caller.name, domain, reason=answer.reason, correlation_id=correlation_id)
    with transaction(hub.database, act) as tx:
        task = _current(tx, answer)
        left, right = _sides(tx, task, answer)
        said = Said(
            kind=answer.kind,
            domain=DOMAINS[task.domain],
            left=left,
            right=right,
            reason=answer.reason,
            survivor=_survivor(tx, answer, left + right),
            task_id=task.id,
        )
        number = say(tx, hub, said)
        golden_ids = _golden_ids(tx, left + right)
    return Decided(number, answer.kind, task.id, golden_ids)


def withdraw(hub: Hub, caller: Caller, number: int, correlation_id: str) -> None:
    """Takes a decision back; what it had joined or kept apart is decided anew by the rules."""
    require(caller, Right.DECIDE)
    with hub.database.read() as connection:
        found = tasks.decision_by_id(connection, number)
    if found is None:
        raise NotFound(f"There is no decision {number}.")
    act = Act("withdraw", caller.name, found.domain, correlation_id=correlation_id)
    with transaction(hub.database, act) as tx:
        unsay(tx, hub, number)


def _current(tx: Tx, answer: Answer) -> StoredTask:
    task = tasks.task_by_id(tx.connection, answer.task_id)
    if task is None:
        raise NotFound(f"There is no task {answer.task_id}.")
    if task.version != answer.version:
        raise StaleVersion(
            f"Task {task.id} changed meanwhile: it is at version {task.version}, your answer was"
            f" based on {answer.version}. Read it again, then decide.",
            version=task.version,
        )
    if task.state != "open":
        raise Conflict(f"Task {task.id} is closed already, as {task.closed_as}.")
    return task


def _sides(tx: Tx, task: StoredTask, answer: Answer) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The two sets of source records that the decision binds."""
    if not answer.left and not answer.right and "left" in task.facts:
        return (int(task.facts["left"]),), (int(task.facts["right"]),)
    concerned = set(tasks.record_ids(tx.connection, task.id))
    if task.kind == "load_stopped":
        raise BadRequest(
            f"Task {task.id} asks about a load, not about records: release or drop load"
            f" {task.facts['load']}."
        )
    if task.kind == "periods":
        raise BadRequest(
            f"Task {task.id} asks about periods, not whether records are the same: have them"
            f" corrected in {' or '.join(task.facts['sources'])}; it closes by itself."
        )
    if task.kind == "rules_stopped":
        raise BadRequest(
            f"Task {task.id} asks about matching rules, not about records: release or drop those"
            f" of {task.facts['domain']}."
        )
    if task.kind == "override_lifted":
        raise BadRequest(
            f"Task {task.id} asks about no two records: take the override"
            f" {task.facts['override']} back, or set another."
        )
    if not answer.left or not answer.right:
        raise BadRequest(
            f"Task {task.id} is about {len(concerned)} records: say which stand `left` and which"
            " stand `right`."
        )
    if not {*answer.left, *answer.right} <= concerned:
        raise BadRequest(f"Task {task.id} is about the records {sorted(concerned)}, no others.")
    return answer.left, answer.right


def _survivor(tx: Tx, answer: Answer, records: Sequence[int]) -> str | None:
    if answer.survivor is None:
        return None
    if answer.kind != "same":
        raise BadRequest("Only records that are the same have a survivor.")
    known = _golden_ids(tx, records)
    if answer.survivor not in known:
        raise BadRequest(f"The survivor is one of: {', '.join(known)}.")
    return answer.survivor


def _golden_ids(tx: Tx, records: Sequence[int]) -> list[str]:
    held = find.told_by_id(tx.connection, records)
    return list(dict.fromkeys(record.golden_id for record in held.values()))
