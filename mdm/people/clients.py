"""Programs that ask the hub: each holds one key, shown once and kept as its hash."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from mdm.errors import BadRequest, UnknownName
from mdm.people.rights import Caller, known_roles
from mdm.store import people
from mdm.store.hub import Hub
from mdm.store.transaction import Act

PREFIX = "mdm_"
KEY_BYTES = 32
HINT = 10
"""Characters of a key that are kept, so that people can tell keys apart."""


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client and its key, which is nowhere else."""

    client: str
    key: str


def add_client(
    hub: Hub,
    act: Act,
    name: str,
    rights: tuple[list[str], list[str]],
    subscription: str | None = None,
) -> NewClient:
    """Adds a client with (roles, scopes); its key is shown this once."""
    roles, scopes = rights
    if subscription is not None and subscription not in hub.subscriptions:
        raise UnknownName.among("subscription", subscription, list(hub.subscriptions))
    for scope in scopes:
        if scope != "push" and scope.removeprefix("push:") not in hub.sources:
            known = ["push", *(f"push:{source}" for source in hub.sources)]
            raise UnknownName.among("scope", scope, known)
    if not (subscription or roles or scopes):
        raise BadRequest(
            f"Client {name!r} could do nothing: give it --subscription, --role or --scope."
        )
    key = PREFIX + secrets.token_urlsafe(KEY_BYTES)
    values = {
        "name": name,
        "key_hash": hash_of(key),
        "key_hint": key[:HINT],
        "subscription": subscription,
        "roles": msgspec.json.encode(sorted(known_roles(roles))).decode(),
        "scopes": msgspec.json.encode(sorted(scopes)).decode(),
    }
    people.add_client(hub.database, act, values)
    return NewClient(name, key)


def hash_of(key: str) -> bytes:
    """A key as it is kept; a plain hash is enough for 256 random bits."""
    return sha256(key.encode()).digest()


def caller_of_key(hub: Hub, key: str) -> Caller | None:
    """The client that holds this key; None where there is none."""
    with hub.database.read() as connection:
        found = people.client_by_key(connection, hash_of(key))
    return Caller(found.name, found.roles, found.subscription, found.scopes) if found else None
