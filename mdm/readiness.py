"""How far a domain is from joining records without a person, and the step when it is there.

Until then only an equal identifier under a likely name joins. What counts are decisions of people
in force: enough of them, and of those pairs that the rules would have joined, so many said to be
the same that the precision is above the bar with 95 % confidence (Wilson's interval, 1927).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from math import sqrt

from matching.rules import Rules, dump
from mdm.domains import DOMAINS
from mdm.errors import RulesStopped
from mdm.learning import change_rules, finish_rematches, renew, with_bar
from mdm.model.domain import Domain, Mastering
from mdm.rematch import Rematched, Work
from mdm.store import configuration, rule_sets
from mdm.store.decisions import decided_pairs
from mdm.store.hub import Hub, rules_of
from mdm.store.transaction import Act

FEWEST_DECISIONS = 50
LEAST_PRECISION = 0.9
UNDERWAY = timedelta(minutes=10)
"""How long a re-match may be at work in another process before it counts as dead."""
Z = 1.96
"""Standard deviations of a confidence of 95 %."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What people have said of a domain's pairs, and how much more is wanted."""

    domain: str
    auto_link: str
    decisions: int
    joined: int
    """Decided pairs that the rules would have joined by probability."""
    agreed: int
    """Those of them that people said are the same."""
    precision_at_least: float
    wanted: int
    """Decisions wanted before the hub joins by probability; 0 where it does or may."""
    sentence: str


def readiness(hub: Hub, domain: Domain) -> Readiness:
    """How many more decisions the hub wants before it merges by itself."""
    with hub.database.read() as connection:
        rules = rules_of(connection, hub, domain.name)
        told = decided_pairs(connection, domain.name)
    above = [kind for kind, likely in told if likely is not None and likely >= rules.threshold]
    agreed = above.count("same")
    wanted = 0
    if rules.auto_link == "identifiers":
        wanted = max(FEWEST_DECISIONS - len(told), more_wanted(agreed, len(above)), 0)
    return Readiness(
        domain=domain.name,
        auto_link=rules.auto_link,
        decisions=len(told),
        joined=len(above),
        agreed=agreed,
        precision_at_least=round(at_least(agreed, len(above)), 4),
        wanted=wanted,
        sentence=_sentence(domain, rules.auto_link, wanted),
    )


def at_least(agreed: int, asked: int) -> float:
    """The lower end of Wilson's interval of a share."""
    if not asked:
        return 0.0
    share = agreed / asked
    spread = Z * sqrt(share * (1 - share) / asked + Z * Z / (4 * asked * asked))
    return max(0.0, (share + Z * Z / (2 * asked) - spread) / (1 + Z * Z / asked))


def more_wanted(agreed: int, asked: int) -> int:
    """Further agreeing decisions after which the share is above the bar."""
    more = 0
    while at_least(agreed + more, asked + more) < LEAST_PRECISION:
        more += 1
    return more


def _sentence(domain: Domain, auto_link: str, wanted: int) -> str:
    if auto_link != "identifiers":
        return f"The hub joins {domain.path} by itself where the probability is high enough."
    if wanted:
        noun = "decision" if wanted == 1 else "decisions"
        return (
            f"The hub wants {wanted} more {noun} on {domain.path} before it joins them by itself;"
            " until then only an equal VAT number, tax number or LEI under a likely name joins."
        )
    return f"Enough is decided: with the next tick the hub joins {domain.path} by itself."


def keep_learning(hub: Hub, act: Act) -> list[Rematched]:
    """What the clock does for matching: re-matches that died or that a newer engine wants, and
    bars that are lowered when earned.
    """
    done = finish_rematches(hub, act, UNDERWAY)
    with suppress(RulesStopped):  # it waits as a task
        done += renew(hub, act)
    return [*done, *lower_bars(hub, act)]


def lower_bars(hub: Hub, act: Act) -> list[Rematched]:
    """Lets the hub join by probability where enough decisions agree.

    An effect beyond the budget of a re-match stops as a proposal that a person releases or drops;
    once dropped it is not made again.
    """
    done = []
    for domain in DOMAINS.values():
        if domain.mastering is not Mastering.FUZZY:
            continue
        found = readiness(hub, domain)
        if found.auto_link != "identifiers" or found.wanted:
            continue
        reason = (
            f"{found.decisions} decisions: {found.agreed} of {found.joined} pairs that the rules"
            f" would have joined are the same, a precision of at least {found.precision_at_least}."
        )
        work = Work(hub, domain, replace(act, reason=reason))
        if _answered(work):
            continue
        # What changes too much waits as a task of its own: the clock has nothing more to do.
        with suppress(RulesStopped):
            done.append(change_rules(work, _lowered))
    return done


def _lowered(rules: Rules) -> Rules:
    return with_bar(rules, "probability", None)


def _answered(work: Work) -> bool:
    """Whether a proposal waits for a person already, or a person did not want the lower bar."""
    with work.hub.database.read() as connection:
        rules = rules_of(connection, work.hub, work.domain.name)
        version = configuration.content_hash(dump(_lowered(rules)))
        return rule_sets.was_answered(connection, work.domain.name, version)
