"""A headless Chromium driven by selenium: the system's browser and driver, no download."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver

MISSING = "no Chromium with its chromedriver on PATH"

# Without these Chromium keeps looking for its maker's hosts, which a closed network refuses.
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--window-size=1440,960",
)


def find_programs() -> tuple[str, str] | None:
    """The browser and its driver, or None."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    browser = browser or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


@contextmanager
def running_chromium(browser: str, driver: str) -> Iterator[WebDriver]:
    """A browser with an empty profile that lives as long as the `with` block."""
    with tempfile.TemporaryDirectory(prefix="mdm-chromium-", ignore_cleanup_errors=True) as profile:
        options = Options()
        options.binary_location = browser
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        opened = webdriver.Chrome(options=options, service=Service(executable_path=driver))
        try:
            yield opened
        finally:
            opened.quit()


def forget_everything(driver: WebDriver) -> None:
    """Leaves the browser as a new visitor's: no cookies, no storage, an empty page."""
    driver.get("about:blank")
    driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    driver.execute("getLog", {"type": "browser"})  # reading the log empties it
