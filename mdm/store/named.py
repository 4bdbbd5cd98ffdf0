"""Finds golden records by the names that others refer to them by, now or as once known."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import Connection

from mdm.domains import DOMAINS
from mdm.model.domain import Domain
from mdm.records import Document
from mdm.store.find import Stored
from mdm.store.known import Moment, goldens_by_key
from mdm.store.search_keys import search_key

Name = tuple[str, str]
"""A record as others refer to it: (domain, code as told)."""


def living_by_name(
    connection: Connection, secret: bytes, names: Collection[Name], moment: Moment | None
) -> dict[Name, list[Stored]]:
    """The living golden records under each name, whatever their scopes, in the order of ids."""
    keys = {name: code_key(secret, DOMAINS[name[0]], name[1]) for name in names}
    under: dict[int, list[Stored]] = {}
    for key, stored in goldens_by_key(connection, set(keys.values()), moment):
        if stored.merged_into is None and stored.status != "erased":
            under.setdefault(key, []).append(stored)
    found: dict[Name, list[Stored]] = {}
    for name, key in keys.items():
        living = sorted(under.get(key, ()), key=lambda one: one.golden_id)
        # An earlier version may have had the code that this one has no more.
        found[name] = [one for one in living if moment is None or _has_code(secret, one, key)]
    return found


def code_key(secret: bytes, domain: Domain, told: str) -> int:
    """The search key of a code."""
    return search_key(secret, domain.name, domain.by_name[domain.code[-1]], told, None)


def in_scope(domain: Domain, slices: Sequence[Document], state: Document) -> bool:
    """Whether a code's scope is the one that the referring state tells, where both tell one."""
    own = slices[-1] if slices else {}
    return all(
        not state.get(name) or not own.get(name) or state[name] == own[name]
        for name in domain.code[:-1]
    )


def _has_code(secret: bytes, stored: Stored, key: int) -> bool:
    domain = DOMAINS[stored.domain]
    told = (state.get(domain.code[-1]) for state in msgspec.json.decode(stored.record)["slices"])
    return any(code_key(secret, domain, str(code)) == key for code in told if code)
