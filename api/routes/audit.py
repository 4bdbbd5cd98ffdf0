"""The audit as an auditor reads it."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel

from api.auth import caller, the_hub
from api.describe import answers
from api.exchange import after, as_json, limit
from mdm import clock
from mdm.errors import BadRequest
from mdm.people.rights import Right, require
from mdm.store import audit
from mdm.store.audit import Wanted

blueprint = APIBlueprint("audit", __name__, tag="Audit", url_prefix="/v1")
KNOWN = ("subject", "correlation_id", "since", "limit", "cursor")


class Entry(BaseModel):
    """What the audit tells of one change, with the transaction it was part of."""

    id: int
    sequence: int | None
    """Of its transaction, in the order of commits; null: not sealed yet."""
    at: str
    actor: str
    on_behalf_of: str | None
    reason: str | None
    correlation_id: str
    subject: str
    entry: dict[str, Any]


class Entries(BaseModel):
    """A page of entries in the order of their numbers."""

    results: list[Entry]
    next: str | None


@blueprint.get("/audit")
@answers(Entries, query=KNOWN)
def listed() -> Response:
    """Entries, oldest first: of a `subject` (a golden id, `decision:12`), `since` an instant.

    With a `correlation_id` all that one message or act led to.
    """
    require(caller(), Right.AUDIT)
    given, most = request.args, limit()
    wanted = Wanted(
        given.get("subject"),
        _instant(given.get("since")),
        given.get("correlation_id"),
        after(),
        most + 1,
    )
    with the_hub().database.read() as connection:
        found = audit.entries(connection, wanted)
    page = found[:most]
    more = len(found) > most
    return as_json({"results": page, "next": str(page[-1]["id"]) if more else None})


def _instant(said: str | None) -> str | None:
    if said is None:
        return None
    try:
        return clock.iso(clock.parse_instant(said))
    except ValueError as error:
        raise BadRequest(f"`since`: {error}", field="since") from error
