"""The page of values that mean none of our codes yet: what each means, said in one go."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, APIFlask
from flask import redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from api.auth import the_hub
from api.tracing import correlation_id
from api.workbench.pages import page_of, problem_page
from api.workbench.session import signed_in, the_person
from mdm.codes import Meaning
from mdm.domains import DOMAINS
from mdm.errors import BadRequest, HubError
from mdm.governance.codes import map_codes
from mdm.inbound.codes import lines_named
from mdm.people.rights import Right, require
from mdm.store import codes

blueprint = APIBlueprint("codes_pages", __name__, url_prefix="/workbench", enable_openapi=False)
blueprint.register_error_handler(HubError, problem_page)
SHOWN = 200
"""Values that the page shows; the most frequent are mapped first."""


def register(app: APIFlask) -> None:
    """Adds the pages."""
    app.register_blueprint(blueprint)


@blueprint.get("/codes")
@signed_in
def listed() -> str:
    """The values that wait, the most frequent first, each with a box for our code."""
    require(the_person(), Right.TASKS)
    with the_hub().database.read() as connection:
        found = codes.queued(connection)
    fields = {(one.domain, one.field) for one in found[:SHOWN]}
    return page_of(
        "codes.html",
        waiting=found[:SHOWN],
        more=max(0, len(found) - SHOWN),
        choices={place: _choices(*place) for place in fields},
        may_map=the_person().may(Right.CODES),
        said=request.args.get("said"),
    )


@blueprint.post("/codes")
@signed_in
def mapped() -> Answer:
    """Maps the values whose box holds a code."""
    form = request.form
    rows = zip(*(form.getlist(name) for name in PARTS), strict=True)
    told = [Meaning(*row) for row in rows if row[-1].strip()]
    if not told:
        raise BadRequest("No box holds a code: fill in what at least one value means.")
    reason = form.get("reason", "")
    done = map_codes(the_hub(), the_person(), told, reason, correlation_id())
    said = (
        f"{done.mapped} values are mapped; {done.changed} records were read anew,"
        f" {done.golden_changed} golden records changed."
    )
    return redirect(url_for("codes_pages.listed", said=said), 303)


PARTS = ("source", "domain", "field", "value", "code")
"""The inputs of each row of the form."""


def _choices(domain: str, field: str) -> list[Any]:
    """The codes of a field that has only a few."""
    lines = lines_named(DOMAINS[domain], field)
    return list(dict.fromkeys(choice for line in lines for choice in line.choices))
