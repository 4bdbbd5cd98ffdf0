"""The people of the demo: a user per role, and a client that reads everything."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from mdm.people.clients import add_client
from mdm.people.users import add_user
from mdm.store.hub import Hub
from mdm.store.transaction import Act

USERS = {"stella": "steward", "alex": "approver", "ada": "admin", "audrey": "auditor"}


@dataclass(frozen=True, slots=True)
class DemoPeople:
    """Who can sign in to the demo, and the key for programs."""

    api_key: str
    users: list[dict[str, Any]]


def add_people(hub: Hub) -> DemoPeople:
    """Adds the demo's users, each with a fresh password and secret, and its reading client."""
    act = Act("people", "demo")
    users = [asdict(add_user(hub, act, name, [role])) for name, role in USERS.items()]
    return DemoPeople(add_client(hub, act, "demo", (["auditor"], [])).key, users)
