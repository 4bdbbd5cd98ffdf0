"""What the OpenAPI document says of answers and query fields, beside the routes it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, TypeVar, cast

from apiflask import APIFlask
from pydantic import BaseModel, Field

from api.exchange import only
from api.problems import CODES, known_problems
from mdm.domains import DOMAINS
from mdm.model.schema import record_model

Route = TypeVar("Route", bound=Callable[..., Any])

MEANINGS = {
    "source": "Only of this source.",
    "as_of": "The business date asked about, such as 2026-01-31; default today, in the time zone of"
    " the record's legal entity.",
    "known_at": "What the hub knew then: an instant or a sequence number. One that the hub has not"
    " reached is the problem `not_yet_known`, for its answer would not stay the same; an instant up"
    " to a minute ahead, as a caller's clock may run, gives what the hub knows now.",
    "with_as_of": "The other day to compare with; default the same day.",
    "with_known_at": "The other moment to compare with; default the same moment.",
    "slices": "`all` gives every validity slice instead of the one at `as_of`.",
    "q": "A name, its start or the word that tells most of it, a code, key or number; typing errors"
    " in names are forgiven.",
    "field": "Only values of this field: name, addresses, companies.currency, or a whole path.",
    "limit": "Records of a page, at most 500; default 50.",
    "cursor": "`next` of the page before.",
    "state": "Of tasks: open, closed or all, default open. Of loads: stopped, applying, done or"
    " dropped, default all.",
    "domain": "Only tasks of this domain.",
    "kind": "Only tasks of this kind.",
    "subject": "What it happened to: a golden id, `decision:12`, `user:ada` ...",
    "since": "Only what happened at this instant or later, such as 2026-01-31T00:00:00Z.",
    "correlation_id": "Only what this message or act led to.",
    "from": "The number of a version; the history lists them.",
    "to": "The number of the version that it is compared with.",
    "legal_entity": "Only the keys that stand for this legal entity, by its code.",
    "left": "A golden id, source:key, or the number of a source record.",
    "right": "The other record, told in the same ways.",
    "reason": "Why; kept with the change.",
}
HEADERS = {
    "If-Match": "The ETag, or the version, that the change is based on; 412 where another came"
    " between.",
    "If-None-Match": "An ETag that was answered before: 304 where it would be the same answer.",
    "Idempotency-Key": "Of the caller's choice, at most 255 characters: the same request under the"
    " same key gets the same answer and does nothing again.",
}


class Reason(BaseModel):
    """Why a record is not valid that day; `field` names what it requires, or its own state."""

    code: str
    field: str
    sentence: str


class Validity(BaseModel):
    """Whether a record may be used on the day: in itself, and through all that it requires."""

    valid: bool
    reasons: list[Reason]


class Golden(BaseModel):
    """A golden record; of a dated domain the slice that holds at `as_of`, null where none does."""

    golden_id: str
    domain: str
    version: int
    status: str
    valid_from: str | None
    valid_to: str | None
    validity: Validity
    record: dict[str, Any] | None = Field(
        description="By its domain "
        + ", ".join(f"{one.path}: {record_model(one).__name__}" for one in DOMAINS.values())
        + "; for a subscriber the fields of its subscription."
    )
    redirected_from: str | None = Field(None, description="The retired id that was asked for.")


class GoldenPage(BaseModel):
    """A page in the order of the ids; `next` is null on the last one."""

    results: list[Golden]
    next: str | None


class Made(BaseModel):
    """The act that made a version: when it counts from, when it was written, by whom and why."""

    at: str
    recorded_at: str
    act: str
    actor: str
    reason: str | None
    correlation_id: str
    sequence: int | None


class Version(Made):
    """A version and the act that made it."""

    version: int
    status: str
    merged_into: str | None
    changed: list[str]
    joined: list[str] = Field(description="Golden ids that came to lead here with it.")
    parted: list[str] = Field(description="Golden ids that answer for themselves again since.")
    record: dict[str, Any] | None


class History(BaseModel):
    """Versions, the latest first."""

    versions: list[Version]


class SourceKey(BaseModel):
    """A key as its source writes it; `state` says whether the source still has the record."""

    source: str
    source_key: str
    state: str


class Crosswalk(BaseModel):
    """Every key and every former id that leads to a record."""

    golden_id: str
    keys: list[SourceKey]
    former_ids: list[str]


class Candidate(BaseModel):
    """A value that was told and lost, with the points of trust its source has in the field."""

    source: str
    source_key: str
    record_id: int | None
    value: Any
    trust: int


class ValueReason(BaseModel):
    """Why a value is what it is; `source` is `hub` where a person set it."""

    source: str | None
    source_key: str | None
    rule: str
    sentence: str
    value: Any
    trust: int | None
    candidates: list[Candidate]


class Lineage(BaseModel):
    """Why every value is what it is, by its path: name, addresses/ID, companies/ID/currency."""

    golden_id: str
    version: int
    members: list[dict[str, Any]]
    overrides: list[dict[str, Any]]
    fields: dict[str, ValueReason]


class Problem(BaseModel):
    """RFC 9457: what went wrong, and what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    correlationid: str
    errors: list[dict[str, str]] | None = None


GOLDEN, PAGE, HISTORY, CROSSWALK, REASONS = Golden, GoldenPage, History, Crosswalk, Lineage


def answers(
    model: type[BaseModel],
    *,
    query: Sequence[str] = (),
    fields: bool = False,
    headers: Sequence[str] = (),
    strict: bool = True,
) -> Callable[[Route], Route]:
    """Describes a route's answer, sent as it was made, and its query: other fields are refused.

    `fields`: search fields too, which the route itself knows; not `strict`: any others.
    """

    def describe(route: Route) -> Route:
        @wraps(route)
        def asked(*given: Any, **named: Any) -> Any:
            if strict and not fields:
                only(query)
            return route(*given, **named)

        said: dict[str, Any] = {
            "parameters": [
                *(_parameter(name) for name in query),
                *([FIELDS] if fields else []),
                *(_header(name) for name in headers),
            ],
            "responses": {
                "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": _schema(model)}},
                },
                "default": PROBLEM,
            },
        }
        asked.described = said  # type: ignore[attr-defined] # read by `complete`
        return cast(Route, asked)

    return describe


def reads(body: Mapping[str, Any]) -> Callable[[Route], Route]:
    """Describes the body of a route that reads it itself; stands above `answers`."""

    def describe(route: Route) -> Route:
        said: Any = route
        said.described = {**said.described, "requestBody": body}
        return route

    return describe


FIELDS = {
    "name": "fields",
    "in": "query",
    "style": "form",
    "explode": True,
    "description": "Values of search fields: "
    + "; ".join(f"{one.path}: {', '.join(sorted(one.searched))}" for one in DOMAINS.values()),
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
}
PROBLEM = {
    "description": "A problem; codes of the server: " + ", ".join(sorted(set(CODES.values()))),
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def register(app: APIFlask) -> None:
    """Completes the document that the library makes of the routes."""

    @app.spec_processor
    def complete(spec: dict[str, Any] | str) -> dict[str, Any] | str:
        if isinstance(spec, str):
            return spec
        schemas = spec.setdefault("components", {}).setdefault("schemas", {})
        for rule in app.url_map.iter_rules():
            said = getattr(app.view_functions[rule.endpoint], "described", None)
            path = _path(rule.rule)
            if said is None or path not in spec["paths"]:
                continue
            for method, operation in spec["paths"][path].items():
                if method.upper() in (rule.methods or ()):
                    kept = [p for p in operation.get("parameters", ()) if p["in"] == "path"]
                    operation |= {**said, "parameters": [*kept, *said["parameters"]]}
                    if path.startswith("/v1/"):
                        operation["security"] = [{"key": []}]
        for model in (Golden, GoldenPage, History, Version, Crosswalk, Problem):
            schemas[model.__name__] = _schema(model)
        for domain in DOMAINS.values():
            record = record_model(domain)
            schemas[record.__name__] = _schema(record)
        # Blueprints that share a tag would name it once each, and tags are unique.
        spec["tags"] = list({tag["name"]: tag for tag in spec.get("tags", ())}.values())
        spec["x-problems"] = known_problems()
        return spec


def _header(name: str) -> dict[str, Any]:
    said = {"name": name, "in": "header", "description": HEADERS[name]}
    return {**said, "schema": {"type": "string"}}


def _path(rule: str) -> str:
    parts = [
        "{" + part[1:-1].rpartition(":")[2] + "}" if part.startswith("<") else part
        for part in rule.split("/")
    ]
    return "/".join(parts)


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    schema: dict[str, Any] = _inlined(model.model_json_schema())
    return schema


def _inlined(said: Any, known: dict[str, Any] | None = None) -> Any:
    """The schema with what it refers to written out: it stands anywhere then."""
    if isinstance(said, list):
        return [_inlined(one, known) for one in said]
    if not isinstance(said, dict):
        return said
    known = said.get("$defs", known) or {}
    if "$ref" in said:
        return _inlined(known[said["$ref"].rpartition("/")[2]], known)
    return {name: _inlined(one, known) for name, one in said.items() if name != "$defs"}


def _parameter(name: str) -> dict[str, Any]:
    kind = (
        {"type": "integer", "minimum": 1, "maximum": 500} if name == "limit" else {"type": "string"}
    )
    return {"name": name, "in": "query", "description": MEANINGS[name], "schema": kind}
