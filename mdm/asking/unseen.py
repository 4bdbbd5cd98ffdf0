"""Records that nobody has created yet, read as a load would read them; nothing of them is kept.

A record is told as a row of a plain CSV file, its headers included, or in the hub's own shape with
its lists of children, or as a source writes it. It goes through the same cleaning as a load's rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from mdm.errors import BadRequest
from mdm.golden.versions import laid_over
from mdm.inbound.arrive import arrive
from mdm.inbound.mapping import Feed, Line, Source, Template
from mdm.inbound.readers.row import Row
from mdm.model.domain import Domain
from mdm.push import feed_for
from mdm.records import Document
from mdm.store.hub import Hub, source_of

PLAIN = "csv"
"""The source whose headers a record may be told in where none is named."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A record as it would be held, or why it cannot be read."""

    record: Document
    unknown: tuple[str, ...] = ()
    """Names in it that say nothing to the hub."""
    code: str | None = None
    reason: str | None = None


def unseen(
    hub: Hub, domain: Domain, payloads: Sequence[dict[str, Any]], source: str | None = None
) -> list[Unseen]:
    """The records, protected values as fingerprints; a payload that cannot be read says why."""
    name = source or PLAIN
    if name not in hub.sources:
        raise BadRequest(
            f"There is no source {name!r}; there are: {', '.join(sorted(hub.sources))}.",
            field="source",
        )
    with hub.database.read() as connection:
        known = source_of(connection, hub, name)
    feed = _asking(feed_for(known, domain.name), domain, plain=source is None)
    return [_read(hub, known, feed, domain, payload) for payload in payloads]


@lru_cache(maxsize=64)
def _asking(feed: Feed, domain: Domain, *, plain: bool) -> Feed:
    """The feed for records that have no key, no time and no end yet."""
    children = {name: templates for name, templates in feed.children.items()}
    fields = dict(feed.fields)
    if plain:
        for child in domain.children:
            lines = {
                field.name: Line.model_validate({"from": field.name}) for field in child.fields
            }
            own = Template(each=child.name, fields=lines)
            children[child.name] = (*children.get(child.name, ()), own)
    return replace(
        feed,
        key=("'asked'",),
        sequence=None,
        source_time=None,
        deleted=None,
        fields=fields,
        children=children,
    )


def _read(hub: Hub, source: Source, feed: Feed, domain: Domain, payload: dict[str, Any]) -> Unseen:
    arrived = arrive(feed, source, [Row(1, payload, None)], hub.keys)
    unknown = tuple(sorted(arrived.unmapped_columns))
    if arrived.rejects:
        refused = arrived.rejects[0]
        return Unseen({}, unknown, refused.code, refused.reason)
    if not arrived.arrivals:
        return Unseen({}, unknown, "passed_over", f"It is {feed.skip_reason}.")
    told = arrived.arrivals[0].told
    return Unseen(laid_over(domain, {}, told), unknown)
