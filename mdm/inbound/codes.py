"""Codes that people mapped: which value of a source's field means which of ours.

They are configuration of their own, laid over the value maps of a source's file, so that a new
version of the file keeps them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256

import msgspec

from matching.kinds import KINDS
from matching.words import trimmed
from mdm.errors import BadRequest, UnknownName
from mdm.inbound.clean import LISTED
from mdm.inbound.mapping import Feed, Line, Source
from mdm.model.domain import Domain
from mdm.model.field import Field

Mapped = dict[str, dict[str, dict[str, str]]]
"""By domain and field, what each value means."""


def read_codes(text: str | None) -> Mapped:
    """The codes that a text says; none where there is no text."""
    return msgspec.json.decode(text, type=Mapped) if text else {}


def codes_text(mapped: Mapped) -> str:
    """The text of codes: the same for the same codes."""
    return json.dumps(mapped, ensure_ascii=False, sort_keys=True, indent=1)


def with_codes(source: Source, text: str) -> Source:
    """The source as it reads with these codes; its version tells them too."""
    mapped = read_codes(text)
    version = sha256(f"{source.version} {text}".encode()).hexdigest()[:16]
    feeds = tuple(replace(feed, codes=mapped.get(feed.domain, {})) for feed in source.feeds)
    return replace(source, version=version, feeds=feeds)


def codes_of(feed: Feed, field: Field, line: Line) -> Mapping[str, str] | None:
    """What a line knows of codes: its value map, and what people mapped; None: it has none."""
    own = feed.codes.get(field.name, {})
    built = feed.values[line.map] if line.map is not None else None
    if field.kind == "choice":
        own = {value: code for value, code in own.items() if code in field.choices}
    elif built is None and field.kind not in LISTED:
        return None
    return {**(built or {}), **own} if own else built


def lines_named(domain: Domain, name: str) -> list[Field]:
    """The domain's fields of this name, its own and its children's; UnknownName where none is."""
    held = [domain.fields, *(child.fields for child in domain.children)]
    found = [line for fields in held for line in fields if line.name == name]
    if not found:
        raise UnknownName.among("field", name, sorted({one.name for f in held for one in f}))
    return found


def our_code(domain: Domain, name: str, code: str) -> str:
    """The code as it is kept; BadRequest where the field knows no such code."""
    lines = lines_named(domain, name)
    for line in lines:
        if line.kind == "choice" and code.strip().lower() in line.choices:
            return code.strip().lower()
        if line.kind in LISTED:
            clean = KINDS[line.kind].clean(code, None)
            if clean and KINDS[line.kind].problem(clean, None) is None:
                return clean
        if line.kind != "choice" and line.kind not in LISTED and code.strip():
            return trimmed(code, None)
    known = ", ".join(dict.fromkeys(choice for line in lines for choice in line.choices))
    more = f" It is one of: {known}." if known else ""
    raise BadRequest(f"{code!r} is no {name.replace('_', ' ')} that we know.{more}", field="code")


def kept_as(domain: Domain, name: str, value: str) -> Iterator[str]:
    """The forms in which a value that nobody had mapped may stand in a record."""
    yield value
    for line in lines_named(domain, name):
        kind = KINDS.get(line.kind)
        yield (kind.clean if kind is not None else trimmed)(value, None) or value


def holders_of(domain: Domain, name: str) -> frozenset[str]:
    """The record's own fields in which a field of this name stands: itself, or children."""
    own = {name} & domain.by_name.keys()
    nested = {child.name for child in domain.children if any(f.name == name for f in child.fields)}
    return frozenset(own | nested)
