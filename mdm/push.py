"""Records pushed over the API: the same road as a file's rows, with one answer per record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mdm.domains import domain_named
from mdm.errors import UnknownName
from mdm.inbound.arrive import Arrived, arrive
from mdm.inbound.clean import without_accounts
from mdm.inbound.mapping import Feed, Source
from mdm.inbound.readers import Row
from mdm.intake import Batch
from mdm.load import source_named
from mdm.model.domain import Domain
from mdm.pipeline import Applied, apply
from mdm.quality import check_arrivals
from mdm.records import Reject
from mdm.refresh import follow_up
from mdm.store import gather, loads, rejects
from mdm.store.hub import Hub, trust_of
from mdm.store.transaction import Act, Tx, transaction
from mdm.survivorship.ownership import refused


@dataclass(slots=True)
class PushAnswer:
    """What became of one pushed record."""

    position: int
    outcome: str
    """`accepted`, `unchanged` or `rejected`."""
    source_key: str | None = None
    golden_id: str | None = None
    code: str | None = None
    reason: str | None = None
    findings: list[str] = field(default_factory=list)


Keep = Callable[[Tx, list[PushAnswer]], None]
"""Keeps the answers in the transaction that they tell of."""


@dataclass(frozen=True, slots=True)
class Road:
    """Which feed of a source reads what is pushed, and who keeps the answers."""

    source: Source
    feed: Feed
    keep: Keep | None = None


def push(
    hub: Hub, source_name: str, domain_name: str, payloads: Sequence[Any], act: Act
) -> list[PushAnswer]:
    """Applies payloads in one transaction; a refused one is kept as a reject and says why."""
    return push_rows(hub, road_into(hub, source_name, domain_name), payloads, act)


def road_into(hub: Hub, source_name: str, domain_name: str, keep: Keep | None = None) -> Road:
    """Where records pushed to a source and domain go; UnknownName names what there is."""
    source = source_named(hub, source_name)
    return Road(source, feed_for(source, domain_named(domain_name).name), keep)


def push_rows(hub: Hub, road: Road, payloads: Sequence[Any], act: Act) -> list[PushAnswer]:
    """Applies payloads that this feed of the source reads, in one transaction."""
    source, feed = road.source, road.feed
    domain = domain_named(feed.domain)
    rows = [Row(position, payload, None) for position, payload in enumerate(payloads, 1)]
    arrived = arrive(feed, source, rows, hub.keys)
    _leave_to_owners(hub, domain, arrived)
    check_arrivals(domain, arrived.arrivals)
    batch = Batch(source.name, domain, source.version, None, arrived.arrivals)
    before = _known(hub, batch)
    with transaction(hub.database, act) as tx:
        applied = _apply(tx, hub, batch, arrived)
        answers = _answers(arrived, before, _golden_ids(tx, batch))
        for answer in answers:
            answer.findings += _unread(payloads[answer.position - 1], arrived)
        if road.keep is not None:
            road.keep(tx, answers)
        kept = applied.added or applied.changed or applied.told_again or arrived.rejects
        tx.cancelled = not kept
    follow_up(hub)
    return answers


def _unread(payload: Any, arrived: Arrived) -> list[str]:
    """Says which fields of a payload nothing reads, or nothing can keep."""
    told = payload if isinstance(payload, dict) else {}
    not_kept = [arrived.not_kept[name] for name in told if name in arrived.not_kept]
    names = [name for name in told if name in arrived.unmapped_columns]
    if not names:
        return not_kept
    said = without_accounts(", ".join(names))
    return [f"Not read, for no line of the mapping asks for it: {said}.", *not_kept]


def _leave_to_owners(hub: Hub, domain: Domain, arrived: Arrived) -> None:
    """Makes rejects of records that tell a field whose system of record refuses others."""
    with hub.database.read() as connection:
        owners = trust_of(connection, hub).owners.get(domain.name)
    if not owners:
        return
    kept = []
    for arrival in arrived.arrivals:
        found = refused(domain, owners, arrival.source, arrival.told)
        if found is None:
            kept.append(arrival)
            continue
        field, owner = found
        reason = (
            f"{field} belongs to {owner}, which refuses others: leave it out of what you push, or"
            f" change it in {owner}."
        )
        arrived.rejects.append(
            Reject(
                arrival.source,
                arrival.line,
                "system_of_record",
                reason,
                arrival.raw,
                arrival.source_key,
                arrival.raw_hash,
            )
        )
    arrived.arrivals[:] = kept


def feed_for(source: Source, domain: str) -> Feed:
    """The feed that reads pushed records of a domain; UnknownName where the source has none."""
    for feed in source.feeds:
        if feed.domain == domain and feed.pushed:
            return feed
    served = sorted(domain_named(feed.domain).path for feed in source.feeds if feed.pushed)
    raise UnknownName(
        f"Source {source.name!r} pushes no {domain_named(domain).path};"
        f" it pushes: {', '.join(served) or 'nothing'}."
    )


def _known(hub: Hub, batch: Batch) -> dict[str, bytes]:
    """Content hashes of the records we hold before, to tell the unchanged ones."""
    with hub.database.read() as connection:
        keys = [arrival.source_key for arrival in batch.arrivals]
        held = gather.held_by_key(connection, batch.domain.name, batch.source, keys)
    return {key: record.content_hash for key, record in held.items()}


def _apply(tx: Tx, hub: Hub, batch: Batch, arrived: Arrived) -> Applied:
    where = loads.Refused(batch.source, batch.domain.name, "push", None, batch.mapping_version)
    loads.keep_sealed(tx.connection, arrived.sealed)
    loads.keep_rejects(tx, where, arrived.rejects)
    loads.count_unmapped(tx, where, {(u.field, u.value): u.count for u in arrived.unmapped})
    taken = [arrival.source_key for arrival in batch.arrivals]
    settled = rejects.overtaken(tx.connection, batch.source, batch.domain.name, taken)
    rejects.settle(tx, settled, rejects.SUPERSEDED)
    return apply(tx, hub, batch)


def _golden_ids(tx: Tx, batch: Batch) -> dict[str, str]:
    keys = [arrival.source_key for arrival in batch.arrivals]
    held = gather.held_by_key(tx.connection, batch.domain.name, batch.source, keys)
    return {key: str(record.golden_id) for key, record in held.items()}


def _answers(
    arrived: Arrived, before: dict[str, bytes], goldens: dict[str, str]
) -> list[PushAnswer]:
    answers = [
        PushAnswer(
            position=arrival.line,
            outcome="unchanged"
            if before.get(arrival.source_key) == arrival.content_hash
            else "accepted",
            source_key=arrival.source_key,
            golden_id=goldens[arrival.source_key],
            findings=list(dict.fromkeys(finding.message for finding in arrival.findings)),
        )
        for arrival in arrived.arrivals
    ]
    answers += [
        PushAnswer(
            position=reject.line,
            outcome="rejected",
            source_key=reject.source_key,
            code=reject.code,
            reason=reject.reason,
        )
        for reject in arrived.rejects
    ]
    return sorted(answers, key=lambda answer: answer.position)
