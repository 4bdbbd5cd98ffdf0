"""Who asks: the client of the bearer key."""

from __future__ import annotations

from flask import current_app, g, request

from api.problems import Unauthenticated
from mdm.people.clients import caller_of_key
from mdm.people.rights import Caller
from mdm.store.hub import Hub


def the_hub() -> Hub:
    """The hub that this application serves."""
    hub: Hub = current_app.extensions["hub"]
    return hub


def caller() -> Caller:
    """The client whose key the request carries; Unauthenticated where there is none."""
    if "caller" not in g:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise Unauthenticated("Send the key of a client: `Authorization: Bearer KEY`.")
        known = caller_of_key(the_hub(), key.strip())
        if known is None:
            raise Unauthenticated("No active client has this key. `mdm client add` makes one.")
        g.caller = known
    found: Caller = g.caller
    return found
