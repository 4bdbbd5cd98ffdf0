"""A person's word on source records: kept, in force until withdrawn, effective at once."""

from __future__ import annotations

from dataclasses import dataclass

from mdm.domains import DOMAINS
from mdm.errors import BadRequest, Conflict, NotFound
from mdm.model.domain import Domain
from mdm.pipeline import decide_within
from mdm.store import decisions, gather
from mdm.store.hub import Hub
from mdm.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of two sets of source records of a domain."""

    kind: str
    """`same` or `different`."""
    domain: Domain
    left: tuple[int, ...]
    right: tuple[int, ...]
    reason: str | None = None
    survivor: str | None = None
    task_id: int | None = None
    simulated: bool = False


def say(tx: Tx, hub: Hub, said: Said) -> int:
    """Keeps a decision and lets it take effect; returns its number.

    Raises Conflict where a decision in force says the opposite of the same records, BadRequest
    where a record is named on both sides.
    """
    number = keep(tx, said)
    decide_within(tx, hub, said.domain, {*said.left, *said.right})
    return number


def keep(tx: Tx, said: Said) -> int:
    """Keeps a decision that takes effect when its records are next decided; returns its number."""
    if set(said.left) & set(said.right) or not said.left or not said.right:
        raise BadRequest("A decision names two different sets of source records.")
    _refuse_contradiction(tx, said)
    values = {
        "kind": said.kind,
        "domain": said.domain.name,
        "simulated": said.simulated,
        "reason": said.reason,
        "task_id": said.task_id,
        "survivor": said.survivor,
    }
    number = decisions.add_decision(tx, values, said.left, said.right)
    if said.task_id is not None:
        decisions.close_task(tx, said.task_id, said.kind)
    return number


def _refuse_contradiction(tx: Tx, said: Said) -> None:
    pairs = {frozenset((a, b)) for a in said.left for b in said.right}
    for standing in gather.decisions_of(tx.connection, (*said.left, *said.right)):
        if standing.kind != said.kind and pairs & {frozenset(pair) for pair in standing.pairs}:
            raise Conflict(
                f"Decision {standing.id} says that these records are {standing.kind}."
                " Withdraw it first, then decide again.",
                decision=standing.id,
            )


def unsay(tx: Tx, hub: Hub, number: int) -> None:
    """Withdraws a decision and lets that take effect; NotFound where none is in force."""
    domain = decisions.domain_of_decision(tx, number)
    bound = decisions.withdraw_decision(tx, number)
    if domain is None or bound is None:
        raise NotFound(f"There is no decision {number} in force.")
    decide_within(tx, hub, DOMAINS[domain], set(bound))
