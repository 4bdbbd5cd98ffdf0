"""Golden records: one, by crosswalk key, in pages, with their origin."""

from __future__ import annotations

from typing import Any

import msgspec
from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from api.auth import caller, the_hub
from api.describe import CROSSWALK, GOLDEN, HISTORY, PAGE, REASONS, answers
from api.exchange import as_json, limit, paged, validated
from mdm.asking import listing, lookup, origin
from mdm.asking.answer import Found, When, when
from mdm.asking.listing import Wish
from mdm.domains import domain_named

blueprint = APIBlueprint("lookup", __name__, tag="Golden records", url_prefix="/v1")
ASKED = ("as_of", "known_at", "slices")
OF_AN_ORIGIN = ("as_of", "known_at")
OF_A_VALUE = (*OF_AN_ORIGIN, "field")
OF_A_PAGE = ("q", "as_of", "slices", "limit", "cursor", "known_at")
FRESH = ("If-None-Match",)
MOST_KEYS = 500


@blueprint.get("/<domain>/<golden_id>")
@answers(GOLDEN, query=ASKED, headers=FRESH)
def one(domain: str, golden_id: str) -> Response:
    """A golden record; a retired id answers the survivor, with `redirected_from`."""
    asked = _asked()
    return sent(lookup.one(the_hub(), caller(), domain_named(domain), golden_id, asked))


@blueprint.get("/<domain>/by/<source>/<path:source_key>")
@answers(GOLDEN, query=ASKED, headers=FRESH)
def by_key(domain: str, source: str, source_key: str) -> Response:
    """The golden record that a source's own key stands for."""
    asked, key = _asked(), (source, source_key)
    return sent(lookup.by_key(the_hub(), caller(), domain_named(domain), key, asked))


@blueprint.get("/<domain>")
@answers(PAGE, query=OF_A_PAGE, fields=True, headers=FRESH)
def page(domain: str) -> Response:
    """Golden records in pages, all or those with the given field values or name."""
    known = domain_named(domain)
    given = request.args.to_dict()
    fields = {name: value for name, value in given.items() if name not in OF_A_PAGE}
    # A search box that is left empty asks for all.
    wish = Wish(fields, given.get("q", "").strip() or None, given.get("cursor"), limit())
    asked = when(the_hub(), given.get("as_of"), given.get("known_at"), given.get("slices"))
    found = listing.page(the_hub(), caller(), known, wish, asked)
    body = b'{"results":[' + b",".join(each.body() for each in found.results) + b'],"next":'
    body += msgspec.json.encode(found.next) + b"}"
    return paged(validated(body), found.next)


@blueprint.get("/<domain>/<golden_id>/history")
@answers(HISTORY, query=OF_AN_ORIGIN, headers=FRESH)
def history(domain: str, golden_id: str) -> Response:
    """Every version, the latest first: when, by whom, why, and what changed.

    With `as_of` only the versions that changed what holds on that day.
    """
    asked = _asked()
    found = origin.history(the_hub(), caller(), domain_named(domain), golden_id, asked)
    return validated(msgspec.json.encode({"versions": found}))


@blueprint.get("/<domain>/<golden_id>/lineage")
@answers(REASONS, query=OF_A_VALUE, headers=FRESH)
def lineage(domain: str, golden_id: str) -> Response:
    """Why every value is what it is: its source record, the rule in words, who else told one."""
    asked = _asked()
    wanted = (domain_named(domain), golden_id)
    found = origin.lineage(the_hub(), caller(), wanted, asked, request.args.get("field"))
    return validated(msgspec.json.encode(found))


@blueprint.get("/<domain>/<golden_id>/crosswalk")
@answers(CROSSWALK, headers=FRESH)
def crosswalk(domain: str, golden_id: str) -> Response:
    """Every source key and every retired id that leads to the record."""
    found = origin.crosswalk(the_hub(), caller(), domain_named(domain), golden_id)
    return validated(msgspec.json.encode(found))


class Key(BaseModel):
    """A key as a source writes it."""

    model_config = ConfigDict(extra="forbid")
    domain: str
    source: str
    key: str


class Keys(BaseModel):
    """Keys to be resolved, answered in their order."""

    model_config = ConfigDict(extra="forbid")
    keys: list[Key] = Field(max_length=MOST_KEYS)


class Resolved(BaseModel):
    """What a key stands for; null: nothing that the caller may see."""

    domain: str
    source: str
    key: str
    golden_id: str | None


class Answered(BaseModel):
    """One answer per key, in their order."""

    results: list[Resolved]


@blueprint.post("/resolve")
@blueprint.input(Keys, arg_name="body")
@answers(Answered)
def resolve(body: Keys) -> Response:
    """Which golden records many source keys stand for."""
    by_domain: dict[str, list[int]] = {}
    for place, key in enumerate(body.keys):
        by_domain.setdefault(domain_named(key.domain).name, []).append(place)
    found: list[str | None] = [None] * len(body.keys)
    for name, places in by_domain.items():
        pairs = [(body.keys[place].source, body.keys[place].key) for place in places]
        ids = lookup.resolve(the_hub(), caller(), domain_named(name), pairs)
        for place, golden_id in zip(places, ids, strict=True):
            found[place] = golden_id
    results: list[dict[str, Any]] = [
        {**key.model_dump(), "golden_id": golden_id}
        for key, golden_id in zip(body.keys, found, strict=True)
    ]
    return as_json({"results": results})


def sent(found: Found) -> Response:
    """A golden record with its validator; 304 where the caller has it already."""
    return validated(found.body())


def _asked() -> When:
    return when(the_hub(), *(request.args.get(name) for name in ASKED))
