"""Tasks over HTTP: read with a version, answered with If-Match, effective at once."""

from __future__ import annotations

from tests.api.web import Web


def first_task(web: Web) -> dict[str, object]:
    """The oldest open possible duplicate."""
    found = web.get("/v1/tasks?kind=possible_duplicate").json["results"]
    assert found, "the sample pairs open no task any more"
    return dict(found[0])


def test_a_decision_needs_the_version_it_is_based_on(web: Web) -> None:
    path = f"/v1/tasks/{first_task(web)['id']}"
    body = {"decision": "same"}
    assert web.post(f"{path}/decision", json=body).status_code == 428
    stale = web.post(f"{path}/decision", json=body, headers={"If-Match": '"99"'})
    assert (stale.status_code, stale.json["code"]) == (412, "stale_version")


def test_same_joins_the_records_and_closes_the_task(web: Web) -> None:
    task = first_task(web)
    path = f"/v1/tasks/{task['id']}"
    etag = web.get(path).headers["ETag"]
    body = {"decision": "same", "reason": "one company"}
    done = web.post(f"{path}/decision", json=body, headers={"If-Match": etag})
    assert done.status_code == 200, done.text
    assert len(done.json["golden_ids"]) == 1
    closed = web.get(path).json
    assert (closed["state"], closed["closed_as"]) == ("closed", "same")
    again = web.get(path).headers["ETag"]
    twice = web.post(f"{path}/decision", json=body, headers={"If-Match": again})
    assert (twice.status_code, twice.json["code"]) == (409, "conflict")


def test_different_keeps_the_records_apart(web: Web) -> None:
    task = first_task(web)
    path = f"/v1/tasks/{task['id']}"
    etag = web.get(path).headers["ETag"]
    body = {"decision": "different"}
    done = web.post(f"{path}/decision", json=body, headers={"If-Match": etag})
    assert len(done.json["golden_ids"]) == 2
    assert task["id"] not in [one["id"] for one in web.get("/v1/tasks").json["results"]]


def test_tasks_come_in_pages(web: Web) -> None:
    whole = [one["id"] for one in web.get("/v1/tasks").json["results"]]
    page = web.get("/v1/tasks?limit=1").json
    rest = web.get(f"/v1/tasks?cursor={page['next']}").json if page["next"] else {"results": []}
    assert [page["results"][0]["id"], *(one["id"] for one in rest["results"])] == whole
