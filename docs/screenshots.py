"""Pictures of the workbench for the documents, from a running demo.

`python docs/screenshots.py URL NAME PASSWORD TOTP_SECRET [FOLDER]` writes sign-in, queue, pair,
golden record and load pages as PNG files; chromium and chromedriver must be on PATH.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pyotp
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.servers.chromium import MISSING, find_programs, running_chromium

WIDTH = 1360
TALLEST = 1500
ARGUMENTS = range(5, 7)


def main() -> None:
    """Signs in and takes the pictures."""
    if len(sys.argv) not in ARGUMENTS:
        raise SystemExit(__doc__)
    url, name, password, secret = sys.argv[1:5]
    folder = Path(sys.argv[5]) if len(sys.argv) == ARGUMENTS[-1] else Path(__file__).parent
    programs = find_programs()
    if programs is None:
        raise SystemExit(MISSING)
    with running_chromium(*programs) as driver:
        driver.get(f"{url}/workbench/")
        take(driver, folder / "sign-in.png", 760)
        for field, value in (("name", name), ("password", password)):
            driver.find_element(By.ID, field).send_keys(value)
        driver.find_element(By.ID, "code").send_keys(pyotp.TOTP(secret).now(), "\n")
        take(driver, folder / "queue.png", 900)
        driver.get(f"{url}/workbench/?kind=possible_duplicate&sort=uncertainty")
        driver.find_element(By.CSS_SELECTOR, "a.open").click()
        take(driver, folder / "pair.png")
        driver.find_elements(By.CSS_SELECTOR, "thead a.name")[-1].click()
        take(driver, folder / "golden-record.png")
        driver.get(f"{url}/workbench/loads")
        take(driver, folder / "loads.png", 900)


def take(driver: WebDriver, path: Path, height: int | None = None) -> None:
    """A picture of the page, as tall as the page unless told."""
    driver.set_window_size(WIDTH, height or 900)
    if height is None:
        whole = int(driver.execute_script("return document.documentElement.scrollHeight"))
        driver.set_window_size(WIDTH, min(whole + 40, TALLEST))
    driver.save_screenshot(str(path))


if __name__ == "__main__":
    main()
