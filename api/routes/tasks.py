"""Tasks and what people say to them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from api.auth import caller, the_hub
from api.describe import answers
from api.exchange import after, as_json, limit
from api.problems import PreconditionRequired
from api.tracing import correlation_id
from mdm.domains import domain_named
from mdm.errors import StaleVersion
from mdm.governance.decisions import Answer, answer_task, task_named
from mdm.people.rights import Right, require
from mdm.store import tasks
from mdm.store.tasks import StoredTask, Wanted

blueprint = APIBlueprint("tasks", __name__, tag="Tasks", url_prefix="/v1")
KNOWN = ("state", "domain", "kind", "limit", "cursor")


class Task(BaseModel):
    """Work for a person."""

    id: int
    kind: str
    domain: str
    queue: str
    role: str
    state: str
    priority: float
    facts: dict[str, Any]
    version: int
    opened_at: str
    closed_at: str | None
    closed_as: str | None


class Tasks(BaseModel):
    """A page of tasks in the order of their numbers."""

    results: list[Task]
    next: str | None


class Saying(BaseModel):
    """A person's answer; `left` and `right` where the task does not name two sides itself."""

    model_config = ConfigDict(extra="forbid")
    decision: Literal["same", "different"]
    reason: str | None = Field(None, max_length=2000)
    survivor: str | None = None
    left: list[int] = []
    right: list[int] = []


class Said(BaseModel):
    """The decision that took effect, and where the records are now."""

    decision: int
    kind: str
    task_id: int
    golden_ids: list[str]


@blueprint.get("/tasks")
@answers(Tasks, query=KNOWN)
def listed() -> Response:
    """Tasks, oldest first."""
    require(caller(), Right.TASKS)
    given, most = request.args, limit()
    domain = domain_named(given["domain"]).name if "domain" in given else None
    wanted = Wanted(given.get("state", "open"), domain, given.get("kind"), limit=most + 1)
    with the_hub().database.read() as connection:
        found = tasks.tasks_after(connection, wanted, after())
    page, more = found[:most], len(found) > most
    told = [_told(one) for one in page]
    return as_json({"results": told, "next": str(page[-1].id) if more else None})


@blueprint.get("/tasks/<int:number>")
@answers(Task)
def one(number: int) -> Response:
    """A task; its ETag is what an answer must name in If-Match."""
    require(caller(), Right.TASKS)
    found = task_named(the_hub(), number)
    answer = as_json(_told(found))
    answer.set_etag(str(found.version))
    answer.make_conditional(request)
    return answer


@blueprint.post("/tasks/<int:number>/decision")
@blueprint.input(Saying, arg_name="body")
@answers(Said, headers=("If-Match",))
def decide(number: int, body: Saying) -> Response:
    """Answers a task; the decision takes effect at once and holds until it is withdrawn."""
    require(caller(), Right.DECIDE)
    task = task_named(the_hub(), number)
    answer = Answer(
        task_id=number,
        version=_based_on(task),
        kind=body.decision,
        reason=body.reason,
        survivor=body.survivor,
        left=tuple(body.left),
        right=tuple(body.right),
    )
    done = answer_task(the_hub(), caller(), answer, correlation_id())
    return as_json(asdict(done))


def _based_on(task: StoredTask) -> int:
    if not request.headers.get("If-Match"):
        raise PreconditionRequired("Send the task's ETag as If-Match: GET the task first.")
    if not request.if_match.contains(str(task.version)):
        raise StaleVersion(f"Task {task.id} is at version {task.version} now; read it again.")
    return task.version


def _told(task: StoredTask) -> dict[str, Any]:
    return {name: value for name, value in asdict(task).items() if name not in ("assignee", "key")}
