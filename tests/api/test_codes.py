"""Codes that nobody knew, over HTTP and on their page: mapped in bulk, with a reason."""

from __future__ import annotations

from typing import Any

from tests.api.test_workbench import signed_in, token
from tests.api.web import Web

ROWS = [
    {"id": f"C{n}", "name": f"{name} AG", "legal_entity": "1000", "payment_terms": "ZX9"}
    for n, name in enumerate(("Alba", "Borea", "Calyp"))
]
CODE = {"source": "csv", "domain": "supplier", "field": "payment_terms", "value": "ZX9"}


def tell(web: Web) -> None:
    assert web.post("/v1/sources/csv/suppliers", json=ROWS).status_code == 200


def terms(web: Web) -> str:
    record = web.get("/v1/suppliers/by/csv/C0").json["record"]
    return str(record["companies"][0]["payment_terms"])


def test_values_that_wait_are_told_with_counts_and_mapped(web: Web) -> None:
    tell(web)
    (one,) = web.get("/v1/codes?source=csv").json["results"]
    assert {**CODE, "count": 3}.items() <= one.items()
    said: dict[str, Any] = {"codes": [CODE | {"code": "NT30"}], "reason": "their customizing"}
    assert web.post("/v1/codes", "auditor", json=said).status_code == 403
    assert web.post("/v1/codes", json=said | {"reason": ""}).status_code == 422
    assert web.post("/v1/codes", json=said).json["changed"] == 3
    assert terms(web) == "NT30"
    assert web.get("/v1/codes").json["results"] == []


def test_their_page_maps_what_is_filled_in(lite: Web) -> None:
    tell(lite)
    page = "/workbench/codes"
    auditor, _user = signed_in(lite, "auditor")
    assert "Our code</th>" not in auditor.get(page).text
    assert "Codes nobody knows: 1" in auditor.get("/workbench/loads").text
    browser, _user = signed_in(lite, "steward")
    form = {**CODE, "token": token(browser, page), "code": "", "reason": "their customizing"}
    assert browser.post(page, data=form).status_code == 400
    answer = browser.post(page, data=form | {"code": "NT30"})
    assert "1 values are mapped; 3 records" in browser.get(answer.headers["Location"]).text
    assert terms(lite) == "NT30"
    assert "Every code is known" in browser.get(page).text
