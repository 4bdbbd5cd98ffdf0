"""Overrides, merge and unmerge over HTTP and on the page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.api.test_workbench import signed_in, token
from tests.api.web import SUPPLIERS, Web
from tests.mdm.laws.world import counts


def record(web: Web, key: str = "42") -> dict[str, Any]:
    """A supplier by its key in the plain source."""
    return dict(web.get(f"/v1/suppliers/by/csv/{key}").json)


def act(web: Web, one: dict[str, Any], what: str, body: dict[str, Any], **more: Any) -> Any:
    """A POST on the record, based on its version."""
    headers = {"If-Match": more.pop("match", f'"{one["version"]}"')}
    path = f"/v1/suppliers/{one['golden_id']}/{what}"
    return web.post(path, more.pop("role", "steward"), json=body, headers=headers)


def test_a_value_set_by_a_person_is_served_explained_and_taken_back(web: Web) -> None:
    one = record(web)
    body = {"field": "name", "value": "Zephyr Group SE", "reason": "renamed, register of 3 March"}
    done = act(web, one, "overrides", body)
    assert done.status_code == 200, done.text
    path = f"/v1/suppliers/{one['golden_id']}"
    assert web.get(path).json["record"]["name"] == "Zephyr Group SE"
    why = web.get(f"{path}/lineage?field=name").json
    assert list(why["fields"]) == ["name"]
    assert why["fields"]["name"]["sentence"] == "A person set it."
    lost = why["fields"]["name"]["candidates"]
    assert [(c["source"], c["value"], c["trust"]) for c in lost] == [
        ("csv", "Zephyr Textilwerke GmbH", 40)
    ]
    assert why["overrides"][0]["reason"] == body["reason"]
    told = web.get(f"{path}/overrides").json["overrides"]
    assert [(o["state"], o["sources_gave"]) for o in told] == [
        ("in_force", "Zephyr Textilwerke GmbH")
    ]
    number = done.json["override"]
    gone = web.client.delete(
        f"{path}/overrides/{number}?reason=no longer",
        headers={
            "Authorization": f"Bearer {web.keys['steward']}",
            "If-Match": done.headers["ETag"],
        },
    )
    assert gone.status_code == 200, gone.text
    assert web.get(path).json["record"]["name"] == "Zephyr Textilwerke GmbH"


def test_two_records_are_merged_lead_on_and_come_back(web: Web) -> None:
    one, other = record(web), record(web, "a%2Fb")
    body = {"with": other["golden_id"], "survivor": other["golden_id"], "reason": "one company"}
    done = act(web, one, "merge", body)
    assert done.status_code == 200, done.text
    assert done.json["retired"] == [one["golden_id"]]
    led = web.get(f"/v1/suppliers/{one['golden_id']}").json
    assert (led["golden_id"], led["redirected_from"]) == (other["golden_id"], one["golden_id"])
    body = {"original": one["golden_id"], "reason": "two after all"}
    back = act(web, {**other, "version": led["version"]}, "unmerge", body)
    assert back.status_code == 200, back.text
    assert (back.json["restored"], back.json["not_restored"]) == ([one["golden_id"]], [])
    for before in (one, other):
        after = web.get(f"/v1/suppliers/{before['golden_id']}").json
        assert (after["golden_id"], after["record"]) == (before["golden_id"], before["record"])
    told = web.get(f"/v1/suppliers/{other['golden_id']}/history").json["versions"]
    streams = [(one["act"], one["joined"], one["parted"]) for one in told]
    assert streams[:2] == [("unmerge", [], [one["golden_id"]]), ("merge", [one["golden_id"]], [])]
    assert streams[2][1:] == ([], [])


def test_an_etag_of_a_lookup_is_a_basis_too(web: Web) -> None:
    one = record(web)
    etag = web.get(f"/v1/suppliers/{one['golden_id']}").headers["ETag"]
    body = {"field": "phone", "value": "+49 40 123456", "reason": "told by phone"}
    assert act(web, one, "overrides", body, match=etag).status_code == 200
    again = act(web, one, "overrides", body, match=etag)
    assert (again.status_code, again.json["code"]) == (412, "stale_version")


Problem = tuple[str, dict[str, Any], dict[str, Any], int, str]
"""The act, its body, how it is asked, and the status and code of the answer."""
PROBLEMS: list[Problem] = [
    ("overrides", {"field": "colour", "value": "red", "reason": "r"}, {}, 400, "unknown_field"),
    (
        "overrides",
        {"field": "bank_accounts", "value": {"account": "DE1"}, "reason": "r"},
        {},
        403,
        "protected_field",
    ),
    (
        "overrides",
        {"field": "name", "value": "X", "reason": "r"},
        {"match": '"9"'},
        412,
        "stale_version",
    ),
    (
        "overrides",
        {"field": "name", "value": "X", "reason": "r"},
        {"match": ""},
        428,
        "precondition_required",
    ),
    (
        "overrides",
        {"field": "name", "value": "X", "reason": "r"},
        {"role": "auditor"},
        403,
        "refused",
    ),
    ("overrides", {"field": "name", "value": "X"}, {}, 422, "invalid"),
    ("merge", {"with": "SELF", "reason": "r"}, {}, 400, "same_record"),
    ("merge", {"with": "sup_aaaaaaaaaaaaaaaaaaaaaa", "reason": "r"}, {}, 404, "not_found"),
    ("unmerge", {"original": "SELF", "reason": "r"}, {}, 409, "never_merged"),
    ("unmerge", {"reason": "r"}, {}, 400, "bad_request"),
    ("unmerge", {"records": [999], "reason": "r"}, {}, 409, "never_merged"),
]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_what_cannot_be_meant_is_a_named_problem_and_changes_nothing(
    lite: Web, problem: Problem
) -> None:
    what, body, more, status, code = problem
    one = record(lite)
    said = {name: one["golden_id"] if value == "SELF" else value for name, value in body.items()}
    before = counts(lite.hub)
    refused = act(lite, one, what, said, **more)
    assert (refused.status_code, refused.json["code"]) == (status, code), refused.text
    assert refused.json["detail"]
    assert counts(lite.hub) == before


def test_the_page_merges_explains_sets_and_unmerges(lite: Web) -> None:
    browser, _user = signed_in(lite, "steward")
    one, other = record(lite), record(lite, "a%2Fb")
    page = f"/workbench/records/suppliers/{one['golden_id']}"

    def send(what: str, **form: str) -> Any:
        version = str(record(lite)["version"])
        basis = {"token": token(browser, page), "version": version, "reason": "seen"}
        return browser.post(f"{page}/{what}", data={**basis, **form}, follow_redirects=True)

    merged = send("merge", **{"with": other["golden_id"], "survivor": one["golden_id"]})
    assert "Merged by decision" in merged.text
    assert other["golden_id"] in merged.text
    named = send("overrides", field="name", value="Zephyr Group SE")
    assert "A person set it." in named.text
    assert "Zephyr Textilwerke GmbH" in named.text
    back = send("unmerge", original=other["golden_id"], scope="subtree")
    assert "as if it had never been merged" in back.text
    for word in ("joined", "parted"):
        named = f"{word}: <a href=[^>]*><code>{other['golden_id']}"
        assert re.search(named, browser.get(page).text)
    assert record(lite, "a%2Fb")["golden_id"] == other["golden_id"]


def test_an_auditor_sees_why_but_changes_nothing(lite: Web) -> None:
    browser, _user = signed_in(lite, "auditor")
    one = record(lite)
    page = f"/workbench/records/suppliers/{one['golden_id']}"
    shown = browser.get(page).text
    assert "Only one source record tells it." in shown
    assert "Merge with another" not in shown
    form = {"token": token(browser, page), "version": str(one["version"]), "reason": "r"}
    refused = browser.post(f"{page}/merge", data={**form, "with": "x"})
    assert refused.status_code == 403


def test_a_lifted_value_is_told_on_the_page_of_its_record(lite: Web) -> None:
    browser, _user = signed_in(lite, "steward")
    one = record(lite)
    body = {"field": "name", "value": "Zephyr SE", "reason": "r", "lifetime": "until_news"}
    number = act(lite, one, "overrides", body).json["override"]
    row = {**SUPPLIERS[0], "name": "Zephyr Weberei GmbH"}
    assert lite.post("/v1/sources/csv/suppliers", "pusher", json=[row]).status_code == 200
    (task,) = lite.get("/v1/tasks?kind=override_lifted").json["results"]
    shown = browser.get(f"/workbench/tasks/{task['id']}", follow_redirects=True).text
    assert "csv says something new of name" in shown
    answer = lite.post(
        f"/v1/tasks/{task['id']}/decision", json={"decision": "same"}, headers={"If-Match": '"1"'}
    )
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")
    version = str(record(lite)["version"])
    page = f"/workbench/records/suppliers/{one['golden_id']}"
    form = {"token": token(browser, page), "version": version}
    browser.post(f"{page}/overrides/{number}", data=form)
    assert lite.get("/v1/tasks?kind=override_lifted").json["results"] == []
