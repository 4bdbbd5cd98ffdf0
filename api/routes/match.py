"""Records not yet created, matched: whom each may be, and why."""

from __future__ import annotations

from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from api.auth import caller, the_hub
from api.describe import answers
from api.exchange import as_json
from mdm.asking.match import LIMIT, Asked, match
from mdm.asking.pairs import explain_pair
from mdm.domains import domain_named
from mdm.errors import BadRequest

blueprint = APIBlueprint("match", __name__, tag="Matching", url_prefix="/v1")
MOST = 500
MOST_CANDIDATES = 50


class Wanted(BaseModel):
    """Records to be matched, each as a row of a plain CSV file or in the hub's own shape."""

    model_config = ConfigDict(extra="forbid")
    records: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST)]
    source: Annotated[
        str | None, Field(description="The source whose own fields the records are told in.")
    ] = None
    limit: Annotated[
        int, Field(ge=1, le=MOST_CANDIDATES, description="Candidates of each record.")
    ] = LIMIT


class Evidence(BaseModel):
    """What one field says; bits are null where it decides alone."""

    field: str
    level: str
    meaning: str
    bits: float | None


class Candidate(BaseModel):
    """A golden record that the record may be; `source` tells it in the words most alike."""

    golden_id: str
    probability: float
    verdict: str
    veto: bool
    source: str
    source_key: str
    met_by: list[str]
    evidence: list[Evidence]


class Matched(BaseModel):
    """What is said of one record; `unreadable` says why in code and reason."""

    verdict: str
    candidates: list[Candidate]
    crowded: list[str] = Field(description="Keys too many records have: not all compared.")
    unknown: list[str] = Field(description="Names in the record that the hub does not know.")
    code: str | None
    reason: str | None


class MatchedAll(BaseModel):
    """One answer per record, in their order; `rules` is the version that weighed them."""

    rules: str | None
    results: list[Matched]


class Explained(BaseModel):
    """Why two records are, or are not, the same; `why` is null in a domain mastered by code."""

    domain: str
    left: dict[str, Any]
    right: dict[str, Any]
    joined: bool
    rules: str | None
    why: dict[str, Any] | None
    kept: dict[str, Any] | None
    decisions: list[dict[str, Any]]
    chain: list[dict[str, Any]]
    weakest: dict[str, Any] | None
    sentence: str


@blueprint.get("/<domain>/explain")
@answers(Explained, query=("left", "right"))
def explain(domain: str) -> Response:
    """Explains a pair: what each field says in bits, which keys met, what would turn it."""
    given = request.args.to_dict()
    for name in ("left", "right"):
        if not given.get(name):
            raise BadRequest(f"Name two records: `{name}` is missing.", field=name)
    for name in given.keys() - {"left", "right"}:
        raise BadRequest(f"There is no query field {name!r}; there are: left, right.", field=name)
    known = domain_named(domain)
    found = explain_pair(the_hub(), caller(), known, given["left"], given["right"])
    return as_json(found)


@blueprint.post("/<domain>/match")
@blueprint.input(Wanted, arg_name="body")
@answers(MatchedAll)
def match_records(domain: str, body: Wanted) -> Response:
    """Ranks the golden records that each of these records may be; nothing is stored."""
    known = domain_named(domain)
    hub = the_hub()
    asked = Asked(body.records, body.source, body.limit)
    found = match(hub, caller(), known, asked)
    rules = hub.rules.get(known.name)
    said = {"rules": rules.version if rules else None, "results": found}
    return as_json(said)
