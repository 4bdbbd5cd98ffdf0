"""Matching rules that learn: a refit is a proposal with its predicted effect, never a change.

The candidate is fitted to the records themselves and to what stewards decided; it becomes live only
when a person activates it, and then all stored records are matched by it anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from matching.fields import FIELDS
from matching.find import Decisions, Wish, find
from matching.rules import AutoLink, Rules, dump, of_this_engine
from matching.score import MATCH, Verdicts, judge
from mdm import clock, withholding
from mdm.domains import DOMAINS
from mdm.effect import effect
from mdm.errors import BadRequest, Conflict, NotFound
from mdm.model.domain import Domain, Mastering
from mdm.rematch import Body, Rematched, Work, body_of, rematch
from mdm.store import configuration, rule_sets
from mdm.store.hub import Hub, read_rules, rules_of
from mdm.store.rule_sets import StoredProposal
from mdm.store.transaction import Act, transaction

FEWEST = 2
"""Records from which rules can be fitted."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far rules agree with the decisions: shares of the pairs, and their mean."""

    precision: float
    recall: float
    f_score: float


@dataclass(frozen=True, slots=True)
class Refit:
    """Candidate rules beside those that are live."""

    rules: Rules
    before: Agreement
    after: Agreement
    links_kept: int
    links_lost: int
    links_gained: int
    decisions: int


def refit(columns: pl.DataFrame, decisions: Decisions, rules: Rules) -> Refit:
    """Rules refitted to the records and the decisions, beside the rules that are live."""
    free = replace(rules, auto_link="best")
    found = find(columns, Wish(rules=free, decisions=decisions))
    candidate = replace(
        found.rules, auto_link=rules.auto_link, key_cap=rules.key_cap, wide=rules.wide
    )
    now = judge(found.levels, rules).verdict == MATCH
    then = judge(found.levels, candidate).verdict == MATCH
    place = {
        pair: at
        for at, pair in enumerate(zip(found.left.tolist(), found.right.tolist(), strict=True))
    }
    pairs = zip(decisions.left.tolist(), decisions.right.tolist(), strict=True)
    rows = np.array([place.get((min(pair), max(pair)), -1) for pair in pairs], dtype=np.int64)
    met = rows >= 0
    told = found.levels[rows[met]]
    same = decisions.same[met]
    return Refit(
        rules=candidate,
        before=agreement(judge(told, replace(rules, auto_link="best")), same),
        after=agreement(judge(told, replace(candidate, auto_link="best")), same),
        links_kept=int((now & then).sum()),
        links_lost=int((now & ~then).sum()),
        links_gained=int((~now & then).sum()),
        decisions=len(decisions.same),
    )


def agreement(said: Verdicts, same: np.ndarray) -> Agreement:
    """How far verdicts agree with what people decided."""
    linked = said.verdict == MATCH
    right = float((linked & same).sum())
    precision = right / max(float(linked.sum()), 1.0)
    recall = right / max(float(same.sum()), 1.0)
    return Agreement(precision, recall, 2 * precision * recall / max(precision + recall, 1e-9))


def propose_refit(work: Work) -> StoredProposal:
    """Keeps rules refitted to what the hub holds and to its decisions, with their effect."""
    learned_domain(work.domain)
    body = body_of(work)
    if len(body.ids) < FEWEST:
        raise BadRequest(f"There are too few {work.domain.path} to fit rules to: {len(body.ids)}.")
    work.progress("learning", 0)
    told = refit(body.columns, _told(body), _live(work))
    more = {
        "agreement_before": asdict(told.before),
        "agreement_after": asdict(told.after),
        "links_kept": told.links_kept,
        "links_lost": told.links_lost,
        "links_gained": told.links_gained,
        "decisions": told.decisions,
    }
    return keep_proposal(work, told.rules, body, more)


def keep_proposal(
    work: Work, rules: Rules, body: Body, more: dict[str, Any] | None = None
) -> StoredProposal:
    """Keeps candidate rules with what they would do; nothing that runs is changed."""
    return _keep(work, rules, {**asdict(effect(work, body, rules)), **(more or {})})


def _keep(work: Work, rules: Rules, said: dict[str, Any]) -> StoredProposal:
    """Keeps candidate rules; of those that stopped, with a task for a person."""
    name = work.domain.name
    content = dump(rules)
    with work.hub.database.read() as connection:
        running = configuration.live_hash(connection, "rules", name)
    if configuration.content_hash(content) == running:
        raise Conflict(f"These are the rules of {work.domain.path} that run already.")
    act = replace(work.act, kind="propose_rules", domain=name)
    with transaction(work.hub.database, act) as tx:
        number = rule_sets.add_proposal(tx, name, content, said)
        withholding.settle(tx, work.domain, "overtaken")
        if said.get("stopped_by"):
            withholding.ask(tx, work.domain, number, said["stopped_by"])
    return proposal_of(work.hub, work.domain)


def proposal_of(hub: Hub, domain: Domain) -> StoredProposal:
    """The proposal that waits for a domain; NotFound where none does."""
    with hub.database.read() as connection:
        for one in rule_sets.open_proposals(connection):
            if one.domain == domain.name:
                return one
    raise NotFound(f"No rules are proposed for {domain.path}. `mdm rules propose` makes some.")


def activate_proposal(work: Work, *, accept: bool = False) -> Rematched:
    """Makes the waiting rules run and matches all stored records by them anew.

    Raises RulesStopped where their effect, predicted afresh, exceeds the budget of a re-match,
    unless the caller accepts it by name: they wait on, with a task for a person.
    """
    found = proposal_of(work.hub, work.domain)
    rules = read_rules(found.content, work.domain.name, work.hub.keys.match_secret)
    if not accept:
        _within_budget(work, rules, found.effect)
    return run_rules(work, rules)


def release_proposal(work: Work) -> Rematched:
    """Makes the waiting rules run whatever they change: a person's act, kept with its reason."""
    withholding.require_reason(work)
    return activate_proposal(work, accept=True)


def drop_proposal(work: Work) -> None:
    """Gives the waiting rules up: a person's act, kept with its reason."""
    withholding.drop(work, proposal_of(work.hub, work.domain))


def change_rules(
    work: Work, change: Callable[[Rules], Rules], *, accept: bool = False
) -> Rematched:
    """A person's own change of the rules, live at once and re-matched; takes a reason.

    Raises RulesStopped as `activate_proposal` does, Conflict where nothing would change.
    """
    learned_domain(work.domain)
    withholding.require_reason(work)
    before = _live(work)
    rules = change(before)
    if dump(rules) == dump(before):
        raise Conflict(f"The rules of {work.domain.path} say this already.")
    if not accept:
        _within_budget(work, rules, {})
    return run_rules(work, rules)


def run_rules(work: Work, rules: Rules) -> Rematched:
    """Makes rules run, then brings what is stored to what they give."""
    name, content = work.domain.name, dump(rules)
    version = configuration.content_hash(content)
    act = replace(work.act, kind="config", domain=name, facts={f"rules {name}": version})
    with transaction(work.hub.database, act) as tx:
        configuration.activate(tx, "rules", name, content, rematched=False)
        released = rule_sets.close_proposals(tx, name, version)
        withholding.settle(tx, work.domain, "released" if released else "overtaken")
    return rematch(work)


def finish_rematches(hub: Hub, act: Act, older_than: timedelta = timedelta()) -> list[Rematched]:
    """Runs to their end the re-matches that were cut short, of rules that run for so long."""
    before = clock.iso(clock.now() - older_than)
    with hub.database.read() as connection:
        names = rule_sets.unsettled(connection, before)
    return [rematch(Work(hub, DOMAINS[name], act), again=True) for name in names]


def renew(hub: Hub, act: Act) -> list[Rematched]:
    """Matches anew what another version of the matching engine matched, by the same rules.

    Raises RulesStopped where that exceeds the budget of a re-match: the rules wait for a person
    then, and once dropped they are not proposed again.
    """
    done = []
    for domain in DOMAINS.values():
        work = Work(hub, domain, replace(act, reason="The matching engine is a newer one."))
        if domain.mastering is Mastering.FUZZY and _outdated(work):
            _within_budget(work, _live(work), {})
            done.append(run_rules(work, _live(work)))
    return done


def _outdated(work: Work) -> bool:
    """Whether another engine matched what is stored, and no person was asked about it yet."""
    version, name = configuration.content_hash(dump(_live(work))), work.domain.name
    with work.hub.database.read() as connection:
        ran = configuration.live_text(connection, "rules", name)
        answered = rule_sets.was_answered(connection, name, version)
    return ran is not None and not of_this_engine(ran) and not answered


def _within_budget(work: Work, rules: Rules, said: dict[str, Any]) -> None:
    """Raises RulesStopped, with the rules kept as a proposal, where they change too much."""
    predicted = effect(work, body_of(work), rules)
    guards = withholding.stops(_live(work), rules, predicted)
    if guards:
        _keep(work, rules, {**said, **asdict(predicted), "stopped_by": guards})
        raise withholding.refusal(work.domain, guards)


def told_rules(hub: Hub, domain: Domain) -> dict[str, Any]:
    """The rules that run, readable: weights by field and level, thresholds, versions, proposal."""
    learned_domain(domain)
    with hub.database.read() as connection:
        running = rules_of(connection, hub, domain.name)
        sets = rule_sets.history(connection, domain.name)
        waiting = [p for p in rule_sets.open_proposals(connection) if p.domain == domain.name]
    return {
        "domain": running.domain,
        "version": sets[0].version,
        "rules": running.version,
        "activated_by": sets[0].activated_by,
        "activated_at": sets[0].activated_at,
        "rematched_at": sets[0].rematched_at,
        "auto_link": running.auto_link,
        "threshold": running.threshold,
        "review": running.review,
        "prior_bits": running.prior_bits,
        "key_cap": running.key_cap,
        "weights": {
            field.name: {
                level.name: bits
                for level, bits in zip(field.levels, running.weights[field.name], strict=True)
            }
            for field in FIELDS
        },
        "proposal": told_proposal(waiting[0]) if waiting else None,
        "versions": [asdict(one) for one in sets],
    }


def told_proposal(one: StoredProposal) -> dict[str, Any]:
    """A proposal without its text."""
    return {name: value for name, value in asdict(one).items() if name != "content"}


def with_bar(rules: Rules, auto_link: AutoLink, threshold: float | None) -> Rules:
    """The rules with another bar for joining without a person."""
    return replace(
        rules, auto_link=auto_link, threshold=rules.threshold if threshold is None else threshold
    )


def learned_domain(domain: Domain) -> Domain:
    """The domain; BadRequest where it is not matched by rules."""
    if domain.mastering is not Mastering.FUZZY:
        code = " and ".join(domain.code)
        raise BadRequest(f"{domain.path} have no matching rules: they are one where {code} agree.")
    return domain


def _live(work: Work) -> Rules:
    with work.hub.database.read() as connection:
        return rules_of(connection, work.hub, work.domain.name)


def _told(body: Body) -> Decisions:
    """The decisions in force as pairs of rows."""
    rows = body.rows
    return Decisions.of(
        [
            (rows[a], rows[b], decision.kind == "same")
            for decision in body.decisions
            for a, b in decision.pairs
            if a in rows and b in rows
        ]
    )
