"""Where a record comes from: keys by legal entity, versions of its sources and of its own."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, Field

from api.auth import caller, the_hub
from api.describe import answers
from api.exchange import limit, paged, validated
from mdm.asking import versions
from mdm.asking.answer import when
from mdm.asking.identities import identities
from mdm.asking.links import links
from mdm.domains import domain_named
from mdm.errors import BadRequest

blueprint = APIBlueprint("versions", __name__, tag="Golden records", url_prefix="/v1")
OF_SOURCES, OF_A_DIFFERENCE, OF_KEYS = ("known_at",), ("from", "to"), ("legal_entity",)
OF_LINKS = ("limit", "cursor")


class Told(BaseModel):
    """A version of a source record, and the act that brought it."""

    version: int
    state: str
    record: dict[str, Any]
    changed: list[str]
    mapping_version: str
    load: int | None
    at: str
    recorded_at: str
    act: str
    actor: str
    reason: str | None
    correlation_id: str
    sequence: int | None


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


class Identity(BaseModel):
    """A key of the record, and the legal entities that its source tells it for."""

    source: str
    source_key: str
    state: str
    legal_entities: list[str]


class Identities(BaseModel):
    """The keys under which a record is booked."""

    golden_id: str
    keys: list[Identity]


class LinkEnd(BaseModel):
    """A source record, and the golden record that it is part of now."""

    record_id: int
    source: str
    source_key: str
    golden_id: str


class Said(BaseModel):
    """What one field says of a pair."""

    field: str
    level: str
    meaning: str


class Scored(BaseModel):
    """What the rules of a version say of a pair."""

    score: float = Field(description="Probability that the two are the same.")
    veto: bool
    rules: str
    evidence: list[Said]


class Decision(BaseModel):
    """What a person says of a pair: same or different."""

    id: int
    kind: str
    actor: str
    simulated: bool
    reason: str | None
    at: str


class Held(BaseModel):
    """What held of a link: by the rules (`scored`) or by a person (`decision`)."""

    result: Literal["no_match", "possible_match", "match"]
    made_by: Literal["automatic", "person"]
    scored: Scored | None
    decision: Decision | None
    begun: str = Field(alias="from")
    until: str


class Link(BaseModel):
    """Two source records that were held against each other, and what came of it.

    `scored` is null where the rules no longer compare them; a decision in force counts over it.
    """

    left: LinkEnd
    right: LinkEnd
    result: Literal["no_match", "possible_match", "match"]
    made_by: Literal["automatic", "person"]
    created_at: str
    updated_at: str
    scored: Scored | None
    decision: Decision | None
    earlier: list[Held] = Field(description="What held before, the latest first.")


class Links(BaseModel):
    """A page of links; `next` is null on the last one."""

    golden_id: str
    results: list[Link]
    next: str | None


@blueprint.get("/<domain>/<golden_id>/identities")
@answers(Identities, query=OF_KEYS)
def keys(domain: str, golden_id: str) -> Response:
    """The keys of the record in its source systems, with the legal entities each stands for."""
    entity = request.args.get("legal_entity")
    found = identities(the_hub(), caller(), domain_named(domain), golden_id, entity)
    return validated(msgspec.json.encode(found))


@blueprint.get("/<domain>/<golden_id>/sources")
@answers(SourceRecords, query=OF_SOURCES)
def sources(domain: str, golden_id: str) -> Response:
    """The source records it is made of, with every version: what it told, when, by which act."""
    asked = when(None, request.args.get("known_at"), None)
    found = versions.sources(the_hub(), caller(), (domain_named(domain), golden_id), asked)
    return validated(msgspec.json.encode({"records": found}))


@blueprint.get("/<domain>/<golden_id>/links")
@answers(Links, query=OF_LINKS)
def links_of(domain: str, golden_id: str) -> Response:
    """Its source records beside each other and beside others that are or were like them.

    Of each pair the result, who made it, since when, and every earlier state.
    """
    wanted = (domain_named(domain), golden_id)
    found = links(the_hub(), caller(), wanted, request.args.get("cursor"), limit())
    return paged(validated(msgspec.json.encode(found)), found["next"])


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
