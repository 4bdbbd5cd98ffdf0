"""A steward's way through the workbench, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp
import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from werkzeug.serving import make_server

from mdm.people.users import NewUser, add_user
from mdm.store.hub import Hub
from mdm.store.transaction import Act
from tests.api.test_loads import stop
from tests.api.web import Web, serve

PATIENCE = 20


@contextmanager
def serving(web: Web, port: int) -> Iterator[str]:
    """The application on a port of this machine."""
    server = make_server("127.0.0.1", port, web.client.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def web(sqlite_hub: Hub) -> Web:
    """A served hub."""
    return serve(sqlite_hub)


@pytest.fixture
def steward(web: Web) -> NewUser:
    """Somebody who may decide."""
    return add_user(web.hub, Act("people", "test"), "stella", ["steward"])


def sign_in(driver: WebDriver, url: str, user: NewUser) -> None:
    """Fills the sign-in form with the code of the moment."""
    driver.get(f"{url}/workbench/")
    driver.find_element(By.ID, "name").send_keys(user.name)
    driver.find_element(By.ID, "password").send_keys(user.password)
    code = pyotp.TOTP(user.totp_secret).now()
    driver.find_element(By.ID, "code").send_keys(code, "\n")


def until(driver: WebDriver, selector: str) -> str:
    """The text of an element, once it is there."""
    wait = WebDriverWait(driver, PATIENCE)
    return str(wait.until(lambda d: d.find_element(By.CSS_SELECTOR, selector)).text)


def until_told(driver: WebDriver, selector: str, words: str) -> None:
    """Waits for an element that says these words, whatever stood there before."""
    wait = WebDriverWait(driver, PATIENCE, ignored_exceptions=[StaleElementReferenceException])
    found = (By.CSS_SELECTOR, selector)
    wait.until(lambda d: any(words in one.text for one in d.find_elements(*found)))


def press(driver: WebDriver, *keys: str) -> None:
    """Hits keys, wherever the focus is."""
    ActionChains(driver).send_keys(*keys).perform()


def test_a_steward_signs_in_merges_by_keyboard_and_takes_it_back(
    chromium: WebDriver, web: Web, steward: NewUser, port: int
) -> None:
    with serving(web, port) as url:
        sign_in(chromium, url, steward)
        assert until(chromium, "h1") == "Queue"
        chromium.get(f"{url}/workbench/?kind=possible_duplicate")
        press(chromium, "j", "\n")
        assert "the same supplier" in until(chromium, "h1")
        assert until(chromium, ".beside tr.differs td")
        assert "Bits" in until(chromium, ".reasons thead")
        links = chromium.find_elements(By.CSS_SELECTOR, "thead a.name")
        ids = [str(link.get_attribute("href")).rpartition("/")[2] for link in links]
        press(chromium, "r", "one company")
        press(chromium, "\ue00c", "s")  # Escape leaves the field, s says same
        assert "is in force" in until(chromium, ".notice.good")
        answers = [web.get(f"/v1/suppliers/{one}").json["golden_id"] for one in ids]
        assert len(set(answers)) == 1
        chromium.get(f"{url}/workbench/records/suppliers/{ids[0]}")
        assert len(chromium.find_elements(By.CSS_SELECTOR, ".two section:nth-of-type(1)")) == 2
        assert "one company" in chromium.page_source
        chromium.get(f"{url}/workbench/decisions")
        assert " · " in until(chromium, "tbody td:nth-of-type(2)"), "the records it is about"
        chromium.find_element(By.XPATH, "//button[text()='Take back']").click()
        assert "is withdrawn" in until(chromium, ".notice.good")
        answers = [web.get(f"/v1/suppliers/{one}").json["golden_id"] for one in ids]
        assert answers == ids
        log = chromium.execute("getLog", {"type": "browser"})["value"]
        problems = [entry for entry in log if entry["level"] == "SEVERE"]
        assert not problems, problems


def test_a_steward_releases_a_stopped_load_by_keyboard(
    chromium: WebDriver, web: Web, steward: NewUser, port: int, tmp_path: Path
) -> None:
    number = stop(web, tmp_path)
    with serving(web, port) as url:
        sign_in(chromium, url, steward)
        until(chromium, "h1")
        chromium.get(f"{url}/workbench/?kind=load_stopped")
        press(chromium, "j", "\n")
        until_told(chromium, "td strong", "One value too often")
        assert chromium.current_url.endswith(f"/workbench/loads/{number}")
        press(chromium, "a", "a factoring bank", "\n")
        until_told(chromium, ".notice.good", "is released and applied")
        assert web.get(f"/v1/loads/{number}").json["state"] == "done"


def test_a_wrong_code_opens_nothing_and_tells_nothing(
    chromium: WebDriver, web: Web, steward: NewUser, port: int
) -> None:
    with serving(web, port) as url:
        wrong = NewUser(steward.name, steward.password, pyotp.random_base32(), steward.roles)
        sign_in(chromium, url, wrong)
        assert "is not right" in until(chromium, "[role=alert]")
        chromium.get(f"{url}/workbench/")
        assert "/sign-in" in chromium.current_url


def test_a_steward_merges_two_records_on_a_page_and_takes_it_back_by_keyboard(
    chromium: WebDriver, web: Web, steward: NewUser, port: int
) -> None:
    keys = ("42", "a%2Fb")
    ids = [web.get(f"/v1/suppliers/by/csv/{key}").json["golden_id"] for key in keys]
    with serving(web, port) as url:
        sign_in(chromium, url, steward)
        until(chromium, "h1")
        chromium.get(f"{url}/workbench/records/suppliers/{ids[0]}")
        assert "Only one source record tells it." in chromium.page_source
        press(chromium, "m", ids[1], "\t\t", "one company", "\n")
        until_told(chromium, ".notice.good", "Merged by decision")
        assert web.get(f"/v1/suppliers/{ids[1]}").json["golden_id"] == ids[0]
        press(chromium, "u", "\t", "two after all", "\n")
        until_told(chromium, ".notice.good", "as if it had never been merged")
        assert web.get(f"/v1/suppliers/{ids[1]}").json["golden_id"] == ids[1]


def test_a_steward_takes_the_last_decision_back_with_one_key(
    chromium: WebDriver, web: Web, steward: NewUser, port: int
) -> None:
    with serving(web, port) as url:
        sign_in(chromium, url, steward)
        until(chromium, "h1")
        chromium.get(f"{url}/workbench/?kind=possible_duplicate")
        press(chromium, "j", "\n")
        until(chromium, ".decide")
        press(chromium, "s")
        until_told(chromium, ".notice.good", "is in force")
        press(chromium, "u")
        until_told(chromium, ".notice.good", "is withdrawn")


def test_no_page_is_wider_than_a_phone(
    chromium: WebDriver, web: Web, steward: NewUser, port: int
) -> None:
    golden_id = web.get("/v1/suppliers/by/csv/42").json["golden_id"]
    task = web.get("/v1/tasks").json["results"][0]["id"]
    records = f"records/suppliers/{golden_id}"
    with serving(web, port) as url:
        sign_in(chromium, url, steward)
        until(chromium, "h1")
        before = chromium.get_window_size()
        chromium.set_window_size(420, 900)
        try:
            for page in ("", f"tasks/{task}", records, "decisions", "loads", "search?q=zephyr"):
                chromium.get(f"{url}/workbench/{page}")
                wide = "return document.documentElement.scrollWidth - innerWidth"
                assert int(chromium.execute_script(wide)) <= 0, page
            chromium.get(f"{url}/workbench/{records}")
            cell = chromium.find_element(By.CSS_SELECTOR, ".values td")
            assert cell.size["width"] > 200, "a value has the width of the page"
        finally:
            chromium.set_window_size(before["width"], before["height"])
