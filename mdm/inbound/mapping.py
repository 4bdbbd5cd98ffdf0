"""A source's mapping: one YAML file that says how its exports are recognised, keyed and read.

Read with `parse_source`; every mistake is a BadConfiguration naming file, line, field and remedy.
The parsed form is plain data, so that it travels to worker processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from mdm.domains import DOMAINS
from mdm.errors import BadConfiguration, HubError
from mdm.inbound.expressions import compile_expression
from mdm.inbound.guard import Budgets
from mdm.model.domain import Domain
from mdm.model.trust import SourceTrust

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Written in C where PyYAML was built so: it reads a source ten times as fast."""
Format = Literal["json", "json_lines", "csv", "xlsx", "xml"]
Empty = Literal["null", "absent"]


class Strict(BaseModel):
    """A part of a mapping file: a name it does not know is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_line(value: object) -> object:
    return {"from": value} if isinstance(value, str) else value


class Line(Strict):
    """Where a field's value stands; `map` translates its codes; `empty` is what empty text says.

    Without what it `needs` it says nothing: a supplier that was not expanded is not free of blocks.
    """

    source: str = Field(alias="from")
    needs: str | None = None
    map: str | None = None
    empty: Empty = "null"


AnyLine = Annotated[Line, BeforeValidator(_as_line)]


class Template(Strict):
    """How children are made: of the row, or of `each` item, where one of `needs` says something."""

    each: str | None = None
    needs: tuple[str, ...] = ()
    fields: dict[str, AnyLine]


def _as_template(value: object) -> object:
    if isinstance(value, dict) and "fields" not in value:
        told = {name: value[name] for name in ("each", "needs") if name in value}
        return {**told, "fields": {k: v for k, v in value.items() if k not in told}}
    return value


AnyTemplate = Annotated[Template, BeforeValidator(_as_template)]


class Recognise(Strict):
    """How a file of a feed is told from others: name, header columns, or a word near its start."""

    file: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    says: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Feed:
    """One kind of file, or of pushed record, that a source supplies.

    `missing` says what a field that is left out means: nothing, or (SuiteQL) that it is null;
    `lists` the name under which lines find the items of a list, which OData V2 wraps and V4 does
    not; `nodata` the text that stands for a field left out; `drop` fields that are never kept, not
    even sealed; `slices` whether rows are periods of a code, or the code itself with its period.
    """

    name: str
    domain: str
    format: Format
    options: Mapping[str, Any]
    recognise: Recognise
    columns: Mapping[str, tuple[str, ...]]
    key: tuple[str, ...]
    fields: Mapping[str, Line]
    children: Mapping[str, tuple[Template, ...]]
    values: Mapping[str, Mapping[str, str]]
    sequence: str | None = None
    source_time: str | None = None
    deleted: str | None = None
    skip: str | None = None
    skip_reason: str = ""
    rows: str | None = None
    noise: tuple[str, ...] = ()
    missing: Literal["absent", "null"] = "absent"
    lists: str | None = None
    nodata: str | None = None
    drop: tuple[str, ...] = ()
    slices: bool = True
    pushed: bool = True
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By field, what values mean that people mapped beside the file."""

    @property
    def sequenced(self) -> bool:
        """Whether the source numbers the versions of its records itself."""
        return self.sequence is not None


@dataclass(frozen=True, eq=False)
class Source:
    """A source system instance: its rank, its clock, its feeds; `version` is its content hash.

    `guards` says how much one of its loads may do before a person is asked.
    """

    name: str
    version: str
    description: str
    trust: int | SourceTrust
    time_zone: str
    feeds: tuple[Feed, ...]
    guards: Budgets = field(default_factory=Budgets)


class FeedFile(Strict):
    """A feed as the YAML writes it."""

    name: str
    domain: str
    format: Format
    options: dict[str, Any] = {}
    recognise: Recognise = Recognise()
    columns: dict[str, tuple[str, ...]] = {}
    key: tuple[str, ...] = Field(min_length=1)
    sequence: str | None = None
    source_time: str | None = None
    deleted: str | None = None
    skip: str | None = None
    skip_reason: str = "not a record of this domain"
    rows: str | None = None
    noise: tuple[str, ...] = ()
    missing: Literal["absent", "null"] = "absent"
    lists: str | None = None
    nodata: str | None = None
    drop: tuple[str, ...] = ()
    slices: bool = True
    pushed: bool | None = None
    fields: dict[str, AnyLine]
    children: dict[str, tuple[AnyTemplate, ...]] = {}


Points = Annotated[int, Field(ge=0, le=100)]


class TrustFile(Strict):
    """Trust as the YAML writes it: points, others by field, and what lowers them how far.

    `yearly_loss` points go for every year since the source last changed a record, `failing_loss`
    from a value that fails a quality rule; `floor` stays whatever happens.
    """

    score: Points
    fields: dict[str, Points] = {}
    yearly_loss: Points = 0
    failing_loss: Points = 20
    floor: Points = 0


def _as_trust(value: object) -> object:
    return value if isinstance(value, dict) else {"score": value}


class SourceFile(Strict):
    """A source as the YAML writes it."""

    name: str
    description: str
    trust: Annotated[TrustFile, BeforeValidator(_as_trust)]
    time_zone: str = "UTC"
    guards: dict[str, float] = {}
    values: dict[str, dict[str, str]] = {}
    feeds: tuple[FeedFile, ...] = Field(min_length=1)


def builtin_sources() -> dict[str, str]:
    """The texts of the mappings that come with the hub, by source name."""
    folder = files("mdm.inbound").joinpath("sources")
    return {
        entry.name.removesuffix(".yaml"): entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".yaml")
    }


def parse_source(text: str, name: str, others: Mapping[str, str] | None = None) -> Source:
    """The source that a mapping file describes.

    `extends: NAME` takes over another source of `others` (default: the built-in ones) and changes
    what the file says itself: a second instance of a system is a few lines. Raises
    BadConfiguration.
    """
    return _read(text, name, tuple(sorted((others or builtin_sources()).items())))


@lru_cache(maxsize=64)  # reading YAML takes long, and every replay asks for the same sources
def _read(text: str, name: str, others: tuple[tuple[str, str], ...]) -> Source:
    whole = self_contained(text, name, dict(others))
    try:
        parsed = SourceFile.model_validate(_load_yaml(whole, name))
    except ValidationError as error:
        raise _explained(error, text, name) from error
    feeds = tuple(_feed(feed, parsed, name) for feed in parsed.feeds)
    return Source(
        name=name,
        version=sha256(whole.encode()).hexdigest()[:16],
        description=parsed.description,
        trust=_trust(parsed, name),
        time_zone=parsed.time_zone,
        feeds=feeds,
        guards=_budgets(parsed.guards, name),
    )


def _trust(parsed: SourceFile, name: str) -> int | SourceTrust:
    said = parsed.trust
    if said == TrustFile(score=said.score):
        return said.score
    domains = [DOMAINS[feed.domain] for feed in parsed.feeds]
    known = {
        path
        for domain in domains
        for path in (
            *domain.by_name,
            *domain.child_by_name,
            *(f"{child.name}.{line.name}" for child in domain.children for line in child.fields),
        )
    }
    for path in said.fields:
        if path not in known:
            raise BadConfiguration(
                f"{name}.yaml: trust.fields: its domains have no field {path!r}; write a field,"
                " a child, or child.field, such as companies.payment_terms."
            )
    return SourceTrust(**said.model_dump())


def _budgets(told: Mapping[str, float], name: str) -> Budgets:
    """The default budgets with what the file says of them."""
    known = [one.name for one in fields(Budgets)]
    for budget, value in told.items():
        if budget not in known or value < 0:
            raise BadConfiguration(
                f"{name}.yaml: guards: {budget}: {value} is no budget; there are, with a number"
                f" from 0 on: {', '.join(known)}."
            )
    return replace(Budgets(), **told)  # type: ignore[arg-type] # the names were checked


def self_contained(text: str, name: str, others: Mapping[str, str]) -> str:
    """The text with what it extends written out; itself where it extends nothing.

    The hash of this text is the version that every row read by it records.
    """
    told = _load_yaml(text, name)
    if "extends" not in told:
        return text
    written: str = yaml.safe_dump(
        _resolved(told, name, others), sort_keys=False, allow_unicode=True
    )
    return written


def _load_yaml(text: str, name: str) -> dict[str, Any]:
    try:
        told = yaml.load(text, Loader=LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or error
        raise BadConfiguration(
            f"{name}.yaml{where}: {problem}. Correct the YAML and try again."
        ) from error
    if not isinstance(told, dict):
        raise BadConfiguration(
            f"{name}.yaml is empty or a list; it must say name, trust and feeds."
        )
    return told


def _resolved(told: dict[str, Any], name: str, others: Mapping[str, str]) -> dict[str, Any]:
    """What the file says laid over what it extends; feeds and value maps by their names."""
    seen: list[str] = []
    while (base := told.pop("extends", None)) is not None:
        if base in seen or base not in others:
            known = ", ".join(sorted(set(others) - {name, *seen}))
            raise BadConfiguration(
                f"{name}.yaml: extends {base!r}, which is not another source; there are: {known}."
            )
        seen.append(base)
        told = _laid_over(_load_yaml(others[base], base), told)
    return told


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    feeds = {feed["name"]: feed for feed in below.get("feeds", [])}
    guards = {**below.get("guards", {}), **above.get("guards", {})}
    for feed in above.get("feeds", []):
        feeds[feed.get("name")] = {**feeds.get(feed.get("name"), {}), **feed}
    values = dict(below.get("values", {}))
    for name, codes in above.get("values", {}).items():
        values[name] = {**values.get(name, {}), **codes}
    return {**below, **above, "feeds": list(feeds.values()), "values": values, "guards": guards}


def _explained(error: ValidationError, text: str, name: str) -> BadConfiguration:
    first = error.errors()[0]
    place = [part for part in first["loc"] if part != "function-before"]
    line = line_of(text, place)
    where = f"{name}.yaml, line {line}" if line else f"{name}.yaml"
    field = ".".join(str(part) for part in place)
    more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return BadConfiguration(f"{where}: {field}: {first['msg']}.{more}")


def line_of(text: str, place: list[Any]) -> int | None:
    """The line of the deepest part of the place that the YAML text has."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None:
        return None
    line = int(node.start_mark.line) + 1
    for part in place:
        found = _step(node, part)
        if found is None:
            break
        node = found
        line = int(node.start_mark.line) + 1
    return line


def _step(node: yaml.Node, part: Any) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item: yaml.Node = node.value[part]
        return item
    return None


def _feed(told: FeedFile, source: SourceFile, file: str) -> Feed:
    where = f"{file}.yaml, feed {told.name!r}"
    if told.domain not in DOMAINS:
        known = ", ".join(sorted(DOMAINS))
        raise BadConfiguration(f"{where}: there is no domain {told.domain!r}; there are: {known}.")
    feed = Feed(
        name=told.name,
        domain=told.domain,
        format=told.format,
        options=told.options,
        recognise=told.recognise,
        columns=told.columns,
        key=told.key,
        fields=told.fields,
        children=told.children,
        values=source.values,
        sequence=told.sequence,
        source_time=told.source_time,
        deleted=told.deleted,
        skip=told.skip,
        skip_reason=told.skip_reason,
        rows=told.rows,
        noise=told.noise,
        missing=told.missing,
        lists=told.lists,
        nodata=told.nodata,
        drop=told.drop,
        slices=told.slices,
        pushed=told.format != "xml" if told.pushed is None else told.pushed,
    )
    _check(feed, DOMAINS[told.domain], where)
    return feed


def _check(feed: Feed, domain: Domain, where: str) -> None:
    for name in feed.fields:
        _known(name, [f.name for f in domain.fields], f"{where}: fields", domain.name)
    for name, templates in feed.children.items():
        _known(name, [c.name for c in domain.children], f"{where}: children", domain.name)
        child = domain.child_by_name[name]
        for template in templates:
            place = f"{where}: {name}"
            for part in (*template.fields, *template.needs):
                _known(part, [f.name for f in child.fields], place, name)
    for place, text in _expressions(feed):
        try:
            compile_expression(text)
        except HubError as error:
            raise BadConfiguration(f"{where}, {place}: {error.detail}") from error
    for place, line in _lines(feed):
        if line.map is not None and line.map not in feed.values:
            known = ", ".join(sorted(feed.values)) or "none"
            raise BadConfiguration(
                f"{where}, {place}: there is no value map {line.map!r} under values;"
                f" there are: {known}."
            )


def _known(name: str, names: list[str], where: str, what: str) -> None:
    if name not in names:
        raise BadConfiguration(f"{where}: {what} has no {name!r}; there are: {', '.join(names)}.")


def _lines(feed: Feed) -> list[tuple[str, Line]]:
    own = list(feed.fields.items())
    nested = [
        (f"{name}.{part}", line)
        for name, templates in feed.children.items()
        for template in templates
        for part, line in template.fields.items()
    ]
    return own + nested


def _expressions(feed: Feed) -> list[tuple[str, str]]:
    single = {
        "sequence": feed.sequence,
        "source_time": feed.source_time,
        "deleted": feed.deleted,
        "skip": feed.skip,
        "rows": feed.rows,
    }
    found = [(name, text) for name, text in single.items() if text is not None]
    found += [("key", part) for part in feed.key]
    found += [(place, line.source) for place, line in _lines(feed)]
    for name, templates in feed.children.items():
        found += [(f"{name}.each", t.each) for t in templates if t.each is not None]
    return found
