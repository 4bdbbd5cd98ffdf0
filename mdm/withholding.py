"""Rules that would change too much stop as a proposal; a person releases or drops them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from matching.rules import ENGINE, Rules
from mdm.effect import Effect, over_budget
from mdm.errors import BadRequest, RulesStopped
from mdm.golden.state import Task
from mdm.inbound.guard import SHOWN
from mdm.model.domain import Domain
from mdm.rematch import Work
from mdm.store import rule_sets, write_tasks
from mdm.store.rule_sets import StoredProposal
from mdm.store.transaction import Tx, transaction

TASK = "rules_stopped"
"""The kind of the task that asks a person to release or drop proposed rules."""


def stops(before: Rules, rules: Rules, predicted: Effect) -> list[dict[str, Any]]:
    """The budgets that these rules exceed, each with the values or rules that caused it."""
    causes = tuple(what_differs(before, rules))[:SHOWN] or (f"the matching engine: now {ENGINE}",)
    return [asdict(replace(one, causes=causes)) for one in over_budget(predicted)]


def what_differs(before: Rules, after: Rules) -> Iterator[str]:
    """What the new rules say otherwise, in words, the most telling first."""
    for name in ("auto_link", "threshold", "prior_bits", "key_cap"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield f"{name.replace('_', ' ')}: {_said(old)} → {_said(new)}"
    for field in sorted({*before.placeholders, *after.placeholders}):
        held, told = (rules.placeholders.get(field, frozenset()) for rules in (before, after))
        yield from (f"placeholder {field}: {value} listed" for value in sorted(told - held))
        yield from (f"placeholder {field}: {value} released" for value in sorted(held - told))
    moved = {
        name: max(abs(a - b) for a, b in zip(before.weights[name], bits, strict=True))
        for name, bits in after.weights.items()
        if before.weights[name] != bits
    }
    for name in sorted(moved, key=lambda name: (-moved[name], name)):
        yield f"weights of {name.replace('_', ' ')}: up to {moved[name]:.1f} bits"


def _said(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def ask(tx: Tx, domain: Domain, number: int, guards: list[dict[str, Any]]) -> None:
    """Opens the task of a proposal that stopped, in place of an earlier one of the domain."""
    settle(tx, domain, "overtaken")
    facts = {
        "domain": domain.path,
        "proposal": number,
        "sentence": _sentence(guards),
        "causes": causes(guards),
    }
    task = Task(TASK, _key(domain), (), 1.0, facts, queue="rules")
    write_tasks.open_tasks(tx, domain, [task])


def settle(tx: Tx, domain: Domain, closed_as: str) -> None:
    """Closes the task about rules of the domain that stopped, if there is one."""
    write_tasks.close_about(tx, TASK, _key(domain), closed_as)


def _key(domain: Domain) -> str:
    return f"rules:{domain.name}"


def causes(guards: list[dict[str, Any]]) -> list[str]:
    """The few values or rules that caused it, each once."""
    return list(dict.fromkeys(cause for one in guards for cause in one["causes"]))


def _sentence(guards: list[dict[str, Any]]) -> str:
    return " ".join(str(one["sentence"]) for one in guards)


def refusal(domain: Domain, guards: list[dict[str, Any]]) -> RulesStopped:
    """The error that says why the rules wait, and what a person does next."""
    named = causes(guards)
    return RulesStopped(
        f"The rules of {domain.path} wait as a proposal; nothing runs by them. {_sentence(guards)}"
        f" Caused by: {'; '.join(named)}. `mdm rules show {domain.path}` gives examples: if they"
        f" are right, `mdm rules release {domain.path} --reason ...`; if not, `mdm rules drop"
        f" {domain.path} --reason ...`.",
        guards=guards,
        causes=named,
    )


def drop(work: Work, waiting: StoredProposal) -> None:
    """Gives proposed rules up: they never run."""
    require_reason(work)
    act = replace(work.act, kind="rules_drop", domain=work.domain.name)
    with transaction(work.hub.database, act) as tx:
        rule_sets.drop(tx, waiting)
        settle(tx, work.domain, "dropped")


def require_reason(work: Work) -> None:
    """BadRequest where nobody says why."""
    if not (work.act.reason or "").strip():
        raise BadRequest("Say why: a change of the rules is kept with its reason.", field="reason")
