"""Who may do what: every route of the contract against every kind of caller."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.web import Web

CALLERS = ("steward", "approver", "admin", "auditor", "subscriber", "pusher")
READERS = {"steward", "approver", "admin", "auditor"}
MAY = {
    ("GET", "/v1/suppliers"): READERS | {"subscriber"},
    ("GET", "/v1/suppliers/by/csv/42"): READERS | {"subscriber"},
    ("GET", "/v1/suppliers/{golden_id}"): READERS | {"subscriber"},
    ("GET", "/v1/suppliers/{golden_id}/history"): READERS,
    ("GET", "/v1/suppliers/{golden_id}/lineage"): READERS,
    ("GET", "/v1/suppliers/{golden_id}/crosswalk"): READERS,
    ("GET", "/v1/suppliers/{golden_id}/identities"): READERS | {"subscriber"},
    ("GET", "/v1/suppliers/{golden_id}/sources"): READERS,
    ("GET", "/v1/suppliers/{golden_id}/links"): READERS,
    ("GET", "/v1/suppliers/{golden_id}/difference?from=1&to=1"): READERS,
    ("POST", "/v1/suppliers/match"): READERS,
    ("GET", "/v1/suppliers/explain?left=csv:L0&right=csv:R0"): READERS,
    ("GET", "/v1/suppliers/rules"): READERS,
    ("POST", "/v1/suppliers/rules/bar"): {"approver", "admin"},
    ("POST", "/v1/suppliers/rules/release"): {"approver", "admin"},
    ("POST", "/v1/suppliers/rules/drop"): {"approver", "admin"},
    ("GET", "/v1/loads"): READERS,
    ("GET", "/v1/codes"): READERS,
    ("POST", "/v1/codes"): {"steward", "admin"},
    ("POST", "/v1/loads/7/release"): {"steward", "approver"},
    ("POST", "/v1/loads/7/drop"): {"steward", "approver"},
    ("GET", "/v1/suppliers/placeholders"): READERS,
    ("POST", "/v1/suppliers/placeholders"): {"approver", "admin"},
    ("POST", "/v1/suppliers/placeholders/release"): {"approver", "admin"},
    ("POST", "/v1/resolve"): READERS | {"subscriber"},
    ("GET", "/v1/audit"): {"auditor"},
    ("GET", "/v1/tasks"): READERS,
    ("GET", "/v1/tasks/{task}"): READERS,
    ("POST", "/v1/tasks/{task}/decision"): {"steward"},
    ("POST", "/v1/sources/csv/suppliers"): {"steward", "admin", "pusher"},
    ("POST", "/v1/sources/coupa/suppliers"): {"steward", "admin"},
}
OPEN = ("/health", "/ready", "/openapi.json", "/docs", "/metrics")
BODIES = {
    "/v1/resolve": {"keys": [{"domain": "supplier", "source": "csv", "key": "42"}]},
    "/v1/suppliers/rules/bar": {"auto_link": "probability", "reason": "test"},
    "/v1/suppliers/rules/release": {"reason": "test"},
    "/v1/suppliers/rules/drop": {"reason": "test"},
    "/v1/codes": {
        "codes": [
            {"source": "csv", "domain": "supplier", "field": "country", "value": "x", "code": "NO"}
        ],
        "reason": "test",
    },
    "/v1/loads/7/release": {"reason": "test"},
    "/v1/loads/7/drop": {"reason": "test"},
    "/v1/suppliers/placeholders": {"field": "phone", "value": "0431 555", "reason": "test"},
    "/v1/suppliers/placeholders/release": {"field": "phone", "value": "0431", "reason": "test"},
    "/v1/suppliers/match": {"records": [{"name": "Zephyr"}]},
    "/v1/tasks/{task}/decision": {"decision": "same"},
}


@pytest.mark.parametrize(("method", "path"), MAY)
def test_a_route_answers_those_who_may_and_refuses_the_others(
    lite: Web, method: str, path: str
) -> None:
    found = lite.get("/v1/suppliers/by/csv/42").json
    task = lite.get("/v1/tasks").json["results"][0]["id"]
    where = path.format(golden_id=found["golden_id"], task=task)
    body = BODIES.get(path, [{"id": "n", "name": "Neu AG"}])
    for caller in CALLERS:
        headers = {"Authorization": f"Bearer {lite.keys[caller]}"}
        more: dict[str, Any] = {"json": body} if method == "POST" else {}
        answer = lite.client.open(where, method=method, headers=headers, **more)
        assert (answer.status_code == 403) == (caller not in MAY[method, path]), caller
        assert answer.status_code != 401
    unknown = {"Authorization": "Bearer mdm_nobody"}
    for headers in ({}, unknown):
        more = {"json": body} if method == "POST" else {}
        answer = lite.client.open(where, method=method, headers=headers, **more)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", OPEN)
def test_what_is_open_needs_no_key(lite: Web, path: str) -> None:
    assert lite.client.get(path).status_code == 200
