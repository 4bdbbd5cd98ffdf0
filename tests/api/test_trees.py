"""The pages of hierarchies, without a browser: a tree for a day, what moved, moving it."""

from __future__ import annotations

from html import unescape

from tests.api.test_hierarchies import founded, move, path, to
from tests.api.test_workbench import signed_in, token
from tests.api.web import Web


def test_a_tree_is_shown_for_a_day_with_its_path_and_what_differs_on_another(lite: Web) -> None:
    group = founded(lite)
    move(lite, "legal", to(group["4000"], group["3000"], "2026-03-01"))
    browser, _user = signed_in(lite, "auditor")
    first = browser.get("/workbench/hierarchies/", follow_redirects=True)
    assert first.status_code == 200
    assert all(f"Entity {code}" in first.text for code in group), "all below the only root"
    roots = browser.get("/workbench/hierarchies/tax").text
    assert roots.count("Entity ") == len(group), "nobody was placed: all are roots"
    page = browser.get("/workbench/hierarchies/legal?under=1000&as_of=2026-02-28").text
    assert all(f"Entity {code}" in page for code in group)
    assert page.index("Entity 2000") < page.index("Entity 4000") < page.index("Entity 3000")
    other = browser.get(
        f"/workbench/hierarchies/legal?under={group['2000']}&as_of=2026-02-28&with_as_of=2026-03-01"
    ).text
    assert ">gone<" in other
    assert 'action="/workbench/hierarchies/legal"' not in other  # an auditor moves nothing


def test_a_steward_moves_a_record_with_a_form(lite: Web) -> None:
    group = founded(lite)
    browser, _user = signed_in(lite, "steward")
    address = f"/workbench/hierarchies/tax?under={group['4000']}&as_of=2026-01-01"
    form = {
        "token": token(browser, address),
        "golden_id": group["4000"],
        "parent": "3000",
        "valid_from": "2026-01-01",
        "valid_to": "",
        "reason": "one taxpayer",
    }
    done = browser.post("/workbench/hierarchies/tax", data=form, follow_redirects=True)
    assert "Moved." in done.text
    assert path(lite, "tax", group["4000"], "as_of=2026-01-01") == ["3000", "4000"]
    wrong = browser.post(
        "/workbench/hierarchies/tax", data={**form, "golden_id": group["3000"], "parent": "4000"}
    )
    assert wrong.status_code == 409
    assert "stand above each other" in unescape(wrong.text)


def test_a_code_that_means_nothing_here_is_told(lite: Web) -> None:
    founded(lite)
    browser, _user = signed_in(lite, "auditor")
    answer = browser.get("/workbench/hierarchies/tax?under=9999")
    assert answer.status_code == 404
    assert "there are none" in answer.text
    assert browser.get("/workbench/hierarchies/other").status_code == 404
