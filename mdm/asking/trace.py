"""A golden record's way, act by act: what arrived, what became golden of it, what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from mdm.asking.lookup import following
from mdm.model.domain import Domain
from mdm.people.rights import Caller, Right, require
from mdm.store import trace
from mdm.store.hub import Hub
from mdm.store.trace import Wanted

LATEST = 2**62
TOLD = {"kind": "act", "seq": "sequence"}
"""Names under which an act is told elsewhere too."""


def steps(
    hub: Hub, caller: Caller, domain: Domain, wanted: Wanted
) -> tuple[str, list[dict[str, Any]], int | None]:
    """The id that answers, its acts, the latest first, and before which the next page begins.

    Each with the source versions it brought, as they were mapped, the golden version it made, and
    the messages it caused, with their payloads, times and outcomes.
    """
    require(caller, Right.AUDIT)
    with hub.database.read() as connection:
        golden_id = following(connection, domain, wanted.golden_id, None).golden_id
        one_more = Wanted(golden_id, wanted.correlation_id, wanted.before, wanted.limit + 1)
        acts = trace.acts(connection, one_more)
        page = list(acts)[: wanted.limit]
        parts = {
            "arrived": _by_act(trace.ARRIVED, trace.arrived(connection, golden_id, page)),
            "became": _by_act(trace.BECAME, trace.became(connection, golden_id, page)),
            "sent": _by_act((*trace.SENT, "data"), trace.sent(connection, golden_id, page)),
        }
    told = [
        {TOLD.get(name, name): value for name, value in acts[number].items()}
        | {name: found.get(number, []) for name, found in parts.items()}
        for number in page
    ]
    return golden_id, told, page[-1] if len(acts) > len(page) else None


def _by_act(names: Sequence[str], rows: Sequence[Any]) -> dict[int, list[dict[str, Any]]]:
    """The rows as documents, by the transaction that stands first in each; the last is JSON."""
    found: dict[int, list[dict[str, Any]]] = {}
    for number, *values, document in rows:
        said = dict(zip(names, (*values, msgspec.Raw(document.encode())), strict=True))
        found.setdefault(number, []).append(said)
    return found
