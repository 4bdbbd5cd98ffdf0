"""Values of sources that mean none of our codes yet: the queue, and mapping them in bulk."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from api.auth import caller, the_hub
from api.describe import answers
from api.exchange import as_json
from api.tracing import correlation_id
from mdm.codes import Meaning
from mdm.governance.codes import map_codes
from mdm.people.rights import Right, require
from mdm.store import codes

blueprint = APIBlueprint("codes", __name__, tag="Loads", url_prefix="/v1")
KNOWN = ("source",)
Text = Annotated[str, Field(min_length=1, max_length=400)]


class Waiting(BaseModel):
    """A value that means none of our codes yet, and how often it was told."""

    source: str
    domain: str
    field: str
    value: str
    count: int
    first_at: str
    last_at: str


class Queue(BaseModel):
    """The values that wait, the most frequent first."""

    results: list[Waiting]


class Code(BaseModel):
    """What a value of a source's field means."""

    model_config = ConfigDict(extra="forbid")
    source: Text
    domain: Text
    field: Text
    value: Text
    code: Text


class Codes(BaseModel):
    """Values that are mapped together, with the reason."""

    model_config = ConfigDict(extra="forbid")
    codes: list[Code] = Field(min_length=1, max_length=1000)
    reason: Annotated[str, Field(min_length=1, max_length=2000, description="Why; kept.")]


class MappedCodes(BaseModel):
    """What reading the records that carried the values anew did."""

    mapped: int
    read_again: int
    changed: int
    golden_changed: int
    seconds: float


@blueprint.get("/codes")
@answers(Queue, query=KNOWN)
def queued() -> Response:
    """The values that wait to be mapped, the most frequent first."""
    require(caller(), Right.TASKS)
    with the_hub().database.read() as connection:
        found = codes.queued(connection, request.args.get("source"))
    told = [asdict(one) for one in found]
    for one in told:
        del one["resolved_at"]
    return as_json({"results": told})


@blueprint.post("/codes")
@blueprint.input(Codes, arg_name="body")
@answers(MappedCodes)
def mapped(body: Codes) -> Response:
    """Makes values mean our codes, and reads the records that carry them anew."""
    told = [Meaning(**one.model_dump()) for one in body.codes]
    done = map_codes(the_hub(), caller(), told, body.reason, correlation_id())
    return as_json(asdict(done))
