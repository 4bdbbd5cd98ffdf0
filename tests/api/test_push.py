"""Pushed records: one answer each; the same request gets the same answer."""

from __future__ import annotations

import pytest

from mdm.store import outbox, people
from mdm.store.sequencer import sequence
from tests.api.web import Web

PATH = "/v1/sources/csv/suppliers"
ROWS = [
    {"id": "P1", "name": "Kupfer & Sohn KG", "country": "DE"},
    {"name": "Without a key AG"},
]


def test_each_record_gets_its_answer(web: Web) -> None:
    first, second = web.post(PATH, "pusher", json=ROWS).json["results"]
    assert (first["outcome"], first["source_key"]) == ("accepted", "P1")
    assert web.get("/v1/suppliers/by/csv/P1").json["golden_id"] == first["golden_id"]
    assert second["outcome"] == "rejected"
    assert second["reason"]


def test_a_field_that_nothing_reads_is_named_in_the_answer(web: Web) -> None:
    known, more = web.post(PATH, json=[ROWS[0], ROWS[0] | {"id": "P7", "vibe": "good"}]).json[
        "results"
    ]
    assert known["findings"] == []
    (said,) = more["findings"]
    assert "vibe" in said
    assert "name" not in said


def test_json_lines_are_taken_too(web: Web) -> None:
    body = b'{"id":"P3","name":"Ostsee Handel","country":"DE"}\n\n{"id":"P4","name":"West AG"}\n'
    answer = web.post(PATH, data=body, content_type="application/x-ndjson")
    assert [one["source_key"] for one in answer.json["results"]] == ["P3", "P4"]


def test_the_same_key_gets_the_same_answer_and_pushes_nothing_twice(web: Web) -> None:
    headers = {"Idempotency-Key": '"8e03978e"'}
    first = web.post(PATH, json=ROWS[:1], headers=headers)
    again = web.post(PATH, json=ROWS[:1], headers={"Idempotency-Key": "8e03978e"})
    assert again.data == first.data
    assert first.json["results"][0]["outcome"] == "accepted"
    other = web.post(PATH, json=ROWS, headers=headers)
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")


def test_without_a_key_the_same_record_is_unchanged(web: Web) -> None:
    web.post(PATH, json=ROWS[:1])
    assert web.post(PATH, json=ROWS[:1]).json["results"][0]["outcome"] == "unchanged"


def test_a_change_that_comes_before_its_record_is_invalid_until_the_name_is_told(web: Web) -> None:
    web.post(PATH, json=[{"id": "P5", "city": "Bonn"}])
    told = web.get("/v1/suppliers/by/csv/P5").json["validity"]
    assert [one["code"] for one in told["reasons"]] == ["incomplete"]
    web.post(PATH, json=[{"id": "P5", "name": "Late AG", "country": "DE"}])
    assert web.get("/v1/suppliers/by/csv/P5").json["validity"] == {"valid": True, "reasons": []}


def test_the_event_of_a_push_carries_the_trace_it_came_in(web: Web) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answer = web.post(PATH, json=ROWS[:1], headers={"traceparent": trace})
    sequence(web.hub.database, "test")
    with web.hub.database.read() as connection:
        due = outbox.due_by_subscriber(connection, "9999", 1_000)
    golden_id = answer.json["results"][0]["golden_id"]
    events = [row for row in due if row.golden_id == golden_id]
    assert events
    assert {row.traceparent for row in events} == {answer.headers["traceparent"]}
    assert {row.correlation_id for row in events} == {answer.headers["X-Correlation-ID"]}


def test_an_answer_is_kept_with_what_it_tells_of(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise SystemExit("killed between the commit and the answer")

    headers = {"Idempotency-Key": "one"}
    with monkeypatch.context() as patched:
        patched.setattr(people, "end_request", killed)
        with pytest.raises(SystemExit):
            web.post(PATH, json=ROWS[:1], headers=headers)
    (again,) = web.post(PATH, json=ROWS[:1], headers=headers).json["results"]
    assert again["outcome"] == "accepted"


def test_a_line_that_is_no_json_is_named(web: Web) -> None:
    answer = web.post(PATH, data=b'{"id":"P3"}\n{"id":', content_type="application/x-ndjson")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")
    assert "Line 2" in answer.json["detail"]


def test_a_domain_that_a_source_does_not_push_is_named_with_those_it_does(web: Web) -> None:
    answer = web.post("/v1/sources/netsuite/projects", json=ROWS)
    assert answer.status_code == 404
    assert answer.json["detail"] == "Source 'netsuite' pushes no projects; it pushes: suppliers."


def test_the_domains_of_the_addresses_are_named_where_one_is_unknown(web: Web) -> None:
    assert "cost-centers" in web.get("/v1/costcenters").json["detail"]
