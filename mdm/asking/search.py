"""Searches by hashed values and match keys: bounded, typo-tolerant for names, never in JSON."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from matching.online import prepare
from mdm.model.domain import Domain
from mdm.model.field import Child, Field, Privacy
from mdm.publication.subscription import Subscription
from mdm.store import find
from mdm.store.database import Connection
from mdm.store.find import Stored
from mdm.store.hub import Hub
from mdm.store.search_keys import name_words, search_key, word_key

WORDS = 8
"""Words of a search that are looked up one by one."""
Places = Mapping[str, tuple[Child | None, Field]]
"""Where the values of search fields stand, by the name a query gives them."""


def searched(domain: Domain, subscription: Subscription | None) -> Places:
    """What may be searched by: of a subscription only what it sees, for a search tells values."""
    if subscription is None:
        return domain.searched
    view = subscription.domains.get(domain.name)
    if view is None:
        return {}
    inner = {name: fields for name, fields in view.children if name not in view.withheld}
    return {
        name: (child, field)
        for name, (child, field) in domain.searched.items()
        if field.name in (view.fields if child is None else inner.get(child.name, ()))
    }


def field_keys(hub: Hub, domain: Domain, fields: Mapping[str, str]) -> list[set[int]]:
    """For every field the keys under which its value may stand."""
    country = fields.get("country")
    return [
        _keys(hub, domain, domain.searched[name][1], value, country)
        for name, value in fields.items()
    ]


def _keys(hub: Hub, domain: Domain, field: Field, value: str, country: str | None) -> set[int]:
    told: object = value
    if field.privacy is Privacy.PROTECTED:
        told = {"fingerprint": hub.keys.fingerprint("".join(value.split()).upper())}
    # How a value is compared may depend on its country, which the caller need not know.
    countries = {country, None, value[:2].upper() if value[:2].isalpha() else None}
    secret = hub.keys.match_secret
    return {search_key(secret, domain.name, field, told, one) for one in countries}


def candidates(
    hub: Hub,
    connection: Connection,
    domain: Domain,
    words: tuple[str, int],
    subscription: Subscription | None = None,
) -> list[Stored]:
    """At most so many records that the words may mean: by id, key, a field's value, alike names."""
    said, limit = words
    said = said.strip()
    found: dict[str, Stored] = {}
    if not said:
        return []
    _add(found, [find.golden_by_id(connection, said)], domain)
    places = searched(domain, subscription)
    for field in {field.name: field for _child, field in places.values()}.values():
        keys = _keys(hub, domain, field, said, None)
        _add(found, find.page(connection, domain.name, [keys], "", limit), domain)
    for source in hub.sources:
        ids = find.golden_ids_by_key_start(connection, domain.name, source, said, limit)
        _add(found, list(find.goldens_by_id(connection, ids).values()), domain)
    if "name" in places and len(found) < limit:
        _add(found, _with_words(hub, connection, domain, said, limit), domain)
    rules = hub.rules.get(domain.name)
    if rules is not None and "name" in places and len(found) < limit:
        keys = set(prepare({"name": said}, rules).keys)
        alike = find.goldens_by_match_key(connection, domain.name, keys, limit)
        _add(found, alike, domain)
    return list(found.values())[:limit]


def _with_words(
    hub: Hub, connection: Connection, domain: Domain, said: str, limit: int
) -> list[Stored | None]:
    """Records in whose names all these words stand, one of them the word that tells most."""
    field = domain.by_name.get("name")
    if field is None or field.match != "name":
        return []
    words = dict.fromkeys(name_words(field, said))
    found: list[Stored | None] = []
    for word in list(words)[:WORDS]:
        key = word_key(hub.keys.match_secret, domain.name, field, word)
        for one in find.page(connection, domain.name, [{key}], "", limit):
            name = msgspec.json.decode(one.record).get("name") or ""
            if words.keys() <= set(name_words(field, name)):
                found.append(one)
    return found


def _add(
    found: dict[str, Stored], stored: list[Stored | None] | list[Stored], domain: Domain
) -> None:
    for one in stored:
        if one is not None and one.domain == domain.name and one.merged_into is None:
            found.setdefault(one.golden_id, one)
