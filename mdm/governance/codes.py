"""Who may map codes that nobody knew: thin over the act itself."""

from __future__ import annotations

from collections.abc import Sequence

from mdm.codes import MapReport, Meaning
from mdm.codes import map_codes as mapping
from mdm.people.rights import Caller, Right, require
from mdm.store.hub import Hub
from mdm.store.transaction import Act


def map_codes(
    hub: Hub, caller: Caller, told: Sequence[Meaning], reason: str, correlation_id: str
) -> MapReport:
    """Makes values mean our codes; raises as the act itself does."""
    require(caller, Right.CODES)
    act = Act("map_codes", caller.name, reason=reason.strip(), correlation_id=correlation_id)
    return mapping(hub, told, act)
