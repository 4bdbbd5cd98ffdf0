"""Hierarchies: roots, paths, subtrees, differences, moves."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from api.auth import caller, the_hub
from api.describe import answers
from api.exchange import as_json, validated
from api.tracing import correlation_id
from mdm.asking import hierarchies
from mdm.asking.answer import When, when
from mdm.errors import BadRequest
from mdm.golden.hierarchy import END, Edge
from mdm.governance.hierarchies import Moves, hierarchy_named, move

blueprint = APIBlueprint("hierarchies", __name__, tag="Hierarchies", url_prefix="/v1/hierarchies")
ASKED = ("as_of", "known_at")
COMPARED = ("with_as_of", "with_known_at")
MOST = 1_000


class About(BaseModel):
    """A hierarchy: its name, what it says, and whose records may stand in it."""

    name: str
    meaning: str
    domains: list[str]


class Hierarchies(BaseModel):
    """The hierarchies there are."""

    hierarchies: list[About]


class Node(BaseModel):
    """A golden record in a hierarchy, named as it is on the day."""

    golden_id: str
    domain: str
    code: str | None
    name: str | None
    status: str


class LeftOut(BaseModel):
    """A parent that a source tells, or a merge made, that would close a cycle."""

    golden_id: str
    parent: str | None
    sentence: str


class Overview(About):
    """A hierarchy with its roots; `version` is what moves are based on."""

    version: int
    as_of: str
    roots: list[Node]
    left_out: list[LeftOut]


class Head(BaseModel):
    """Which hierarchy, record and day an answer is about."""

    hierarchy: str
    golden_id: str
    as_of: str
    redirected_from: str | None = Field(None, description="The retired id that was asked for.")


class Path(Head):
    """The records above one, from the root down to it."""

    path: list[Node]
    left_out: list[LeftOut]


class Below(Node):
    """A record of a subtree; the depth of the one asked for is 0."""

    parent: str | None
    depth: int


class Subtree(Head):
    """A record and all that stands below it, each before its own children."""

    nodes: list[Below]
    left_out: list[LeftOut]


class Changed(Node):
    """A record that is new below the one asked for, or gone."""

    parent: str | None


class Moved(Node):
    """A record with another parent than before."""

    model_config = ConfigDict(populate_by_name=True)
    was: str | None = Field(alias="from")
    now: str | None = Field(alias="to")


class Difference(Head):
    """What is not the same on `with_as_of`."""

    with_as_of: str
    added: list[Changed]
    removed: list[Changed]
    moved: list[Moved]


class Move(BaseModel):
    """A record under a new parent for a period."""

    model_config = ConfigDict(extra="forbid")
    golden_id: str
    parent: str | None = Field(description="null: a root, whatever sources tell.")
    valid_from: date
    valid_to: date | None = Field(None, description="First day it no longer holds; null: open.")


class MovesBody(BaseModel):
    """Moves that hold all together, or not at all."""

    model_config = ConfigDict(extra="forbid")
    moves: list[Move] = Field(min_length=1, max_length=MOST)
    reason: str | None = Field(None, max_length=2000)


class Done(BaseModel):
    """The hierarchy's version after the moves."""

    hierarchy: str
    version: int


@blueprint.get("")
@answers(Hierarchies)
def listed() -> Response:
    """The hierarchies there are."""
    caller()
    return validated(msgspec.json.encode({"hierarchies": hierarchies.listed()}))


@blueprint.get("/<name>")
@answers(Overview, query=ASKED)
def overview(name: str) -> Response:
    """What stands at the top on a day; the ETag is the version that moves are based on."""
    found = hierarchies.overview(the_hub(), caller(), hierarchy_named(name), _asked())
    answer = as_json(found)
    answer.set_etag(str(found["version"]))
    return answer


@blueprint.get("/<name>/<golden_id>/path")
@answers(Path, query=ASKED)
def path(name: str, golden_id: str) -> Response:
    """The records above one on a day, from the root down to it."""
    named = hierarchy_named(name)
    return _said(hierarchies.path(the_hub(), caller(), named, golden_id, _asked()))


@blueprint.get("/<name>/<golden_id>/subtree")
@answers(Subtree, query=ASKED)
def subtree(name: str, golden_id: str) -> Response:
    """A record and all that stands below it on a day."""
    named = hierarchy_named(name)
    return _said(hierarchies.subtree(the_hub(), caller(), named, golden_id, _asked()))


@blueprint.get("/<name>/<golden_id>/compare")
@answers(Difference, query=(*ASKED, *COMPARED))
def compare(name: str, golden_id: str) -> Response:
    """What was added, removed and moved below a record between two days, or two moments."""
    before = _asked()
    given = request.args
    if not any(given.get(one) for one in COMPARED):
        raise BadRequest("Say what to compare with: `with_as_of` or `with_known_at`, or both.")
    after = when(
        the_hub(),
        given.get("with_as_of", given.get("as_of")),
        given.get("with_known_at", given.get("known_at")),
    )
    named = hierarchy_named(name)
    found = hierarchies.difference(the_hub(), caller(), named, golden_id, (before, after))
    return _said(found)


@blueprint.post("/<name>/moves")
@blueprint.input(MovesBody, arg_name="body")
@answers(Done, headers=("If-Match",))
def moves(name: str, body: MovesBody) -> Response:
    """Places records under new parents, each for a period; all together or none.

    An open move holds until the next one that is planned. `If-Match` names the version it is
    based on, where that matters.
    """
    named = hierarchy_named(name)
    wanted = Moves(tuple(_edge(one) for one in body.moves), body.reason, _based_on())
    version = move(the_hub(), caller(), named, wanted, correlation_id())
    answer = as_json({"hierarchy": named.name, "version": version})
    answer.set_etag(str(version))
    return answer


def _edge(one: Move) -> Edge:
    end = one.valid_to.isoformat() if one.valid_to else END
    return Edge(one.golden_id, one.parent, one.valid_from.isoformat(), end)


def _based_on() -> int | None:
    said = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if said in ("", "*"):
        return None
    if not said.isdecimal():
        raise BadRequest("If-Match names the hierarchy's version: GET the hierarchy first.")
    return int(said)


def _asked() -> When:
    return when(the_hub(), request.args.get("as_of"), request.args.get("known_at"))


def _said(found: dict[str, Any]) -> Response:
    return validated(msgspec.json.encode(found))
