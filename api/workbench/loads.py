"""The pages of loads: what each did, why one waits for a person, releasing it, dropping it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apiflask import APIBlueprint, APIFlask
from flask import redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from api.auth import the_hub
from api.tracing import correlation_id
from api.workbench.pages import page_of, problem_page
from api.workbench.session import signed_in, the_person
from mdm.errors import HubError, NotFound
from mdm.governance import loads as acts
from mdm.people.rights import Right, require
from mdm.store import codes, rejects, seen_loads
from mdm.store.stopped import APPLYING, STOPPED

blueprint = APIBlueprint("loads_pages", __name__, url_prefix="/workbench", enable_openapi=False)
blueprint.register_error_handler(HubError, problem_page)
REFUSED = 200
"""Refused rows of a load that its page shows."""
GUARDS = {
    "missing": "Records are missing",
    "rejected": "Many rows are refused",
    "equal": "One value too often",
    "few": "Too few different values",
    "invalid": "Values fail their check",
    "merged": "Many golden records would be joined",
    "flipped": "Many values would change",
    "cluster": "Too many records would become one",
}


def register(app: APIFlask) -> None:
    """Adds the pages."""
    app.register_blueprint(blueprint)


@blueprint.get("/loads")
@signed_in
def listed() -> str:
    """Loads with what they did or why they wait, and open rejects by reason."""
    require(the_person(), Right.TASKS)
    with the_hub().database.read() as connection:
        found = seen_loads.recent(connection, 50)
        refused = rejects.counts(connection)
        unmapped = len(codes.queued(connection))
    return page_of("loads.html", loads=found, refused=refused, unmapped=unmapped)


@blueprint.get("/loads/<int:number>")
@signed_in
def one(number: int) -> str:
    """A load with its files, counts and rejects; of a stopped one the causes and what to do."""
    require(the_person(), Right.TASKS)
    with the_hub().database.read() as connection:
        found = seen_loads.by_id(connection, number)
        refused = seen_loads.rejects_of(connection, number, REFUSED)
    if found is None:
        raise NotFound(f"There is no load {number}.")
    may_release = the_person().may(Right.LOADS) and bool(found.stopped_by)
    return page_of(
        "load.html",
        load=found,
        rejects=refused,
        guards=told_guards(found.stopped_by),
        waits=may_release and found.state == STOPPED,
        cut_short=may_release and found.state == APPLYING,
        said=request.args.get("said"),
    )


@blueprint.post("/loads/<int:number>/release")
@signed_in
def release(number: int) -> Answer:
    """Applies a stopped load, and shows what that did."""
    reason = request.form.get("reason", "")
    acts.release(the_hub(), the_person(), number, reason, correlation_id())
    return _shown(number, f"Load {number} is released and applied.")


@blueprint.post("/loads/<int:number>/drop")
@signed_in
def drop(number: int) -> Answer:
    """Gives a stopped load up."""
    reason = request.form.get("reason", "")
    acts.drop(the_hub(), the_person(), number, reason, correlation_id())
    return _shown(number, f"Load {number} is dropped: nothing of it was applied.")


def told_guards(stopped_by: Sequence[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """What looks wrong, with how much was found and how much is allowed."""
    return [
        {
            **guard,
            "title": GUARDS[guard["guard"]],
            "found": _amount(guard["guard"], guard["found"]),
            "budget": _amount(guard["guard"], guard["budget"]),
        }
        for guard in stopped_by or ()
    ]


def _amount(guard: str, value: float) -> str:
    return f"{value:,.0f}" if guard == "cluster" else f"{value:.0%}"


def _shown(number: int, said: str) -> Answer:
    return redirect(url_for("loads_pages.one", number=number, said=said), 303)
