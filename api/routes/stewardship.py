"""What stewards do to golden records: merge, unmerge, set values over the sources."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from api.auth import caller, the_hub
from api.describe import answers
from api.exchange import as_json
from api.problems import PreconditionRequired
from api.tracing import correlation_id
from mdm.asking import lookup
from mdm.asking.answer import etag, when
from mdm.domains import domain_named
from mdm.errors import StaleVersion
from mdm.governance import merging, overrides
from mdm.governance.overrides import Asked
from mdm.model.domain import Domain
from mdm.overrides import Wanted
from mdm.store.find import Stored
from mdm.survivorship import Lifetime

blueprint = APIBlueprint("stewardship", __name__, tag="Golden records", url_prefix="/v1")
BASED = ("If-Match",)


class Setting(BaseModel):
    """A value that a person sets over the sources, why, and how long it holds."""

    model_config = ConfigDict(extra="forbid")
    field: str = Field(description="name, addresses, companies.payment_terms ...")
    value: Any = Field(description="The value; of a child that survives whole, all its fields.")
    reason: str = Field(min_length=1, max_length=2000)
    lifetime: Literal["for_ever", "until_date", "while_consolidated", "until_news"] = Field(
        "for_ever",
        description="for_ever; until_date: up to the day `until`; while_consolidated: while the"
        " value without it is what it was; until_news: until a source says something new.",
    )
    until: date | None = None
    scope: dict[str, str] = Field({}, description='Whose terms: {"legal_entity": "1000"}.')
    valid_from: date | None = Field(None, description="Of a dated domain: first day.")
    valid_to: date | None = Field(None, description="First day on which it holds no more.")


class Override(BaseModel):
    """An override as it stands."""

    id: int
    concerns: str = Field(description="The golden id it was set on; it goes where that one goes.")
    field: str
    scope: dict[str, Any]
    value: Any
    valid_from: str | None
    valid_to: str | None
    reason: str
    lifetime: str
    until: str | None
    sources_gave: Any
    set_by: str
    set_at: str
    state: str = Field(description="in_force, lifted or withdrawn.")
    lifted_why: str | None
    turns: list[dict[str, str | None]]


class Overrides(BaseModel):
    """Overrides, the latest first."""

    overrides: list[Override]


class Changed(BaseModel):
    """The golden record after the change; its ETag is the version to base the next one on."""

    golden_id: str
    version: int
    override: int | None = None
    findings: list[str] = Field([], description="What the rules say of the record as it is now.")


class Merging(BaseModel):
    """The record to merge with, which of the two ids survives, and why."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    other: str = Field(alias="with", description="The other golden id.")
    survivor: str | None = Field(None, description="One of the two ids; default the older.")
    reason: str = Field(min_length=1, max_length=2000)


class Parting(BaseModel):
    """What to take out of the record again."""

    model_config = ConfigDict(extra="forbid")
    original: str | None = Field(None, description="An id that was merged into this record.")
    records: list[int] = Field([], description="Or source records, as lineage numbers them.")
    scope: Literal["linear", "subtree"] = Field(
        "subtree",
        description="subtree: the merge as it was made is taken back, with what had been merged"
        " into the original before; linear: the original alone.",
    )
    reason: str = Field(min_length=1, max_length=2000)


class Merged(BaseModel):
    """The golden record that answers for both now, and the decision that holds them together."""

    golden_id: str
    version: int
    decision: int
    retired: list[str] = Field(description="Ids that lead to it from now on.")


class Parted(BaseModel):
    """What stands again, and the decision that keeps it apart."""

    golden_id: str
    version: int
    restored: list[str]
    decision: int
    withdrawn: list[int]
    not_restored: list[str] = Field(description="A sentence each; empty where all came back.")
    moved: list[str] = Field(description="A sentence each; records of it that stand elsewhere now.")


@blueprint.post("/<domain>/<golden_id>/merge")
@blueprint.input(Merging, arg_name="body")
@answers(Merged, headers=BASED)
def merge(domain: str, golden_id: str, body: Merging) -> Response:
    """Makes two golden records one; the id that does not survive leads there for ever."""
    basis = asked(domain_named(domain), golden_id)
    number, after = merging.merge(the_hub(), basis, body.other, body.survivor, body.reason)
    retired = [one for one in (golden_id, body.other) if one != after.golden_id]
    return changed(after, decision=number, retired=retired)


@blueprint.post("/<domain>/<golden_id>/unmerge")
@blueprint.input(Parting, arg_name="body")
@answers(Parted, headers=BASED)
def unmerge(domain: str, golden_id: str, body: Parting) -> Response:
    """Takes a merge back exactly; the parts then stay apart."""
    basis = asked(domain_named(domain), golden_id)
    parting = merging.Parting(body.original, tuple(body.records), body.scope)
    done, after = merging.unmerge(the_hub(), basis, parting, body.reason)
    return changed(
        after,
        restored=done.restored,
        decision=done.decision,
        withdrawn=done.withdrawn,
        not_restored=done.not_restored,
        moved=done.moved,
    )


@blueprint.get("/<domain>/<golden_id>/overrides")
@answers(Overrides)
def listed(domain: str, golden_id: str) -> Response:
    """Every value that a person set over the sources, with what became of it."""
    found = overrides.listed(the_hub(), caller(), domain_named(domain), golden_id)
    return as_json({"overrides": found})


@blueprint.post("/<domain>/<golden_id>/overrides")
@blueprint.input(Setting, arg_name="body")
@answers(Changed, headers=BASED)
def set_value(domain: str, golden_id: str, body: Setting) -> Response:
    """Sets a value over the sources; under a retired id it concerns, and goes with, that one."""
    said = body.model_dump()
    wanted = Wanted(**{**said, "lifetime": Lifetime(body.lifetime)})
    number, after = overrides.override(the_hub(), asked(domain_named(domain), golden_id), wanted)
    return changed(after, override=number, findings=overrides.findings(after))


@blueprint.delete("/<domain>/<golden_id>/overrides/<int:number>")
@answers(Changed, query=("reason",), headers=BASED)
def take_back(domain: str, golden_id: str, number: int) -> Response:
    """Takes an override back: the sources speak again. `?reason=` says why."""
    reason = request.args.get("reason")
    basis = asked(domain_named(domain), golden_id)
    return changed(overrides.lift(the_hub(), basis, number, reason), override=number)


def asked(domain: Domain, golden_id: str) -> Asked:
    """The request as an act on one version; PreconditionRequired where it names none."""
    said = request.headers.get("If-Match", "").strip()
    if not said:
        raise PreconditionRequired(
            'Send the record\'s version as If-Match: "7" for version 7. GET the record first.'
        )
    tag = said.removeprefix("W/").strip('"')
    version = int(tag) if tag.isdecimal() else _version_of(domain, golden_id, tag)
    return Asked(caller(), domain, golden_id, version, correlation_id())


def _version_of(domain: Domain, golden_id: str, tag: str) -> int:
    """The version whose ETag a lookup answered, `*` any; StaleVersion where another is served."""
    served = lookup.one(the_hub(), caller(), domain, golden_id, when(the_hub()))
    if tag != "*" and etag(served.body()) != tag:
        raise StaleVersion(
            f"{served.golden_id} is at version {served.version} now, and served otherwise than"
            " when this ETag was given. Read it again, then decide."
        )
    return served.version


def changed(after: Stored, **more: Any) -> Response:
    """The record's new version, as body and as ETag."""
    said = {"golden_id": after.golden_id, "version": after.version, **more}
    answer = as_json(said)
    answer.set_etag(str(after.version))
    return answer
