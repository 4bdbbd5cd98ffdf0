"""Matching rules as they are kept: the live set of each domain, its past ones, and proposals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, insert

from mdm.store.configuration import content_hash
from mdm.store.statements import text
from mdm.store.tables.config import rule_proposal
from mdm.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A set of rules that runs or ran."""

    version: str
    live: bool
    activated_by: str
    activated_at: str
    reason: str | None
    rematched_at: str | None
    """None: the stored records are still to be matched by it."""


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """Rules that somebody proposes, with what they would do."""

    id: int
    domain: str
    version: str
    content: str
    effect: dict[str, Any]
    state: str
    proposed_by: str
    reason: str | None
    proposed_at: str


PROPOSAL = "id, domain, hash, content, effect, state, proposed_by, reason, proposed_at"


def history(connection: Connection, domain: str) -> list[RuleSet]:
    """Every set that was activated, the latest first."""
    rows = connection.execute(
        text(
            "SELECT hash, live, activated_by, activated_at, reason, rematched_at"
            " FROM config_version JOIN hub_transaction ON hub_transaction.id = config_version.tx"
            " WHERE config_version.kind = 'rules' AND name = :domain"
            " ORDER BY config_version.id DESC"
        ),
        {"domain": domain},
    )
    return [RuleSet(row[0], bool(row[1]), *row[2:]) for row in rows]


def unsettled(connection: Connection, before: str) -> list[str]:
    """The domains whose rules run since before an instant, but not by all stored records yet."""
    rows = connection.execute(
        text(
            "SELECT name FROM config_version WHERE kind = 'rules' AND live"
            " AND rematched_at IS NULL AND activated_at < :before ORDER BY name"
        ),
        {"before": before},
    )
    return [str(row[0]) for row in rows]


def settled(tx: Tx, domain: str, version: str) -> None:
    """Notes that the stored records are matched by these rules now."""
    tx.connection.execute(
        text(
            "UPDATE config_version SET rematched_at = :at WHERE kind = 'rules' AND live"
            " AND name = :domain AND hash = :version"
        ),
        {"at": tx.at, "domain": domain, "version": version},
    )
    tx.note("rules_rematched", f"rules:{domain}", version=version)


def add_proposal(tx: Tx, domain: str, content: str, effect: dict[str, Any]) -> int:
    """Keeps a proposal; earlier open ones of the domain are overtaken by it."""
    _close(tx, domain, "overtaken")
    values = {
        "domain": domain,
        "hash": content_hash(content),
        "content": content,
        "effect": msgspec.json.encode(effect).decode(),
        "state": "open",
        "proposed_by": tx.act.actor,
        "reason": tx.act.reason,
        "proposed_at": tx.at,
        "tx": tx.id,
    }
    row = tx.connection.execute(insert(rule_proposal).values(values))
    assert row.inserted_primary_key is not None
    number = int(row.inserted_primary_key[0])
    tx.note("rules_proposed", f"rules:{domain}", proposal=number, version=values["hash"])
    return number


def open_proposals(connection: Connection) -> list[StoredProposal]:
    """The proposals that wait, at most one of each domain."""
    rows = connection.execute(
        text(f"SELECT {PROPOSAL} FROM rule_proposal WHERE state = 'open' ORDER BY domain, id")
    )
    return [_proposal(row) for row in rows]


def was_answered(connection: Connection, domain: str, version: str) -> bool:
    """Whether a proposal waits for the domain, or these rules were proposed and dropped."""
    found = connection.scalar(
        text(
            "SELECT count(*) FROM rule_proposal WHERE domain = :domain"
            " AND (state = 'open' OR (state = 'dropped' AND hash = :version))"
        ),
        {"domain": domain, "version": version},
    )
    return bool(found)


def drop(tx: Tx, proposal: StoredProposal) -> None:
    """Notes that a person does not want these rules."""
    _close(tx, proposal.domain, "dropped")
    said = {"proposal": proposal.id, "version": proposal.version}
    tx.note("rules_dropped", f"rules:{proposal.domain}", **said)


def close_proposals(tx: Tx, domain: str, version: str) -> bool:
    """Rules were activated: the proposal of that version is activated, others are overtaken.

    Returns whether there was one of that version.
    """
    activated = tx.connection.execute(
        text(
            "UPDATE rule_proposal SET state = 'activated'"
            " WHERE domain = :domain AND state = 'open' AND hash = :version"
        ),
        {"domain": domain, "version": version},
    )
    _close(tx, domain, "overtaken")
    return bool(activated.rowcount)


def _close(tx: Tx, domain: str, state: str) -> None:
    tx.connection.execute(
        text("UPDATE rule_proposal SET state = :state WHERE domain = :domain AND state = 'open'"),
        {"state": state, "domain": domain},
    )


def _proposal(row: Any) -> StoredProposal:
    values = list(row)
    values[4] = msgspec.json.decode(values[4])
    return StoredProposal(*values)
