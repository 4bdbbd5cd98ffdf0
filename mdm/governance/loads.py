"""Who may release or drop a load that a guard stopped: thin over the act itself."""

from __future__ import annotations

from mdm import load_release as acts
from mdm.load import LoadReport
from mdm.people.rights import Caller, Right, require
from mdm.store.hub import Hub
from mdm.store.transaction import Act


def release(hub: Hub, caller: Caller, number: int, reason: str, correlation_id: str) -> LoadReport:
    """Applies a stopped load, guards off; raises as the act itself does."""
    require(caller, Right.LOADS)
    return acts.release(hub, number, _act(caller, reason, correlation_id))


def drop(hub: Hub, caller: Caller, number: int, reason: str, correlation_id: str) -> None:
    """Gives a stopped load up; raises as the act itself does."""
    require(caller, Right.LOADS)
    acts.drop(hub, number, _act(caller, reason, correlation_id))


def _act(caller: Caller, reason: str, correlation_id: str) -> Act:
    return Act("load", caller.name, reason=reason.strip(), correlation_id=correlation_id)
