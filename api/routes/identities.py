"""Identities: the keys under which a record is booked, by legal entity."""

from __future__ import annotations

import msgspec
from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel

from api.auth import caller, the_hub
from api.describe import answers
from api.exchange import validated
from mdm.asking.identities import identities
from mdm.domains import domain_named

blueprint = APIBlueprint("identities", __name__, tag="Golden records", url_prefix="/v1")
ASKED = ("legal_entity",)


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


@blueprint.get("/<domain>/<golden_id>/identities")
@answers(Identities, query=ASKED)
def keys(domain: str, golden_id: str) -> Response:
    """The keys of the record in its source systems, with the legal entities each stands for."""
    entity = request.args.get("legal_entity")
    found = identities(the_hub(), caller(), domain_named(domain), golden_id, entity)
    return validated(msgspec.json.encode(found))
