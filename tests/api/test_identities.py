"""One golden record, many keys: each subscriber finds that of the legal entity it books in."""

from __future__ import annotations

from typing import Any

import pytest

from mdm.push import push
from mdm.store.transaction import Act
from tests.api.web import Web

VAT = {"name": "Quadriga Papier GmbH", "country": "DE", "vat_number": "DE129273398"}


@pytest.fixture
def golden_id(web: Web) -> str:
    """A supplier that three vendor numbers stand for: of two legal entities, and of none."""
    rows = [
        {"id": "100", **VAT, "legal_entity": "1000", "payment_terms": "NT30"},
        {"id": "200", **VAT, "legal_entity": "2000"},
        {"id": "300", **VAT},
    ]
    told = push(web.hub, "csv", "supplier", rows, Act("push", "test"))
    assert len({one.golden_id for one in told}) == 1
    return str(told[0].golden_id)


def keys(web: Web, golden_id: str, role: str, query: str = "") -> list[tuple[str, list[str]]]:
    answer = web.get(f"/v1/suppliers/{golden_id}/identities{query}", role)
    assert answer.status_code == 200, answer.text
    assert answer.json["golden_id"] == golden_id
    return [(one["source_key"], one["legal_entities"]) for one in answer.json["keys"]]


def test_each_legal_entity_has_its_key(web: Web, golden_id: str) -> None:
    every = [("100", ["1000"]), ("200", ["2000"]), ("300", [])]
    assert keys(web, golden_id, "auditor") == every
    assert keys(web, golden_id, "auditor", "?legal_entity=2000") == every[1:2]
    assert keys(web, golden_id, "subscriber", "?legal_entity=1000") == every[:1]
    assert keys(web, golden_id, "subscriber") == every[:2]
    assert keys(web, golden_id, "subscriber", "?legal_entity=3000") == []


def test_a_record_outside_the_subscription_has_no_keys(web: Web) -> None:
    row: dict[str, Any] = {"id": "900", "name": "Once AG", "country": "CH", "one_time": "true"}
    told = push(web.hub, "csv", "supplier", [row], Act("push", "test"))
    path = f"/v1/suppliers/{told[0].golden_id}/identities"
    assert web.get(path, "auditor").status_code == 200
    assert web.get(path, "subscriber").status_code == 404


def test_a_code_is_booked_in_its_legal_entity(lite: Web) -> None:
    center = {"code": "47", "controlling_area": "A1", "name": "Lager", "legal_entity": "1000"}
    told = push(lite.hub, "csv", "cost_center", [center], Act("push", "test"))
    found = lite.get(f"/v1/cost-centers/{told[0].golden_id}/identities", "subscriber").json
    assert [one["legal_entities"] for one in found["keys"]] == [["1000"]]
