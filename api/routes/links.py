"""Links: which source records were held against each other, and what came of it."""

from __future__ import annotations

from typing import Literal

import msgspec
from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, Field

from api.auth import caller, the_hub
from api.describe import answers
from api.exchange import limit, paged, validated
from mdm.asking.links import links
from mdm.domains import domain_named

blueprint = APIBlueprint("links", __name__, tag="Golden records", url_prefix="/v1")
ASKED = ("limit", "cursor")


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
    rules: str = Field(
        description="The version of the rules that first said so; later ones that said the same"
        " leave it."
    )
    evidence: list[Said]


class Decision(BaseModel):
    """What a person says of a pair: same or different."""

    id: int
    kind: str
    actor: str
    simulated: bool
    reason: str | None
    at: str


class Result(BaseModel):
    """What is made of a pair: by the rules (`scored`) or by a person (`decision`)."""

    result: Literal["no_match", "possible_match", "match"]
    made_by: Literal["automatic", "person"]
    scored: Scored | None
    decision: Decision | None


class Earlier(Result):
    """A result that held for a time."""

    begun: str = Field(alias="from")
    until: str


class Link(Result):
    """Two source records that were held against each other, and what came of it.

    `scored` is null where the rules no longer compare them; a decision in force counts over it.
    """

    left: LinkEnd
    right: LinkEnd
    created_at: str
    updated_at: str
    earlier: list[Earlier] = Field(description="What held before, the latest first.")


class Links(BaseModel):
    """A page of links; `next` is null on the last one."""

    golden_id: str
    results: list[Link]
    next: str | None


@blueprint.get("/<domain>/<golden_id>/links")
@answers(Links, query=ASKED)
def links_of(domain: str, golden_id: str) -> Response:
    """Its source records beside each other and beside others that are or were like them.

    Of each pair the result, who made it, since when, and every earlier state.
    """
    wanted = (domain_named(domain), golden_id)
    found = links(the_hub(), caller(), wanted, request.args.get("cursor"), limit())
    return paged(validated(msgspec.json.encode(found)), found["next"])
