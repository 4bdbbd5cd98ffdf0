"""Looks golden records up: by id and by crosswalk key, now or as the hub once knew them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mdm.asking.answer import Found, When
from mdm.asking.sight import as_published, entitle, shown
from mdm.errors import NotFound
from mdm.model.domain import Domain
from mdm.people.rights import Caller, Right
from mdm.store import find, known
from mdm.store.database import Connection
from mdm.store.find import Stored
from mdm.store.hub import Hub
from mdm.store.known import Moment

CHAIN = 32
"""Merges that are followed in an earlier state of knowledge."""
S4_KEY = 10
"""Digits of a business partner's number, zeros in front included."""


def one(hub: Hub, caller: Caller, domain: Domain, golden_id: str, asked: When) -> Found:
    """The record under this id; a retired id answers the survivor. NotFound where there is none."""
    entitle(hub, caller, domain)
    with hub.database.read() as connection:
        found = _seen(hub, connection, caller, (domain, golden_id), asked)
    if found is None:
        raise NotFound(f"There is no {words(domain)} {golden_id!r}.")
    return found


def by_key(hub: Hub, caller: Caller, domain: Domain, key: tuple[str, str], asked: When) -> Found:
    """The record that a source's own key stands for, or stood for then."""
    entitle(hub, caller, domain)
    with hub.database.read() as connection:
        golden_id = _crosswalk(connection, domain, key, asked.moment)
        found = None
        if golden_id is not None:
            found = _seen(hub, connection, caller, (domain, golden_id), asked)
    if found is None:
        # The same words whether there is none or the caller may not see it.
        then = f" {asked.moment.words}" if asked.moment else ""
        raise NotFound(f"No {words(domain)} of source {key[0]!r} has the key {key[1]!r}{then}.")
    return found


def resolve(
    hub: Hub, caller: Caller, domain: Domain, keys: Sequence[tuple[str, str]]
) -> list[str | None]:
    """The golden ids that these (source, source key) pairs stand for, in their order."""
    entitle(hub, caller, domain)
    with hub.database.read() as connection:
        ids = [_crosswalk(connection, domain, key, None) for key in keys]
        if caller.may(Right.READ) or caller.subscription is None:
            return ids
        held = find.published_to(
            connection, caller.subscription, [one for one in ids if one is not None]
        )
    return [one if one in held else None for one in ids]


def current_id(connection: Connection, golden_id: str) -> str:
    """The id that answers for this one now; the id itself where it is not retired."""
    return find.answering_id(connection, golden_id) or golden_id


def following(
    connection: Connection, domain: Domain, golden_id: str, moment: Moment | None
) -> Stored:
    """The version now or then, merges followed as they stood; NotFound says what is missing."""
    stored = _now(connection, golden_id) if moment is None else _then(connection, golden_id, moment)
    if stored is not None and stored.domain == domain.name:
        return stored
    first = known.first_known(connection, golden_id) if moment is not None else None
    if moment is None or first is None or not golden_id.startswith(f"{domain.prefix}_"):
        raise NotFound(f"There is no {words(domain)} {golden_id!r}.")
    number = f" (transaction {first[1]})" if first[1] is not None else ", not numbered yet"
    raise NotFound(
        f"The hub did not know {words(domain)} {golden_id!r} {moment.words};"
        f" it knows it since {first[0]}{number}."
    )


def words(domain: Domain) -> str:
    """The domain in a sentence."""
    return domain.name.replace("_", " ")


def _seen(
    hub: Hub, connection: Connection, caller: Caller, wanted: tuple[Domain, str], asked: When
) -> Found | None:
    """The record as the caller sees it; None where it may not."""
    domain, golden_id = wanted
    held = as_published(hub, connection, caller, golden_id, asked)
    if held is not None and held.domain == domain.name:
        return held
    stored = following(connection, domain, golden_id, asked.moment)
    seen = shown(hub, connection, caller, [stored], asked)
    if not seen:
        return None
    if stored.golden_id == golden_id:
        return seen[0]
    return replace(seen[0], redirected_from=golden_id)


def _now(connection: Connection, golden_id: str) -> Stored | None:
    stored = find.golden_by_id(connection, golden_id)
    if stored is None or stored.merged_into is None:
        return stored
    return find.golden_by_id(connection, current_id(connection, golden_id))


def _then(connection: Connection, golden_id: str, moment: Moment) -> Stored | None:
    wanted: str | None = golden_id
    stored = None
    for _step in range(CHAIN):
        if wanted is None:
            break
        stored = known.golden_then(connection, wanted, moment)
        wanted = stored.merged_into if stored else None
    return stored


def _crosswalk(
    connection: Connection, domain: Domain, key: tuple[str, str], moment: Moment | None
) -> str | None:
    source, source_key = key
    wanted = [source_key]
    if source_key.isdecimal():
        wanted += [source_key.lstrip("0"), source_key.zfill(S4_KEY)]
    told = find.told_by_key(connection, domain.name, source, wanted)
    homes = {one: (told[one].id, told[one].golden_id) for one in wanted if one in told}
    found = list(homes.values())
    if not found and domain.dated:
        found = find.slices_of_code(connection, domain.name, source, source_key)
    if moment is None:
        return found[0][1] if found else None
    then = known.homes_then(connection, [number for number, _golden_id in found], moment)
    return next((then[number] for number, _golden_id in found if number in then), None)
