"""Versions of the source records behind a golden record, and how two of its own differ."""

from __future__ import annotations

from typing import Any

import msgspec
from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, Field

from api.auth import caller, the_hub
from api.describe import Made, answers
from api.exchange import validated
from mdm.asking import versions
from mdm.asking.answer import when
from mdm.domains import domain_named
from mdm.errors import BadRequest

blueprint = APIBlueprint("versions", __name__, tag="Golden records", url_prefix="/v1")
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


@blueprint.get("/<domain>/<golden_id>/sources")
@answers(SourceRecords, query=OF_SOURCES)
def sources(domain: str, golden_id: str) -> Response:
    """The source records it is made of, with every version: what it told, when, by which act."""
    asked = when(None, request.args.get("known_at"), None)
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
