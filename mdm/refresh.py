"""Golden records decided anew: the calendar turned a page, or a parent changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from mdm import clock
from mdm.domains import DOMAINS
from mdm.golden.lifecycle import calendar
from mdm.model.domain import Domain, Mastering
from mdm.pipeline import Applied, decide_within
from mdm.records import Document
from mdm.store import gather, write_golden
from mdm.store.hub import Hub
from mdm.store.publish import publish_again
from mdm.store.transaction import Act, transaction
from mdm.survivorship import Trust

REFRESH = 5_000
"""Golden records decided anew in one transaction."""


def refresh(hub: Hub, act: Act, domain: Domain, golden_ids: Sequence[str]) -> Applied:
    """Decides these golden records anew: the calendar or a parent may have changed them."""
    with transaction(hub.database, replace(act, domain=domain.name)) as tx:
        within = gather.records_of_goldens(tx.connection, golden_ids)
        applied = decide_within(tx, hub, domain, within)
        tx.cancelled = not (
            applied.golden_added or applied.golden_changed or applied.overrides_turned
        )
    return applied


def resettle(hub: Hub, act: Act, before: Trust) -> Applied:
    """Decides anew what a change of trust or of systems of record may have changed.

    A record that stands alone gives every value, however far its source is believed.
    """
    total = Applied()
    after = hub.trust
    sources = {
        name
        for name in {*before.sources, *after.sources}
        if before.sources.get(name) != after.sources.get(name)
    }
    for domain in DOMAINS.values():
        owned = before.owners.get(domain.name) != after.owners.get(domain.name)
        with hub.database.read() as connection:
            some = gather.joined_goldens(connection, domain.name, None if owned else sources)
        for start in range(0, len(some), REFRESH):
            with transaction(hub.database, replace(act, domain=domain.name)) as tx:
                within = gather.records_of_goldens(tx.connection, some[start : start + REFRESH])
                applied = decide_within(tx, hub, domain, within)
            refresh_dependants(hub, act, domain, applied)
            total.add(applied)
    return total


def refresh_dependants(hub: Hub, act: Act, domain: Domain, applied: Applied) -> None:
    """Decides anew what refers to the golden records that changed: a region may have moved."""
    said = (version for change in applied.changes for version in (change.before, change.after))
    refresh_referring(hub, act, domain, [one.record for one in said if one is not None])


def refresh_referring(hub: Hub, act: Act, domain: Domain, said: Iterable[Document]) -> None:
    """Decides anew what refers to the codes of golden records that said or say this."""
    if domain.mastering is not Mastering.BY_CODE:
        return
    codes = {f"{domain.name}:{state['code']}" for record in said for state in record["slices"]}
    if not codes:
        return
    with hub.database.read() as connection:
        dependants = gather.dependants(connection, codes)
    for name, golden_ids in sorted(dependants.items()):
        for start in range(0, len(golden_ids), REFRESH):
            refresh(hub, act, DOMAINS[name], golden_ids[start : start + REFRESH])


def tick(hub: Hub, at: datetime, actor: str) -> Applied:
    """Lets time pass up to an instant: slices start and end on their days, where they belong."""
    act = Act(kind="tick", actor=actor, at=at)
    total = Applied()
    for domain, turned in _turning(hub, at):
        for start in range(0, len(turned), REFRESH):
            some = dict(turned[start : start + REFRESH])
            with transaction(hub.database, replace(act, domain=domain.name)) as tx:
                within = gather.records_of_goldens(tx.connection, list(some))
                applied = decide_within(tx, hub, domain, within)
                publish_again(tx, hub, domain, list(some))
                write_golden.turn_agenda(tx, some)
            refresh_dependants(hub, act, domain, applied)
            total.add(applied)
    return total


def _turning(hub: Hub, at: datetime) -> list[tuple[Domain, list[tuple[str, date]]]]:
    """By domain the golden records for which something is due, with the day it is there."""
    found = []
    with hub.database.read() as connection:
        zones = gather.entities(connection).zones
        for name, due in gather.due(connection, clock.latest_day(at).isoformat()).items():
            today = calendar(DOMAINS[name], at, zones)
            goldens = gather.goldens_by_id(connection, list(due))
            days = {golden_id: today(golden) for golden_id, golden in goldens.items()}
            turned = [(one, days[one]) for one in sorted(days) if due[one] <= str(days[one])]
            found.append((DOMAINS[name], turned))
    return found
