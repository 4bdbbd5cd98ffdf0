"""Golden records decided anew: the calendar turned a page, or what they depend on changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from mdm import clock
from mdm.domains import DOMAINS
from mdm.golden.lifecycle import calendar
from mdm.model.domain import Domain
from mdm.pipeline import Applied, decide_within
from mdm.store import follow_ups, gather, write_golden
from mdm.store.follow_ups import FollowUp
from mdm.store.hub import Hub
from mdm.store.publish import publish_again
from mdm.store.transaction import Act, transaction

REFRESH = 5_000
"""Golden records decided anew in one transaction."""


def follow_up(hub: Hub) -> Applied:
    """Decides anew what is to follow changes: a legal entity moved, a source is believed otherwise.

    Whatever a process that was killed left to do is done too, as the act that it belongs to.
    """
    total = Applied()
    with hub.database.read() as connection:
        waiting = follow_ups.waiting(connection)
    for one in waiting:
        for domain in DOMAINS.values():
            if follow_ups.may_concern(domain, one.targets):
                _reach(hub, domain, one, total)
        follow_ups.strike(hub.database, one)
    return total


def _reach(hub: Hub, domain: Domain, one: FollowUp, total: Applied) -> None:
    """Asks whom it concerns when nobody else writes the domain: whoever comes later knows."""
    ids: list[str] | None = None
    start = 0
    while ids is None or start < len(ids):
        with transaction(hub.database, replace(one.act, domain=domain.name)) as tx:
            if ids is None:
                ids = follow_ups.concerned(tx.connection, domain, one.targets)
            within = gather.records_of_goldens(tx.connection, ids[start : start + REFRESH])
            done = decide_within(tx, hub, domain, within) if within else Applied()
            tx.cancelled = not (done.golden_added or done.golden_changed or done.overrides_turned)
        total.add(done)
        start += REFRESH


def tick(hub: Hub, at: datetime, actor: str) -> Applied:
    """Lets time pass up to an instant: slices start and end on their days, where they belong."""
    act = Act(kind="tick", actor=actor, at=at)
    total = Applied()
    follow_up(hub)
    for domain, turned in _turning(hub, at):
        for start in range(0, len(turned), REFRESH):
            some = dict(turned[start : start + REFRESH])
            with transaction(hub.database, replace(act, domain=domain.name)) as tx:
                within = gather.records_of_goldens(tx.connection, list(some))
                applied = decide_within(tx, hub, domain, within)
                publish_again(tx, hub, domain, list(some))
                write_golden.turn_agenda(tx, some)
            follow_up(hub)
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
