"""Lists golden records in pages: all, or those with given values, now or as once known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import msgspec

from mdm.asking.answer import Found, When
from mdm.asking.search import Places, candidates, field_keys, searched
from mdm.asking.sight import entitle, show, shown, subscription_of
from mdm.asking.validity import Judged, judge
from mdm.domains import DOMAINS
from mdm.errors import BadRequest
from mdm.model.domain import Domain
from mdm.people.rights import Caller
from mdm.store import find, known
from mdm.store.database import Connection
from mdm.store.find import Stored
from mdm.store.hub import Hub
from mdm.store.search_keys import search_keys

GONE = ("merged", "erased")
MOST = 500
DEFAULT = 50


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


@dataclass(frozen=True, slots=True)
class Search:
    """What a list is made of: the records of a domain that have these keys."""

    hub: Hub
    connection: Connection
    domain: Domain
    keys: list[set[int]]
    """For every field asked for, the keys its value may stand under."""
    asked: When
    subscriber: str | None


def page(hub: Hub, caller: Caller, domain: Domain, wish: Wish, asked: When) -> Page:
    """Living records that have all the given values, a page in the order of their ids.

    A dated record has a value if its slice of the day has it; where it has none that day, if any.
    """
    entitle(hub, caller, domain)
    subscription = subscription_of(hub, caller)
    _known_fields(searched(domain, subscription), domain, wish, asked)
    about = _about(caller, domain, wish, asked)
    after = _opened(hub, wish.cursor, about) if wish.cursor else ""
    with hub.database.read() as connection:
        if wish.q is not None:
            words = (wish.q, min(wish.limit, DEFAULT))
            stored = candidates(hub, connection, domain, words, subscription)
            return Page(shown(hub, connection, caller, stored, asked), None)
        keys = field_keys(hub, domain, wish.fields)
        subscriber = caller.subscription if subscription else None
        search = Search(hub, connection, domain, keys, asked, subscriber)
        judged = list(islice(_fitting(search, after, wish.limit + 1), wish.limit + 1))
        results = show(hub, connection, caller, judged[: wish.limit], asked)
    more = len(judged) > wish.limit
    last = judged[wish.limit - 1][0].golden_id if more else ""
    return Page(results, _closed(hub, last, about) if more else None)


def _fitting(search: Search, after: str, size: int) -> Iterator[tuple[Stored, Judged]]:
    """Records behind an id that fit the search, read so many at a time."""
    last: str | None = after
    while last is not None:
        found, last = _portion(search, last, size)
        stored = _entitled(search, found)
        judged = judge(search.hub, search.connection, stored, search.asked)
        for one, said in zip(stored, judged, strict=True):
            if _has_values(search, one, said):
                yield one, said


def _portion(search: Search, after: str, size: int) -> tuple[list[Stored], str | None]:
    """At most so many living records behind an id, and where the next ones begin; None: no more."""
    connection, domain, moment = search.connection, search.domain, search.asked.moment
    if moment is not None and not search.keys:
        stored = known.page_then(connection, (domain.name, domain.prefix), after, size, moment)
    elif moment is None and search.subscriber is None:
        stored = find.page(connection, domain.name, search.keys, after, size)
    else:
        if moment is not None:
            ids = known.ids_under_keys(connection, domain.name, search.keys, after, size)
            held = known.goldens_then(connection, ids, moment)
        else:
            ids = _published(search, after, size)
            held = find.goldens_by_id(connection, ids)
        stored = [held[one] for one in ids if one in held and held[one].status not in GONE]
        return stored, ids[-1] if len(ids) == size else None
    return stored, stored[-1].golden_id if len(stored) == size else None


def _published(search: Search, after: str, size: int) -> list[str]:
    subscriber, domain = str(search.subscriber), search.domain.name
    if not search.keys:
        return find.published_page(search.connection, subscriber, domain, after, size)
    held_by = (subscriber, domain)
    return find.published_under_keys(search.connection, held_by, search.keys, after, size)


def _entitled(search: Search, stored: list[Stored]) -> list[Stored]:
    """Those that the subscriber holds: a cursor, too, tells of no other."""
    if search.subscriber is None:
        return stored
    ids = [one.golden_id for one in stored]
    held = find.published_to(search.connection, search.subscriber, ids)
    return [one for one in stored if one.golden_id in held]


def _has_values(search: Search, stored: Stored, judged: Judged) -> bool:
    """Whether what is served has the values; the index tells it of all slices and versions."""
    by_day = search.domain.dated and not search.asked.slices
    if not search.keys or (search.asked.moment is None and not by_day):
        return True
    state = judged.state if by_day else None
    if state is None:
        state = msgspec.json.decode(stored.record)
    own = search_keys(search.hub.keys.match_secret, search.domain, state)
    return all(own & some for some in search.keys)


def _known_fields(places: Places, domain: Domain, wish: Wish, asked: When) -> None:
    for name in wish.fields:
        if name not in places:
            raise BadRequest(
                f"There is no search field {name!r} of {domain.path}; there are:"
                f" {', '.join(sorted(places))}; and q, as_of, known_at, slices, limit,"
                " cursor.",
                field=name,
            )
    if wish.q is not None and wish.fields:
        raise BadRequest("Search by `q` or by fields, not by both.", field="q")
    if wish.q is not None and asked.past:
        raise BadRequest(
            "`q` searches what the hub knows now; with `known_at`, search by fields.", field="q"
        )


def _about(caller: Caller, domain: Domain, wish: Wish, asked: When) -> str:
    """What a cursor belongs to: it opens no other list."""
    fields = sorted(wish.fields.items())
    return msgspec.json.encode([caller.subscription, domain.name, fields, asked.text]).decode()


def _closed(hub: Hub, last: str, about: str) -> str:
    return f"{last.partition('_')[2]}.{hub.keys.text_hash(f'{last} {about}')[:16]}"


def _opened(hub: Hub, cursor: str, about: str) -> str:
    number, _, mark = cursor.partition(".")
    for domain in DOMAINS.values():
        last = f"{domain.prefix}_{number}"
        if hub.keys.text_hash(f"{last} {about}")[:16] == mark:
            return last
    raise BadRequest("This cursor belongs to another list; start without one.", field="cursor")
