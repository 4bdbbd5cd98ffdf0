"""Rules that would change too much: over HTTP and on their page they wait for a person."""

from __future__ import annotations

from tests.api.test_workbench import signed_in, token
from tests.api.web import Web
from tests.mdm.test_rematch import twins

BAR = {"auto_link": "probability", "reason": "all of it was checked"}


def stop(web: Web) -> None:
    """Sixty pairs that a lower bar would join at once."""
    assert web.post("/v1/sources/csv/suppliers", json=twins(60)).status_code == 200
    answer = web.post("/v1/suppliers/rules/bar", "approver", json=BAR)
    assert (answer.status_code, answer.json["code"]) == (409, "rules_stopped")
    assert "auto link: identifiers → probability" in answer.json["detail"]


def bar(web: Web) -> str:
    return str(web.get("/v1/suppliers/rules").json["auto_link"])


def test_rules_that_stopped_are_released_with_a_reason(web: Web) -> None:
    stop(web)
    assert bar(web) == "identifiers"
    proposal = web.get("/v1/suppliers/rules").json["proposal"]
    assert proposal["effect"]["stopped_by"][0]["guard"] == "merged"
    answer = web.post("/v1/suppliers/rules/release", "approver", json={"reason": "they are twins"})
    assert answer.status_code == 200
    assert bar(web) == "probability"
    assert web.get("/v1/tasks?kind=rules_stopped").json["results"] == []


def test_rules_that_stopped_are_dropped_on_their_page(lite: Web) -> None:
    stop(lite)
    (task,) = lite.get("/v1/tasks?kind=rules_stopped").json["results"]
    steward, _user = signed_in(lite, "steward")
    page = steward.get(f"/workbench/tasks/{task['id']}").headers["Location"]
    assert page == "/workbench/rules/suppliers"
    assert "Matching rules of suppliers" in steward.get("/workbench/?kind=rules_stopped").text
    assert "An approver or an admin releases or drops them" in steward.get(page).text
    browser, _user = signed_in(lite, "approver")
    assert "Many golden records would be joined" in browser.get(page).text
    form = {"token": token(browser, page), "reason": ""}
    assert browser.post(f"{page}/drop", data=form).status_code == 400
    answer = browser.post(f"{page}/drop", data=form | {"reason": "branches are kept apart"})
    assert "dropped" in browser.get(answer.headers["Location"]).text
    assert bar(lite) == "identifiers"
    again = lite.post("/v1/suppliers/rules/drop", "approver", json={"reason": "once more"})
    assert again.status_code == 404
