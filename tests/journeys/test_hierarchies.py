"""A steward moves a company in the tax hierarchy by keyboard, in a real browser."""

from __future__ import annotations

import pytest
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from mdm.people.users import add_user
from mdm.store.hub import Hub
from mdm.store.transaction import Act
from tests.api.test_hierarchies import founded, move, path, to
from tests.api.web import serve
from tests.journeys.test_workbench import serving, sign_in, until


@pytest.mark.timeout(180)
def test_a_steward_moves_a_company_by_keyboard(
    sqlite_hub: Hub, chromium: WebDriver, port: int
) -> None:
    web = serve(sqlite_hub)
    group = founded(web)
    move(web, "tax", to(group["2000"], group["1000"], "2026-01-01"))
    user = add_user(web.hub, Act("people", "test"), "stella", ["steward"])
    with serving(web, port) as url:
        sign_in(chromium, url, user)
        until(chromium, "header.top")
        chromium.get(f"{url}/workbench/hierarchies/tax?under=4000&as_of=2026-02-01")
        parent = chromium.find_element(By.NAME, "parent")
        parent.send_keys("2000")
        chromium.find_element(By.NAME, "reason").send_keys("one taxpayer", Keys.ENTER)
        assert "Moved." in until(chromium, ".notice.good")
        summary = chromium.find_element(By.CSS_SELECTOR, "summary")
        assert summary.is_displayed()
        summary.send_keys(Keys.SPACE)  # a branch folds and unfolds
        assert chromium.find_element(By.CSS_SELECTOR, "details").get_attribute("open") is None
    assert path(web, "tax", group["4000"], "as_of=2026-02-01") == ["1000", "2000", "4000"]
