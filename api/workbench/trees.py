"""The pages of hierarchies: what stands where on a day, what moved, and moving it."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from apiflask import APIBlueprint, APIFlask
from flask import redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from api.auth import the_hub
from api.tracing import correlation_id
from api.workbench.pages import page_of, problem_page
from api.workbench.session import signed_in, the_person
from mdm.asking import hierarchies
from mdm.asking.answer import When, when
from mdm.errors import BadRequest, HubError
from mdm.golden.hierarchy import END, HIERARCHIES, Edge, Hierarchy
from mdm.governance.hierarchies import Moves, hierarchy_named, move
from mdm.people.rights import Right, require

blueprint = APIBlueprint(
    "trees", __name__, url_prefix="/workbench/hierarchies", enable_openapi=False
)
blueprint.register_error_handler(HubError, problem_page)
Node = dict[str, Any]


def register(app: APIFlask) -> None:
    """Adds the pages."""
    app.register_blueprint(blueprint)


@blueprint.get("/")
@signed_in
def first() -> Answer:
    """The hierarchy that most people mean."""
    given = request.args
    kept = {name: given[name] for name in ("as_of", "under") if given.get(name)}
    name = hierarchy_named(given.get("name") or "legal").name
    return redirect(f"/workbench/hierarchies/{name}?{urlencode(kept)}")


@blueprint.get("/<name>")
@signed_in
def tree(name: str) -> str:
    """What stands where on a day: the roots, or all below one record or below the only root."""
    named, person = hierarchy_named(name), the_person()
    require(person, Right.READ)
    asked, other = _asked("as_of"), request.args.get("with_as_of") or None
    under = request.args.get("under", "").strip()
    facts: dict[str, Any] = {"found": hierarchies.overview(the_hub(), person, named, asked)}
    roots = facts["found"]["roots"]
    if under:
        golden_id = hierarchies.meant(the_hub(), person, named, under)
        facts |= _below(named, golden_id, asked, other)
    elif len(roots) == 1:
        facts |= _below(named, roots[0]["golden_id"], asked, other)
    return page_of(
        "hierarchy.html",
        active="hierarchies",
        named=named,
        all=HIERARCHIES,
        under=under,
        compared=other,
        may_place=person.may(Right.PLACE),
        moved=request.args.get("moved"),
        **facts,
    )


@blueprint.post("/<name>")
@signed_in
def place(name: str) -> Answer:
    """Moves a record and shows it where it stands then."""
    named, person, form = hierarchy_named(name), the_person(), request.form
    parent = form.get("parent", "").strip()
    wanted = Edge(
        child=form["golden_id"],
        parent=hierarchies.meant(the_hub(), person, named, parent) if parent else None,
        start=_date(form["valid_from"], "valid_from"),
        end=_date(form["valid_to"], "valid_to") if form.get("valid_to") else END,
    )
    moves = Moves((wanted,), form.get("reason", "").strip() or None)
    move(the_hub(), person, named, moves, correlation_id())
    to = url_for(
        "trees.tree", name=name, under=wanted.parent or wanted.child, as_of=wanted.start, moved="1"
    )
    return redirect(to, 303)


def _below(named: Hierarchy, golden_id: str, asked: When, other: str | None) -> dict[str, Any]:
    hub, person = the_hub(), the_person()
    below = hierarchies.subtree(hub, person, named, golden_id, asked)
    facts = {
        "top": _nested(below["nodes"]),
        "below": below,
        "path": hierarchies.path(hub, person, named, golden_id, asked)["path"],
    }
    if other:
        days = (asked, _asked("with_as_of"))
        facts["differs"] = hierarchies.difference(hub, person, named, golden_id, days)
    return facts


def _nested(nodes: list[Node]) -> Node:
    """The nodes of a subtree, each with its children in the order of their codes."""
    found: dict[str, Node] = {one["golden_id"]: {**one, "children": []} for one in nodes}
    for one in sorted(nodes[1:], key=lambda node: str(node["code"])):
        found[one["parent"]]["children"].append(found[one["golden_id"]])
    return found[nodes[0]["golden_id"]]


def _asked(name: str) -> When:
    return when(the_hub(), request.args.get(name) or None)


def _date(said: str, field: str) -> str:
    try:
        return date.fromisoformat(said).isoformat()
    except ValueError:
        raise BadRequest(f"{said!r} is no date; write 2026-01-31.", field=field) from None
