"""The workbench without a browser: sessions, forms of others, roles, every page."""

from __future__ import annotations

import re
from dataclasses import replace

import pyotp
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mdm.domains import DOMAINS
from mdm.learning import change_rules
from mdm.people.users import NewUser, add_user
from mdm.rematch import Work
from mdm.store.transaction import Act
from tests.api.web import STEMS, Web


def signed_in(web: Web, role: str) -> tuple[FlaskClient, NewUser]:
    """A browser with the session of a new user."""
    user = add_user(web.hub, Act("people", "test"), f"{role}-person", [role])
    browser = web.client.application.test_client()
    answer = sign_in(browser, user, pyotp.TOTP(user.totp_secret).now())
    assert answer.status_code == 303
    return browser, user


def sign_in(browser: FlaskClient, user: NewUser, code: str, onward: str = "") -> TestResponse:
    """Sends the sign-in form."""
    form = {"name": user.name, "password": user.password, "code": code, "next": onward}
    return browser.post("/workbench/sign-in", data={**form, "token": token(browser)})


def token(browser: FlaskClient, path: str = "/workbench/sign-in") -> str:
    """What forms of a page carry."""
    found = re.search(r'name="token" value="(\w+)"', browser.get(path).text)
    assert found is not None
    return found.group(1)


def test_a_one_time_code_opens_one_session_only(lite: Web) -> None:
    user = add_user(lite.hub, Act("people", "test"), "stella", ["steward"])
    code = pyotp.TOTP(user.totp_secret).now()
    browsers = [lite.client.application.test_client() for _ in range(2)]
    assert [sign_in(one, user, code).status_code for one in browsers] == [303, 403]


def test_after_five_failures_even_the_right_code_has_to_wait(lite: Web) -> None:
    user = add_user(lite.hub, Act("people", "test"), "stella", ["steward"])
    browser = lite.client.application.test_client()
    for _ in range(5):
        assert sign_in(browser, user, "000000").status_code == 403
    answer = sign_in(browser, user, pyotp.TOTP(user.totp_secret).now())
    assert answer.status_code == 403
    assert "Wait 15 minutes" in answer.text


def test_sign_in_leads_to_no_other_site(lite: Web) -> None:
    user = add_user(lite.hub, Act("people", "test"), "stella", ["steward"])
    browser = lite.client.application.test_client()
    code = pyotp.TOTP(user.totp_secret).now()
    answer = sign_in(browser, user, code, "//elsewhere.example/workbench/")
    assert answer.headers["Location"] == "/workbench/"


def test_a_form_of_another_site_is_refused(lite: Web) -> None:
    browser, _user = signed_in(lite, "steward")
    task = lite.get("/v1/tasks").json["results"][0]["id"]
    form = {"decision": "same", "version": "1"}
    assert browser.post(f"/workbench/tasks/{task}", data=form).status_code == 403
    assert lite.get(f"/v1/tasks/{task}").json["state"] == "open"


def test_only_a_steward_decides(lite: Web) -> None:
    browser, _user = signed_in(lite, "auditor")
    task = lite.get("/v1/tasks").json["results"][0]["id"]
    assert "Same <kbd>" not in browser.get(f"/workbench/tasks/{task}").text
    form = {"decision": "same", "version": "1", "token": token(browser, "/workbench/")}
    assert browser.post(f"/workbench/tasks/{task}", data=form).status_code == 403
    assert lite.get(f"/v1/tasks/{task}").json["state"] == "open"


@pytest.mark.parametrize(
    "page",
    [
        "",
        "decisions",
        "loads",
        "codes",
        "rules/suppliers",
        "search?q=zephyr",
        "search?q=V1&domain=tax_code",
    ],
)
def test_every_page_opens(lite: Web, page: str) -> None:
    browser, _user = signed_in(lite, "auditor")
    assert browser.get(f"/workbench/{page}").status_code == 200


def test_a_golden_record_shows_values_with_their_source(lite: Web) -> None:
    browser, _user = signed_in(lite, "auditor")
    for path in ("suppliers", "tax-codes"):
        golden_id = lite.get(f"/v1/{path}").json["results"][0]["golden_id"]
        page = browser.get(f"/workbench/records/{path}/{golden_id}")
        assert page.status_code == 200
        assert 'class="source"' in page.text


def test_what_holds_for_a_company_is_shown_line_by_line_with_its_source(lite: Web) -> None:
    row = {"id": "T1", "name": "Tacitus AG", "legal_entity": "1000", "payment_terms": "NT30"}
    lite.post("/v1/sources/csv/suppliers", json=[{**row, "currency": "CHF"}])
    browser, _user = signed_in(lite, "auditor")
    golden_id = lite.get("/v1/suppliers/by/csv/T1").json["golden_id"]
    page = browser.get(f"/workbench/records/suppliers/{golden_id}").text
    lines = re.findall(
        r'<th scope="row"[^>]*>([^<]+)</th><td>([^<]*)</td>(?s:.*?)<b>(.*?)</b>', page
    )
    assert ("Legal entity", "1000", "T1") in lines
    assert ("Payment terms", "NT30", "T1") in lines
    assert ("Currency", "CHF", "T1") in lines


def test_a_golden_record_shows_its_links_and_what_they_were(lite: Web) -> None:
    browser, _user = signed_in(lite, "auditor")
    golden_id = lite.get("/v1/suppliers/by/csv/R0").json["golden_id"]
    path = f"/workbench/records/suppliers/{golden_id}"
    assert "<strong>Possible match</strong>" in browser.get(path).text
    assert " earlier</small>" not in browser.get(path).text
    row = {"id": "R0", "name": "Sirius Papier AG", "country": "CH", "city": "Bern"}
    lite.post("/v1/sources/csv/suppliers", json=[row])
    page = browser.get(path).text
    assert "<strong>No match</strong>" in page
    assert "not compared any more" in page
    assert "1 earlier</small>" in page


def test_sign_out_ends_the_session_on_the_server(lite: Web) -> None:
    browser, _user = signed_in(lite, "steward")
    session = browser.get_cookie("mdm_session", path="/workbench")
    assert session is not None and session.http_only
    browser.post("/workbench/sign-out", data={"token": token(browser, "/workbench/")})
    browser.set_cookie("mdm_session", session.value, path="/workbench")
    assert browser.get("/workbench/").status_code == 302


def test_the_queue_says_how_many_decisions_are_wanted_and_which_tell_most(lite: Web) -> None:
    browser, _user = signed_in(lite, "steward")
    assert "wants 50 more decisions on suppliers" in browser.get("/workbench/").text
    page = browser.get("/workbench/?domain=supplier&sort=worth").text
    assert page.count('class="open"') == len(lite.get("/v1/tasks").json["results"])


def test_an_approver_lists_the_value_of_an_over_common_key_as_a_placeholder(lite: Web) -> None:
    rows = [{"id": f"P{n}", "name": f"{stem} KG", "phone": "+49 431 5550001"}
            for n, stem in enumerate(STEMS)]  # fmt: skip
    act = Act("config", "test", reason="small")
    change_rules(Work(lite.hub, DOMAINS["supplier"], act), lambda told: replace(told, key_cap=3))
    lite.post("/v1/sources/csv/suppliers", json=rows)
    (task,) = lite.get("/v1/tasks?kind=over_common_key").json["results"]
    steward, _user = signed_in(lite, "steward")
    assert "stands for nothing</button>" not in steward.get(f"/workbench/tasks/{task['id']}").text
    browser, _user = signed_in(lite, "approver")
    page = browser.get(f"/workbench/tasks/{task['id']}").text
    assert "6 records have this phone" in page
    form = {"placeholder": "phone:315550001", "reason": "a switchboard"}
    form["token"] = token(browser, f"/workbench/tasks/{task['id']}")
    answer = browser.post(f"/workbench/tasks/{task['id']}/placeholder", data=form)
    assert answer.status_code == 303, answer.text
    assert lite.get(f"/v1/tasks/{task['id']}").json["state"] == "closed"


def test_an_address_of_the_workbench_that_leads_nowhere_is_answered_as_a_page(lite: Web) -> None:
    answer = lite.client.get("/workbench/nothing")
    assert answer.status_code == 404
    assert answer.content_type.startswith("text/html")
    assert "There is no page at this address." in answer.text


def test_after_a_decision_the_page_says_what_was_said_of_whom_until_it_is_taken_back(
    lite: Web,
) -> None:
    browser, _user = signed_in(lite, "steward")
    task = lite.get("/v1/tasks").json["results"][0]["id"]
    form = {"decision": "different", "version": "1", "token": token(browser, "/workbench/")}
    place = browser.post(f"/workbench/tasks/{task}", data=form).headers["Location"]
    told = browser.get(place).text
    assert re.search(r"<strong>Different</strong>: .+ Maschinenbau .+ · .+ Maschinenbau", told)
    number = place.rpartition("done=")[2]
    browser.post(f"/workbench/decisions/{number}/withdraw", data={"token": form["token"]})
    assert "<strong>Different</strong>" not in browser.get(place).text


def test_a_child_is_told_apart_by_its_label_and_says_the_rest_beside_it(lite: Web) -> None:
    browser, _user = signed_in(lite, "auditor")
    golden_id = lite.get("/v1/suppliers/by/csv/42").json["golden_id"]
    page = browser.get(f"/workbench/records/suppliers/{golden_id}").text
    assert '<th scope="row">VAT</th><td>DE · DE136695976</td>' in page
    assert re.search(r'<th scope="row">Legal</th><td>Hafenstrasse 12 · ', page)
