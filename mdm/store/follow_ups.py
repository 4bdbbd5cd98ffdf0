"""What a change has not reached yet: golden records that are to be decided anew because of it.

A change and what is to follow it are committed together, and whoever follows it up strikes it: a
process that is killed in between leaves it to the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from mdm import clock
from mdm.golden.decide import Change
from mdm.model.domain import Domain
from mdm.quality.today import ENTITY
from mdm.store.bulk import insert_missing, rows_for
from mdm.store.database import Database
from mdm.store.gather import joined_goldens, moved
from mdm.store.statements import text
from mdm.store.tables.golden import follow_up
from mdm.store.transaction import Act, Tx, begin
from mdm.survivorship import Trust

SOURCE, OWNERSHIP, SURVIVORSHIP = "source", "ownership", "survivorship"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A transaction that has not reached yet all that it decides otherwise."""

    tx: int
    act: Act
    """The same act at the same instant: what follows counts from then."""
    targets: tuple[str, ...]
    """What was changed: "legal_entity:1000", "source:s4", "ownership:supplier"."""


def add(tx: Tx, domain: Domain, changes: Iterable[Change]) -> None:
    """Notes the legal entities whose region or time zone these changes move."""
    if domain.name != ENTITY:
        return
    codes = {
        code
        for change in changes
        for code in moved(change.before.record if change.before else None, change.after.record)
    }
    _note(tx, {f"{ENTITY}:{code}" for code in codes})


def add_trust(tx: Tx, before: Trust, after: Trust) -> None:
    """Notes sources believed otherwise than before, and domains owned or chosen otherwise."""
    pairs: tuple[tuple[str, Mapping[str, object], Mapping[str, object]], ...] = (
        (SOURCE, before.sources, after.sources),
        (OWNERSHIP, before.owners, after.owners),
        (SURVIVORSHIP, before.choices, after.choices),
    )
    targets = {
        f"{kind}:{name}"
        for kind, one, other in pairs
        for name in {*one, *other}
        if one.get(name) != other.get(name)
    }
    _note(tx, targets)


def _note(tx: Tx, targets: Iterable[str]) -> None:
    rows = [(tx.id, target) for target in sorted(targets)]
    insert_missing(tx.connection, follow_up, ("tx", "target"), rows)


def waiting(connection: Connection) -> list[FollowUp]:
    """Every transaction that is to be followed up, in order."""
    rows = connection.execute(
        text(
            "SELECT follow_up.tx, target, kind, actor, on_behalf_of, reason, correlation_id, at"
            " FROM follow_up JOIN hub_transaction ON hub_transaction.id = follow_up.tx"
            " ORDER BY follow_up.tx, target"
        )
    )
    found: dict[int, tuple[Act, list[str]]] = {}
    for number, target, kind, actor, on_behalf_of, reason, correlation_id, at in rows:
        act = Act(
            kind,
            actor,
            on_behalf_of=on_behalf_of,
            reason=reason,
            correlation_id=correlation_id,
            at=clock.parse_instant(at),
        )
        found.setdefault(number, (act, []))[1].append(target)
    return [FollowUp(number, act, tuple(targets)) for number, (act, targets) in found.items()]


def may_concern(domain: Domain, targets: Iterable[str]) -> bool:
    """Whether what was changed can decide anything in the domain."""
    kinds = {target.partition(":")[0] for target in targets}
    refers = any(field.reference == ENTITY for _child, field in domain.references)
    return SOURCE in kinds or _whole(domain, targets) or (refers and ENTITY in kinds)


def _whole(domain: Domain, targets: Iterable[str]) -> bool:
    """Whether every record that has several sources is concerned."""
    return not {f"{kind}:{domain.name}" for kind in (OWNERSHIP, SURVIVORSHIP)}.isdisjoint(targets)


def concerned(connection: Connection, domain: Domain, targets: Sequence[str]) -> list[str]:
    """The golden ids of a domain that what was changed may decide otherwise.

    A record that stands alone gives every value, however far its source is believed.
    """
    rows = rows_for(
        connection,
        "SELECT DISTINCT golden.golden_id FROM reference"
        " JOIN {listed} AS wanted ON reference.target = wanted.value"
        " JOIN golden ON golden.golden_id = reference.golden_id"
        " WHERE golden.domain = :domain",
        targets,
        domain=domain.name,
    )
    told = {name for kind, _, name in (one.partition(":") for one in targets) if kind == SOURCE}
    some = None if _whole(domain, targets) else told
    joined = joined_goldens(connection, domain.name, some)
    return sorted({*(row[0] for row in rows), *joined})


def unreached(connection: Connection, domain: Domain) -> set[str]:
    """The golden records of a domain that a change may not have reached yet."""
    return {
        golden_id
        for one in waiting(connection)
        for golden_id in concerned(connection, domain, one.targets)
    }


def strike(database: Database, done: FollowUp) -> None:
    """Forgets what was followed up."""
    with database.engine.connect() as connection:
        begin(connection, database.dialect)
        connection.execute(text("DELETE FROM follow_up WHERE tx = :tx"), {"tx": done.tx})
        connection.commit()
