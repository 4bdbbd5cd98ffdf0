"""Loads, and those that a guard stopped: released or dropped by a person."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from api.auth import caller, the_hub
from api.describe import answers
from api.exchange import as_json, limit
from api.tracing import correlation_id
from mdm.errors import NotFound
from mdm.governance import loads
from mdm.people.rights import Right, require
from mdm.store import seen_loads

blueprint = APIBlueprint("loads", __name__, tag="Loads", url_prefix="/v1")
KNOWN = ("state", "limit")


class Load(BaseModel):
    """A load: its files, what it did, and the guards that stopped it."""

    id: int
    source: str
    mode: str
    state: str
    files: list[Any]
    actor: str
    correlation_id: str
    started_at: str
    finished_at: str | None
    counts: dict[str, Any]
    stopped_by: list[dict[str, Any]] | None


class Loads(BaseModel):
    """Loads, the latest first."""

    results: list[Load]


class Reason(BaseModel):
    """Why a stopped load is released or dropped."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=2000)


@blueprint.get("/loads")
@answers(Loads, query=KNOWN)
def listed() -> Response:
    """Loads, the latest first; `state=stopped` gives those that wait for a person."""
    require(caller(), Right.TASKS)
    with the_hub().database.read() as connection:
        found = seen_loads.recent(connection, limit(), request.args.get("state"))
    return as_json({"results": [asdict(one) for one in found]})


@blueprint.get("/loads/<int:number>")
@answers(Load)
def one(number: int) -> Response:
    """A load with what stopped it."""
    require(caller(), Right.TASKS)
    with the_hub().database.read() as connection:
        found = seen_loads.by_id(connection, number)
    if found is None:
        raise NotFound(f"There is no load {number}.")
    return as_json(asdict(found))


@blueprint.post("/loads/<int:number>/release")
@blueprint.input(Reason, arg_name="body")
@answers(Load)
def release(number: int, body: Reason) -> Response:
    """Applies a stopped load as it is; a release that was cut short is continued."""
    loads.release(the_hub(), caller(), number, body.reason, correlation_id())
    return one(number)


@blueprint.post("/loads/<int:number>/drop")
@blueprint.input(Reason, arg_name="body")
@answers(Load)
def drop(number: int, body: Reason) -> Response:
    """Gives a stopped load up: nothing of it is applied, and its rows are deleted."""
    loads.drop(the_hub(), caller(), number, body.reason, correlation_id())
    return one(number)
