"""Refused rows: shown without their protected values, and sent on their way again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from mdm.domains import DOMAINS
from mdm.errors import BadRequest, NotFound, UnknownName
from mdm.inbound.clean import without_accounts
from mdm.inbound.compiled import normal, telling
from mdm.inbound.expressions import compile_expression
from mdm.inbound.mapping import Feed, Source
from mdm.inbound.payload import raw_about
from mdm.inbound.readers import open_rows
from mdm.inbound.stage import FORMATS
from mdm.load import source_named
from mdm.model.field import Privacy
from mdm.push import PushAnswer, Road, push_rows
from mdm.sealing.protected import mask
from mdm.store import rejects
from mdm.store.hub import Hub
from mdm.store.rejects import Kept
from mdm.store.transaction import Act, transaction

LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){7,}")


def kept(hub: Hub, number: int) -> Kept:
    """The refused row of this number; NotFound where there is none."""
    with hub.database.read() as connection:
        found = rejects.by_id(connection, number)
    if found is None:
        raise NotFound(f"There is no reject {number}. `mdm rejects list` shows those there are.")
    return found


def payload_of(hub: Hub, reject: Kept) -> Any:
    """The row's payload in clear: an object, or the text of a row that could not be read."""
    raw = hub.keys.unseal(reject.raw, raw_about(reject.source))
    return msgspec.json.decode(raw)


def shown(hub: Hub, reject: Kept) -> Any:
    """The row's payload for people: accounts, and what looks like one, masked."""
    payload = payload_of(hub, reject)
    source = hub.sources.get(reject.source)
    feeds = [feed for feed in source.feeds if feed.domain == reject.domain] if source else []
    names = {name for feed in feeds for name in _protected_names(feed)}
    return _masked(payload, frozenset(names), readable=isinstance(payload, dict))


def _protected_names(feed: Feed) -> Iterator[str]:
    """The source's own names of what the feed reads into protected fields, synonyms included."""
    for name, templates in feed.children.items():
        child = DOMAINS[feed.domain].child_by_name[name]
        hidden = [f.name for f in child.fields if f.privacy is Privacy.PROTECTED]
        for template in templates:
            for field in hidden:
                if field in template.fields:
                    reads = compile_expression(template.fields[field].source).reads
                    for path in reads:
                        yield normal(path[-1])
                        yield from (normal(s) for s in feed.columns.get(path[-1], ()))


def _masked(value: Any, names: frozenset[str], *, readable: bool) -> Any:
    if isinstance(value, dict):
        return {
            name: mask(str(item))
            if normal(name) in names and isinstance(item, str | int) and item != ""
            else _masked(item, names, readable=readable)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_masked(item, names, readable=readable) for item in value]
    if not isinstance(value, str):
        return value
    text = without_accounts(value)
    # A row that could not be cut into cells may hold an account anywhere.
    return text if readable else LONG_NUMBER.sub(lambda found: mask(found[0]), text)


def retry(hub: Hub, number: int, file: Path | None, act: Act) -> PushAnswer:
    """Sends a refused row, or its correction from a file, on its way again.

    Where it is taken the reject is settled; where it is refused again it stays open and the answer
    says why. Raises NotFound, BadRequest.
    """
    reject = kept(hub, number)
    source = source_named(hub, reject.source)
    payload = payload_of(hub, reject) if file is None else corrected(file)
    if not isinstance(payload, dict):
        raise BadRequest(
            f"Reject {number} is a row that could not be read. {reject.reason} Correct it in a file"
            f" and run `mdm rejects retry {number} --file FILE`."
        )
    answer = push_rows(
        hub, Road(source, feed_reading(source, reject.domain, payload)), [payload], act
    )
    if not answer:
        raise BadRequest(f"The mapping passes this row over: it is no {reject.domain}.")
    if answer[0].outcome != "rejected":
        with transaction(hub.database, Act("retry", act.actor, reject.domain)) as tx:
            rejects.settle(tx, [number])
    return answer[0]


def corrected(file: Path) -> Any:
    """The one row of a file: JSON, or a CSV with its header."""
    if file.suffix.lower() not in FORMATS:
        raise BadRequest(f"{file.name}: write the corrected row as .json or .csv.")
    rows = [row for chunk in open_rows(file, FORMATS[file.suffix.lower()], {}) for row in chunk]
    if len(rows) != 1 or rows[0].problem is not None:
        raise BadRequest(f"{file.name} must hold one readable row; it holds {len(rows)}.")
    return rows[0].payload


def feed_reading(source: Source, domain: str, payload: dict[str, Any]) -> Feed:
    """The source's feed of this domain whose lines read most of the payload's fields."""
    return feeds_reading(source, domain, payload)[0]


def feeds_reading(source: Source, domain: str, payload: dict[str, Any]) -> list[Feed]:
    """The source's feeds of this domain; first those that read most of the payload's fields."""
    feeds = [feed for feed in source.feeds if feed.domain == domain]
    if not feeds:
        served = sorted({feed.domain for feed in source.feeds})
        raise UnknownName.among(f"domain of source {source.name!r},", domain, served)

    def read(feed: Feed) -> int:
        columns = telling(feed).columns
        return sum(columns.get(normal(n), n) in telling(feed).known for n in payload)

    return sorted(feeds, key=read, reverse=True)
