"""Loads over HTTP and on their pages: what stopped one, releasing and dropping it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mdm.errors import LoadStopped
from mdm.load import LoadRequest, load
from mdm.records import Mode
from tests.api.test_workbench import signed_in, token
from tests.api.web import Web
from tests.mdm.test_guarding import HEAD, vendors
from tests.mdm.test_load import write

IBAN = "DE89370400440532013000"


def stop(web: Web, folder: Path, name: str = "wrong.csv") -> int:
    """A load of which every row tells the same bank account; its number."""
    path = write(folder / name, vendors(100, iban=IBAN), HEAD)
    with pytest.raises(LoadStopped) as caught:
        load(web.hub, LoadRequest("csv", [path], Mode.INCREMENTAL, "ada", "supplier"))
    return int(str(caught.value.facts["load"]))


def suppliers(web: Web) -> int:
    return len(web.get("/v1/suppliers?limit=500").json["results"])


def test_a_stopped_load_is_told_released_and_dropped(web: Web, tmp_path: Path) -> None:
    before = suppliers(web)
    number, other = stop(web, tmp_path), stop(web, tmp_path, "again.csv")
    told = web.get("/v1/loads?state=stopped").json["results"]
    assert [one["id"] for one in told] == [other, number]
    assert told[0]["stopped_by"][0]["causes"] == ["bank_accounts.account: DE•• •••• 3000"]
    assert suppliers(web) == before
    said: dict[str, Any] = {"json": {"reason": "a factoring bank"}}
    refused = web.post(f"/v1/loads/{number}/release", "auditor", **said)
    assert (refused.status_code, refused.json["code"]) == (403, "refused")
    assert web.post(f"/v1/loads/{number}/drop", json={"reason": ""}).status_code == 422
    assert web.post(f"/v1/loads/{other}/drop", **said).json["state"] == "dropped"
    assert web.post(f"/v1/loads/{number}/release", **said).json["state"] == "done"
    assert suppliers(web) == before + 100
    assert web.post(f"/v1/loads/{number}/release", **said).status_code == 409
    assert web.post("/v1/loads/4711/drop", **said).status_code == 404


def test_the_queue_leads_to_the_load_and_its_task_is_not_answered(
    lite: Web, tmp_path: Path
) -> None:
    number = stop(lite, tmp_path)
    (task,) = lite.get("/v1/tasks?kind=load_stopped").json["results"]
    browser, _user = signed_in(lite, "steward")
    assert f"Load {number} of csv" in browser.get("/workbench/?kind=load_stopped").text
    answer = browser.get(f"/workbench/tasks/{task['id']}")
    assert answer.headers["Location"] == f"/workbench/loads/{number}"
    refused = lite.post(
        f"/v1/tasks/{task['id']}/decision",
        json={"decision": "same"},
        headers={"If-Match": f'"{task["version"]}"'},
    )
    assert "release or drop load" in refused.json["detail"]


def test_its_page_says_why_it_waits_and_releases_it_with_a_reason(
    lite: Web, tmp_path: Path
) -> None:
    page = f"/workbench/loads/{stop(lite, tmp_path)}"
    auditor, _user = signed_in(lite, "auditor")
    seen = auditor.get(page).text
    assert "One value too often" in seen
    assert "DE•• •••• 3000" in seen
    assert "</button></form></details>" not in seen
    browser, _user = signed_in(lite, "approver")
    form = {"token": token(browser, page), "reason": " "}
    assert browser.post(f"{page}/release", data=form).status_code == 400
    answer = browser.post(f"{page}/release", data=form | {"reason": "a factoring bank"})
    assert "is released and applied" in browser.get(answer.headers["Location"]).text


def test_a_dropped_load_waits_no_more(lite: Web, tmp_path: Path) -> None:
    page = f"/workbench/loads/{stop(lite, tmp_path)}"
    browser, _user = signed_in(lite, "steward")
    assert "tell the same bank_accounts.account" in browser.get("/workbench/loads").text
    form = {"token": token(browser, page), "reason": "the wrong export"}
    assert browser.post(f"{page}/drop", data=form).status_code == 303
    assert "Give it up" not in browser.get(page).text
    assert lite.get("/v1/loads?state=stopped").json["results"] == []
