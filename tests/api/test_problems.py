"""Every refusal is a problem of RFC 9457 with a stable code."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.web import Web

UNKNOWN = "sup_aaaaaaaaaaaaaaaaaaaaaa"
REFUSED = [
    ("GET", "/v1/suppliers", None, 401, "unauthenticated"),
    ("GET", "/v1/nonsense", "auditor", 404, "unknown_name"),
    ("GET", f"/v1/suppliers/{UNKNOWN}", "auditor", 404, "not_found"),
    ("GET", "/v1/suppliers/not an id", "auditor", 404, "not_found"),
    ("GET", "/v1/suppliers/by/csv/none", "auditor", 404, "not_found"),
    ("GET", f"/v1/suppliers/{UNKNOWN}/history", "auditor", 404, "not_found"),
    ("GET", "/v1/suppliers?colour=red", "auditor", 400, "bad_request"),
    ("GET", f"/v1/suppliers/{UNKNOWN}?colour=red", "auditor", 400, "bad_request"),
    ("GET", "/v1/suppliers?limit=501", "auditor", 400, "bad_request"),
    ("GET", "/v1/suppliers?as_of=tomorrow", "auditor", 400, "bad_request"),
    ("GET", f"/v1/suppliers/{UNKNOWN}?known_at=long ago", "auditor", 400, "bad_request"),
    ("GET", "/v1/suppliers?cursor=nonsense", "auditor", 400, "bad_request"),
    ("GET", "/v1/tasks", "subscriber", 403, "refused"),
    ("GET", "/v1/tasks/999999", "auditor", 404, "not_found"),
    ("POST", "/v1/sources/csv/suppliers", "auditor", 403, "refused"),
    ("POST", "/v1/sources/csv/suppliers", "steward", 400, "bad_request"),
    ("POST", "/v1/tasks/1/decision", "steward", 422, "invalid"),
    ("DELETE", "/v1/suppliers", "auditor", 405, "method_not_allowed"),
    ("GET", "/nowhere", None, 404, "not_found"),
]


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: " ".join(map(str, refused)))
def test_a_refusal_is_a_problem(lite: Web, refused: tuple[str, str, str | None, int, str]) -> None:
    method, path, role, status, code = refused
    headers = {"Authorization": f"Bearer {lite.keys[role]}"} if role else {}
    more: dict[str, Any] = {"json": {"colour": "red"}} if "decision" in path else {}
    if path.startswith("/v1/sources"):
        more = {"data": "{", "content_type": "application/json"}
    answer = lite.client.open(path, method=method, headers=headers, **more)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert (answer.json["status"], answer.json["code"]) == (status, code)
    assert answer.json["correlationid"] == answer.headers["X-Correlation-ID"]
    assert answer.json["detail"] and answer.json["title"]


def test_an_unknown_query_field_is_told_the_known_ones(lite: Web) -> None:
    said = lite.get("/v1/suppliers?colour=red").json
    assert said["errors"][0]["pointer"] == "#/colour"
    assert "postcode" in said["detail"]


def test_a_wrong_body_names_the_place_of_each_fault(lite: Web) -> None:
    said = lite.post("/v1/tasks/1/decision", json={"decision": "maybe"}).json
    assert said["errors"][0]["pointer"] == "#/decision"
    assert "same" in said["errors"][0]["message"]


def test_a_body_that_is_too_large_is_refused(lite: Web) -> None:
    answer = lite.post("/v1/sources/csv/suppliers", data=b"[" + b" " * (16 * 1024 * 1024) + b"]")
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


def test_correlation_and_trace_are_taken_in_and_given_out(lite: Web) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    headers = {"X-Correlation-ID": "order-17", "traceparent": trace}
    answer = lite.get("/v1/suppliers", headers=headers)
    assert answer.headers["X-Correlation-ID"] == "order-17"
    assert answer.headers["traceparent"].split("-")[1] == trace.split("-")[1]
    assert answer.headers["traceparent"] != trace


@pytest.mark.parametrize("path", ["/v1/resolve", "/v1/sources/csv/suppliers"])
def test_a_body_of_another_kind_is_told_what_to_send(lite: Web, path: str) -> None:
    answer = lite.post(path, data="id,name", content_type="text/csv")
    assert (answer.status_code, answer.json["code"]) == (415, "wrong_media_type")
    assert "application/json" in answer.json["detail"]


@pytest.mark.parametrize("path", ["/v1/resolve", "/v1/sources/csv/suppliers"])
@pytest.mark.parametrize("body", ["nonsense", "[" * 100_000, ""])
def test_a_body_that_is_no_json_is_refused_in_words(lite: Web, path: str, body: str) -> None:
    answer = lite.post(path, data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer.json["detail"] not in ("", "Bad Request")


def test_a_body_that_is_a_list_is_told_that_an_object_is_wanted(lite: Web) -> None:
    said = lite.post("/v1/resolve", json=[1]).json
    assert said["errors"] == [
        {"pointer": "#", "code": "invalid", "message": "The body is a JSON object."}
    ]
