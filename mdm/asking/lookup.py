"""Looks golden records up: by id, by crosswalk key, by field, by name, in pages.

A caller with a subscription sees exactly what is published to it; a caller with a role that reads
sees every domain. Protected values are masked for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from mdm.asking.answer import Found, When, found
from mdm.asking.search import candidates, field_keys
from mdm.domains import DOMAINS
from mdm.errors import BadRequest, NotFound, Refused
from mdm.model.domain import Domain
from mdm.people.rights import Caller, Right, require
from mdm.publication.projection import project
from mdm.publication.subscription import Shape
from mdm.store import find
from mdm.store.database import Connection
from mdm.store.find import Stored
from mdm.store.hub import Hub

MOST = 500
DEFAULT = 50
CHAIN = 32
"""Merges that are followed in an earlier state of knowledge."""
S4_KEY = 10
"""Digits of a business partner's number, zeros in front included."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a page is to hold."""

    fields: Mapping[str, str]
    q: str | None = None
    cursor: str | None = None
    limit: int = DEFAULT


@dataclass(frozen=True, slots=True)
class Page:
    """Golden records in the order of their ids; `next` opens the following page."""

    results: list[Found]
    next: str | None


def one(hub: Hub, caller: Caller, domain: Domain, golden_id: str, asked: When) -> Found:
    """The record under this id; a retired id answers the survivor. NotFound where there is none."""
    _entitled(hub, caller, domain)
    with hub.database.read() as connection:
        if caller.subscription and not (asked.told or asked.past or asked.slices):
            held = find.published_one(connection, caller.subscription, golden_id)
            if held is not None and held[0] == domain.name:
                return _as_published(golden_id, *held)
        stored = _following(connection, golden_id, asked)
        seen = _seen(hub, connection, caller, stored, asked) if stored else None
    if stored is None or seen is None or stored.domain != domain.name:
        raise NotFound(f"There is no {_words(domain)} {golden_id!r}.")
    redirected = golden_id if stored.golden_id != golden_id else None
    return _answer(seen, asked, redirected)


def by_key(hub: Hub, caller: Caller, domain: Domain, key: tuple[str, str], asked: When) -> Found:
    """The record that a source's own key stands for."""
    _entitled(hub, caller, domain)
    source, source_key = key
    with hub.database.read() as connection:
        golden_id = _crosswalk(connection, domain, source, source_key)
    if golden_id is None:
        raise NotFound(f"No {_words(domain)} of source {source!r} has the key {source_key!r}.")
    return one(hub, caller, domain, golden_id, asked)


def page(hub: Hub, caller: Caller, domain: Domain, wish: Wish, asked: When) -> Page:
    """Living records that have all the given values, a page in the order of their ids."""
    _entitled(hub, caller, domain)
    if asked.past:
        raise BadRequest("`known_at` is answered for one record, not for lists.", field="known_at")
    _known_fields(domain, wish)
    about = _about(caller, domain, wish)
    after = _opened(hub, wish.cursor, about) if wish.cursor else ""
    with hub.database.read() as connection:
        if wish.q is not None:
            stored = candidates(hub, connection, domain, wish.q, min(wish.limit, DEFAULT))
            return Page(_all_seen(hub, connection, caller, stored, asked), None)
        stored = _stored_page(hub, connection, caller, (domain, wish, after))
        results = _all_seen(hub, connection, caller, stored[: wish.limit], asked)
    more = len(stored) > wish.limit
    last = stored[wish.limit - 1].golden_id if more else ""
    return Page(results, _closed(hub, last, about) if more else None)


def resolve(
    hub: Hub, caller: Caller, domain: Domain, keys: Sequence[tuple[str, str]]
) -> list[str | None]:
    """The golden ids that these (source, source key) pairs stand for, in their order."""
    _entitled(hub, caller, domain)
    with hub.database.read() as connection:
        ids = [_crosswalk(connection, domain, source, key) for source, key in keys]
        if caller.may(Right.READ) or caller.subscription is None:
            return ids
        held = find.published_to(
            connection, caller.subscription, [one for one in ids if one is not None]
        )
    return [one if one in held else None for one in ids]


def current_id(connection: Connection, golden_id: str) -> str:
    """The id that answers for this one now; the id itself where it is not retired."""
    return find.answering_id(connection, golden_id) or golden_id


def _entitled(hub: Hub, caller: Caller, domain: Domain) -> None:
    if caller.may(Right.READ):
        return
    if caller.subscription is None:
        require(caller, Right.READ)
    subscription = hub.subscriptions.get(caller.subscription or "")
    if subscription is None or domain.name not in subscription.domains:
        raise Refused(f"The subscription {caller.subscription!r} has no {domain.path}.")


def _as_published(golden_id: str, domain: str, version: int, status: str, record: str) -> Found:
    start = end = None
    if DOMAINS[domain].dated:
        state = msgspec.json.decode(record)
        start, end = state.get("valid_from"), state.get("valid_to")
    return Found(golden_id, domain, version, status, record, start, end)


def _following(connection: Connection, golden_id: str, asked: When) -> Stored | None:
    """The version asked for, merges followed as they stood then."""
    if not asked.past:
        stored = find.golden_by_id(connection, golden_id)
        if stored is None or stored.merged_into is None:
            return stored
        return find.golden_by_id(connection, current_id(connection, golden_id))
    wanted: str | None = golden_id
    stored = None
    for _step in range(CHAIN):
        if wanted is None:
            break
        stored = find.golden_known_at(connection, wanted, at=asked.known_at, seq=asked.known_seq)
        wanted = stored.merged_into if stored else None
    return stored


def _seen(
    hub: Hub, connection: Connection, caller: Caller, stored: Stored, asked: When
) -> Stored | None:
    """What the caller may see of it: all, or the projection of its subscription."""
    if caller.subscription is None or caller.subscription not in hub.subscriptions:
        return stored
    subscription = hub.subscriptions[caller.subscription]
    held = find.published_one(connection, caller.subscription, stored.golden_id)
    if held is None:
        return None
    view = subscription.domains[stored.domain]
    if not DOMAINS[stored.domain].dated and not asked.past:
        return _with_record(stored, held[3])
    if asked.slices and view.shape is not Shape.SLICES:
        raise Refused("This subscription carries the current slice, not all of them.")
    known = _Version(stored)
    projected = project(subscription, stored.domain, known, asked.as_of)
    return _with_record(stored, msgspec.json.encode(projected).decode()) if projected else None


class _Version:
    """A stored version as projections read it."""

    __slots__ = ("golden_id", "merged_into", "record", "region", "status", "version")

    def __init__(self, stored: Stored) -> None:
        self.golden_id, self.version = stored.golden_id, stored.version
        self.status, self.region, self.merged_into = stored.status, stored.region, None
        self.record = msgspec.json.decode(stored.record)


def _with_record(stored: Stored, record: str) -> Stored:
    return Stored(
        stored.golden_id,
        stored.domain,
        stored.version,
        stored.status,
        stored.region,
        record,
        stored.lineage,
        stored.merged_into,
        stored.tx,
    )


def _all_seen(
    hub: Hub, connection: Connection, caller: Caller, stored: Sequence[Stored], asked: When
) -> list[Found]:
    seen = (_seen(hub, connection, caller, one, asked) for one in stored)
    return [_answer(one, asked, None) for one in seen if one is not None]


def _answer(stored: Stored, asked: When, redirected_from: str | None) -> Found:
    told = (stored.golden_id, stored.domain, stored.version, stored.status, stored.record)
    return found(told, asked, redirected_from)


def _stored_page(
    hub: Hub, connection: Connection, caller: Caller, wanted: tuple[Domain, Wish, str]
) -> list[Stored]:
    domain, wish, after = wanted
    keys = field_keys(hub, domain, wish.fields)
    if keys or caller.subscription is None:
        return find.page(connection, domain.name, keys, after, wish.limit + 1)
    ids = find.published_page(connection, caller.subscription, domain.name, after, wish.limit + 1)
    held = find.goldens_by_id(connection, ids)
    return [held[one] for one in ids]


def _crosswalk(connection: Connection, domain: Domain, source: str, source_key: str) -> str | None:
    wanted = [source_key]
    if source_key.isdecimal():
        wanted += [source_key.lstrip("0"), source_key.zfill(S4_KEY)]
    told = find.told_by_key(connection, domain.name, source, wanted)
    for key in wanted:
        if key in told:
            return told[key].golden_id
    if domain.dated:
        return find.first_slice(connection, domain.name, source, source_key)
    return None


def _known_fields(domain: Domain, wish: Wish) -> None:
    for name in wish.fields:
        if name not in domain.lookups:
            raise BadRequest(
                f"There is no search field {name!r} of {domain.path}; there are:"
                f" {', '.join(sorted(domain.lookups))}; and q, as_of, slices, limit, cursor.",
                field=name,
            )
    if wish.q is not None and wish.fields:
        raise BadRequest("Search by `q` or by fields, not by both.", field="q")


def _about(caller: Caller, domain: Domain, wish: Wish) -> str:
    """What a cursor belongs to: it opens no other list."""
    return msgspec.json.encode(
        [caller.subscription, domain.name, sorted(wish.fields.items())]
    ).decode()


def _closed(hub: Hub, last: str, about: str) -> str:
    return f"{last.partition('_')[2]}.{hub.keys.text_hash(f'{last} {about}')[:16]}"


def _opened(hub: Hub, cursor: str, about: str) -> str:
    number, _, mark = cursor.partition(".")
    for domain in DOMAINS.values():
        last = f"{domain.prefix}_{number}"
        if hub.keys.text_hash(f"{last} {about}")[:16] == mark:
            return last
    raise BadRequest("This cursor belongs to another list; start without one.", field="cursor")


def _words(domain: Domain) -> str:
    return domain.name.replace("_", " ")
