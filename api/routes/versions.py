"""Versions of the source records behind a golden record, and how two of its own differ."""

from __future__ import annotations

from typing import Any

import msgspec
from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, Field

from api.auth import caller, the_hub
from api.describe import Made, answers
from api.exchange import after, as_json, limit, paged, validated
from mdm.asking import trace, versions
from mdm.asking.answer import when
from mdm.domains import domain_named
from mdm.errors import BadRequest
from mdm.store.trace import Wanted

blueprint = APIBlueprint("versions", __name__, tag="Golden records", url_prefix="/v1")
OF_A_TRACE = ("correlation_id", "limit", "cursor")
OF_SOURCES, OF_A_DIFFERENCE = ("known_at",), ("from", "to")


class Told(Made):
    """A version of a source record, and the act that brought it."""

    version: int
    state: str
    record: dict[str, Any]
    changed: list[str]
    mapping_version: str
    load: int | None


class SourceRecord(BaseModel):
    """A source record with its versions, the latest first."""

    record_id: int
    source: str
    source_key: str
    versions: list[Told]


class SourceRecords(BaseModel):
    """The source records of a golden record."""

    records: list[SourceRecord]


class Change(BaseModel):
    """What stands at a path of one version and of the other."""

    path: str
    before: Any
    after: Any


class Difference(BaseModel):
    """How two versions differ."""

    golden_id: str
    first: int = Field(alias="from")
    to: int
    changes: list[Change]


class Arrived(BaseModel):
    """What a source told, as it was mapped."""

    source: str
    source_key: str
    version: int
    state: str
    mapping_version: str
    load: int | None
    line: int | None
    record: dict[str, Any]


class Became(BaseModel):
    """The golden version that the act made."""

    version: int
    status: str
    merged_into: str | None
    record: dict[str, Any]


class Sent(BaseModel):
    """A message to a subscriber: its payload, and what became of it (pending, sent, dead)."""

    subscriber: str
    type: str
    entityversion: int
    at: str
    state: str
    attempts: int
    sent_at: str | None
    error: str | None
    data: dict[str, Any]


class Step(Made):
    """An act, what arrived by it, what became golden, and what was sent."""

    on_behalf_of: str | None
    arrived: list[Arrived]
    became: list[Became]
    sent: list[Sent]


class Trace(BaseModel):
    """The acts that concern a golden record, the latest first."""

    golden_id: str
    steps: list[Step]
    next: str | None


@blueprint.get("/<domain>/<golden_id>/trace")
@answers(Trace, query=OF_A_TRACE)
def traced(domain: str, golden_id: str) -> Response:
    """From what arrived over what became golden to each message, with payloads and outcomes.

    `GET /v1/audit?correlation_id=` names the golden records that one message led to.
    """
    asked = Wanted(golden_id, request.args.get("correlation_id"), after() or trace.LATEST, limit())
    answering, steps, following = trace.steps(the_hub(), caller(), domain_named(domain), asked)
    more = str(following) if following is not None else None
    return paged(as_json({"golden_id": answering, "steps": steps, "next": more}), more)


@blueprint.get("/<domain>/<golden_id>/sources")
@answers(SourceRecords, query=OF_SOURCES)
def sources(domain: str, golden_id: str) -> Response:
    """The source records it is made of, with every version: what it told, when, by which act."""
    asked = when(the_hub(), known_at=request.args.get("known_at"))
    found = versions.sources(the_hub(), caller(), (domain_named(domain), golden_id), asked)
    return validated(msgspec.json.encode({"records": found}))


@blueprint.get("/<domain>/<golden_id>/difference")
@answers(Difference, query=OF_A_DIFFERENCE)
def difference(domain: str, golden_id: str) -> Response:
    """How the version `to` differs from the version `from`, path by path."""
    first, second = (_number(name) for name in OF_A_DIFFERENCE)
    wanted = (domain_named(domain), golden_id)
    found = versions.difference(the_hub(), caller(), wanted, first, second)
    return validated(msgspec.json.encode(found))


def _number(name: str) -> int:
    said = request.args.get(name, "")
    if not said.isdecimal() or len(said) > len(str(2**31)):
        raise BadRequest(f"`{name}` is the number of a version: see its history.", field=name)
    return int(said)
