"""Matching rules over HTTP: those that run, the bar for joining, placeholders."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from api.auth import caller, the_hub
from api.describe import answers
from api.exchange import as_json
from api.tracing import correlation_id
from mdm.domains import domain_named
from mdm.learning import (
    change_rules,
    drop_proposal,
    release_proposal,
    told_rules,
    with_bar,
)
from mdm.people.rights import Right, require
from mdm.placeholders import add_placeholder, placeholders, release_placeholder
from mdm.readiness import readiness
from mdm.rematch import Rematched, Work
from mdm.store.transaction import Act

blueprint = APIBlueprint("rules", __name__, tag="Matching", url_prefix="/v1")
Reason = Annotated[str, Field(min_length=1, max_length=2000, description="Why; kept.")]
ACCEPT = Field(False, description="Even where it changes more than the budget of a re-match.")


class RulesAnswer(BaseModel):
    """The rules that run, readable: bits of every level, thresholds, what is wanted."""

    domain: str
    version: str
    auto_link: str
    threshold: float
    review: float
    prior_bits: float
    decisions_wanted: int
    weights: dict[str, dict[str, float]]


class Why(BaseModel):
    """Why proposed rules are released or dropped."""

    model_config = ConfigDict(extra="forbid")
    reason: Reason


class Dropped(BaseModel):
    """The domain whose proposed rules were dropped."""

    domain: str
    state: Literal["dropped"]


class Bar(BaseModel):
    """What the hub may join without a person."""

    model_config = ConfigDict(extra="forbid")
    auto_link: Literal["identifiers", "probability"]
    threshold: Annotated[float | None, Field(ge=0.5, le=1.0)] = None
    reason: Reason
    accept_effect: bool = ACCEPT


class Value(BaseModel):
    """A value of a field, in any spelling."""

    model_config = ConfigDict(extra="forbid")
    field: str
    value: Annotated[str, Field(min_length=1, max_length=400)]
    reason: Reason
    accept_effect: bool = ACCEPT


class Changed(BaseModel):
    """What the re-match by the changed rules did."""

    rules: str
    records: int
    pairs_changed: int
    golden_added: int
    golden_changed: int
    tasks_opened: int


class Placeholders(BaseModel):
    """Values that stand for nothing, with how many values of records each takes out."""

    placeholders: list[dict[str, Any]]


@blueprint.get("/<domain>/rules")
@answers(RulesAnswer)
def rules(domain: str) -> Response:
    """The matching rules that run, and how many more decisions the hub wants."""
    require(caller(), Right.TASKS)
    hub, known = the_hub(), domain_named(domain)
    told = told_rules(hub, known)
    ready = readiness(hub, known)
    return as_json({**told, "decisions_wanted": ready.wanted, "readiness": asdict(ready)})


@blueprint.post("/<domain>/rules/release")
@blueprint.input(Why, arg_name="body")
@answers(Changed)
def release_rules(domain: str, body: Why) -> Response:
    """Makes proposed rules run that stopped because they would change too much."""
    return _changed(release_proposal(_work(domain, body.reason)))


@blueprint.post("/<domain>/rules/drop")
@blueprint.input(Why, arg_name="body")
@answers(Dropped)
def drop_rules(domain: str, body: Why) -> Response:
    """Gives proposed rules up: they never run."""
    work = _work(domain, body.reason)
    drop_proposal(work)
    return as_json({"domain": work.domain.path, "state": "dropped"})


@blueprint.post("/<domain>/rules/bar")
@blueprint.input(Bar, arg_name="body")
@answers(Changed)
def bar(domain: str, body: Bar) -> Response:
    """Sets what the hub may join without a person; re-matches what is stored."""
    done = change_rules(
        _work(domain, body.reason),
        lambda told: with_bar(told, body.auto_link, body.threshold),
        accept=body.accept_effect,
    )
    return _changed(done)


@blueprint.get("/<domain>/placeholders")
@answers(Placeholders)
def listed(domain: str) -> Response:
    """The placeholder values in force."""
    require(caller(), Right.TASKS)
    work = Work(the_hub(), domain_named(domain), Act("config", caller().name))
    return as_json({"placeholders": [asdict(one) for one in placeholders(work)]})


@blueprint.post("/<domain>/placeholders")
@blueprint.input(Value, arg_name="body")
@answers(Changed)
def add(domain: str, body: Value) -> Response:
    """Lists a value that stands for nothing; re-matches what is stored."""
    work = _work(domain, body.reason)
    return _changed(add_placeholder(work, body.field, body.value, accept=body.accept_effect))


@blueprint.post("/<domain>/placeholders/release")
@blueprint.input(Value, arg_name="body")
@answers(Changed)
def release(domain: str, body: Value) -> Response:
    """Takes a value off the list; re-matches what is stored."""
    work = _work(domain, body.reason)
    return _changed(release_placeholder(work, body.field, body.value, accept=body.accept_effect))


def _work(domain: str, reason: str) -> Work:
    require(caller(), Right.RULES)
    act = Act("config", caller().name, reason=reason, correlation_id=correlation_id())
    return Work(the_hub(), domain_named(domain), act)


def _changed(done: Rematched) -> Response:
    return as_json(done.facts())
