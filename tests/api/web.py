"""A hub served in the test's own process, with records, questions, and a key for every role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient

from api.app import create_app
from mdm.people.clients import add_client
from mdm.push import push
from mdm.store.hub import Hub
from mdm.store.transaction import Act

SUPPLIERS = [
    {
        "id": "0000000042",
        "name": "Zephyr Textilwerke GmbH",
        "country": "DE",
        "street": "Hafenstrasse 12",
        "city": "Hamburg",
        "postcode": "20457",
        "vat_number": "DE136695976",
        "iban": "DE89370400440532013000",
    },
    {"id": "a/b", "name": "Quintus Papier AG", "country": "CH", "city": "Bern"},
]
TAX_CODES: list[dict[str, str | None]] = [
    {
        "code": "V1",
        "scope": "DE",
        "country": "DE",
        "name": "Input tax",
        "tax_type": "input",
        "rate": rate,
        "valid_from": start,
        "valid_to": end,
    }
    for rate, start, end in (("16", "2020-07-01", "2021-01-01"), ("19", "2021-01-01", None))
]
STEMS = ("Albatros", "Borealis", "Calypso", "Drachenfels", "Eulenspiegel", "Falkenstein")


def alike() -> list[dict[str, str]]:
    """Pairs of suppliers that are alike, but not so alike that the rules join them all."""
    rows = []
    for number, stem in enumerate(STEMS):
        one = {"id": f"L{number}", "name": f"{stem} Maschinenbau GmbH", "country": "DE"}
        other = {"id": f"R{number}", "name": f"{stem} Maschinenbau AG", "country": "DE"}
        rows.append({**one, "city": "Hamburg", "postcode": "20457", "street": "Hafenstrasse 12"})
        rows.append({**other, "city": "Hamburg", "postcode": "20459", "street": f"Kai {number}"})
    return rows


@dataclass(slots=True)
class Web:
    """The application with its hub; `get` and `post` ask as the holder of a role."""

    hub: Hub
    client: FlaskClient
    keys: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, role: str | None = "auditor", **more: Any) -> Any:
        """A GET with the key of a role; None: without a key."""
        return self.client.get(path, headers=self._headers(role, more.pop("headers", {})), **more)

    def post(self, path: str, role: str | None = "steward", **more: Any) -> Any:
        """A POST with the key of a role; None: without a key."""
        return self.client.post(path, headers=self._headers(role, more.pop("headers", {})), **more)

    def _headers(self, role: str | None, more: Mapping[str, str]) -> dict[str, str]:
        return {**({"Authorization": f"Bearer {self.keys[role]}"} if role else {}), **more}


def serve(hub: Hub) -> Web:
    """The hub with a few records, served."""
    act = Act("push", "test")
    push(hub, "csv", "supplier", SUPPLIERS, act)
    push(hub, "csv", "tax_code", TAX_CODES, act)
    push(hub, "csv", "supplier", alike(), act)
    web = Web(hub, create_app(hub).test_client())
    people = Act("people", "test")
    for role in ("steward", "approver", "admin", "auditor"):
        web.keys[role] = add_client(hub, people, role, ([role], [])).key
    web.keys["subscriber"] = add_client(hub, people, "subscriber", ([], []), "coupa").key
    web.keys["pusher"] = add_client(hub, people, "pusher", ([], ["push:csv"])).key
    return web
