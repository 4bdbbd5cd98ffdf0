"""Fixtures of all tests.

Strategy: nothing of ours is mocked and no server is pretended. A database test takes
`database_url` and runs twice, on a SQLite file and on a PostgreSQL that this session starts
itself; `hub_url` is the same with `mdm init` already done (once per session, then copied, which
takes milliseconds). A broker test takes `mosquitto`, a browser test `chromium`. What the
machine lacks is skipped, and the end of the run says loudly which tests did not run and why.
Random tests print their seed: MDM_SEED repeats a run, MDM_DEPTH=full deepens it, MDM_DEPTH=quick
is for a look while working.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.terminal import TerminalReporter
from hypothesis import HealthCheck, settings
from hypothesis.vendor.pretty import for_type_by_name
from selenium.webdriver.chrome.webdriver import WebDriver

from tests.servers import chromium as chromium_server
from tests.servers import mosquitto as mosquitto_server
from tests.servers import postgres as postgres_server
from tests.servers.mosquitto import Mosquitto
from tests.servers.ports import free_port
from tests.servers.postgres import Postgres

if TYPE_CHECKING:  # a test of pure rules needs no hub: the fixtures import it when they are used
    from mdm.store.hub import Hub
    from tests.servers.hub import Template

TEST_VARIABLES = {"MDM_SEED", "MDM_DEPTH", "MDM_SHARED_DATA"}

CASES = 200
CASES_QUICK = 20
CASES_FULL = 2_000
# One case costs many times more there.
CASES_POSTGRES, CASES_FULL_POSTGRES = 80, 300

# Set before the workers of pytest-xdist start, so that they inherit it.
SEED = int(os.environ.setdefault("MDM_SEED", str(random.SystemRandom().randrange(2**32))))
DEPTH = os.environ.get("MDM_DEPTH", "")
FULL = DEPTH == "full"

settings.register_profile(
    "mdm",
    max_examples={"full": CASES_FULL, "quick": CASES_QUICK}.get(DEPTH, CASES),
    deadline=None,  # a shared machine stalls; the time limit is per test
    print_blob=True,
    database=None,
    # The cases of a test share its database on purpose: each clears what it needs.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("mdm")
# A failing law shows its case: not, field by field, the hub it ran on.
for_type_by_name("mdm.store.hub", "Hub", lambda hub, printer, _cycle: printer.text(repr(hub)))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Gives hypothesis the seed that the header prints, unless the caller named one."""
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(SEED)


def pytest_report_header(config: pytest.Config) -> str:
    """What is needed to repeat this run."""
    most = settings().max_examples
    depth = f"{most}, on PostgreSQL {min(most, _cases_on_postgres())}"
    return f"mdm: seed MDM_SEED={config.option.hypothesis_seed}, random cases per law: {depth}"


def _cases_on_postgres() -> int:
    return CASES_FULL_POSTGRES if FULL else CASES_POSTGRES


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """A law gets fewer cases on PostgreSQL."""
    test = getattr(getattr(item, "obj", None), "__func__", getattr(item, "obj", None))
    chosen: settings | None = getattr(test, "_hypothesis_internal_use_settings", None)
    if test is None or chosen is None:
        return
    # Hypothesis fixes a test's settings at its definition; its pytest plugin replaces them so too.
    original: settings = test.__dict__.setdefault("mdm_settings", chosen)
    parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    on_postgres = "postgres" in parameters.values()
    most = _cases_on_postgres() if on_postgres else settings().max_examples
    fewer = settings(original, max_examples=min(original.max_examples, most))
    test._hypothesis_internal_use_settings = fewer


@pytest.fixture(autouse=True)
def _settings_of_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the developer's own MDM_* variables or `.env`, nor writes into the checkout."""
    for name in [name for name in os.environ if name.startswith("MDM_")]:
        if name not in TEST_VARIABLES:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL cluster of this session."""
    programs = postgres_server.find_programs()
    if programs is None:
        pytest.skip(postgres_server.MISSING)
    with postgres_server.running_postgres(programs) as cluster:
        yield cluster


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'mdm.db'}"


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped after the test."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database: the test runs once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """An initialised hub on SQLite, to be copied."""
    from tests.servers.hub import new_template

    folder = tmp_path_factory.mktemp("sqlite-template")
    return new_template(f"sqlite:///{folder / 'mdm.db'}", folder)


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """An initialised hub on PostgreSQL, to be copied."""
    from tests.servers.hub import new_template

    folder = tmp_path_factory.mktemp("postgres-template")
    return new_template(postgres.create(), folder, postgres)


@pytest.fixture
def sqlite_hub(sqlite_template: Template, tmp_path: Path) -> Iterator[Hub]:
    """A fresh hub on SQLite, for what does not differ between databases."""
    from tests.servers.hub import hub_maker

    with hub_maker(sqlite_template, tmp_path) as new:
        yield new()


@pytest.fixture(params=["sqlite", "postgres"])
def new_hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Hub]]:
    """A function that gives a fresh, initialised hub at each call, on SQLite and on PostgreSQL."""
    from tests.servers.hub import hub_maker

    with hub_maker(request.getfixturevalue(f"{request.param}_template"), tmp_path) as new:
        yield new


@pytest.fixture
def hub(new_hub: Callable[[], Hub]) -> Hub:
    """A fresh, initialised hub: the test runs once on SQLite and once on PostgreSQL."""
    return new_hub()


@pytest.fixture
def hub_url(hub: Hub) -> str:
    """The database URL of a fresh, initialised hub, for tests that start programs on it."""
    return hub.settings.database_url


@pytest.fixture
def hub_environment(hub: Hub) -> dict[str, str]:
    """The environment in which a started program works on the fresh hub."""
    return {
        **os.environ,
        "MDM_DATABASE_URL": hub.settings.database_url,
        "MDM_KEYS": str(hub.settings.keys_file),
        "MDM_ANCHORS": str(hub.settings.anchors_file),
        "MDM_BROKER_URL": "none",
    }


@pytest.fixture(scope="session")
def mosquitto_program() -> str:
    """The program of the broker."""
    program = mosquitto_server.find_program()
    if program is None:
        pytest.skip(mosquitto_server.MISSING)
    return program


@pytest.fixture
def mosquitto(mosquitto_program: str, tmp_path: Path) -> Iterator[Mosquitto]:
    """A running mosquitto broker; the test may kill it, stop it and start it again."""
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    broker = mosquitto_server.new_mosquitto(mosquitto_program, folder)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture(scope="session")
def browser() -> Iterator[WebDriver]:
    """One headless Chromium of this session."""
    programs = chromium_server.find_programs()
    if programs is None:
        pytest.skip(chromium_server.MISSING)
    with chromium_server.running_chromium(*programs) as driver:
        yield driver


@pytest.fixture
def chromium(browser: WebDriver) -> WebDriver:
    """A headless Chromium that has never been anywhere."""
    chromium_server.forget_everything(browser)
    return browser


@pytest.fixture
def port() -> int:
    """A free TCP port."""
    return free_port()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The reference data outside the checkout: MDM_SHARED_DATA, else ../shared/data beside it."""
    told = os.environ.get("MDM_SHARED_DATA")
    folder = Path(told) if told else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no shared reference data: set MDM_SHARED_DATA to its folder")
    return folder


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Says loudly which tests did not run on this machine and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    if reasons:
        terminalreporter.section("NOT RUN ON THIS MACHINE", sep="!", red=True, bold=True)
        for reason, tests in reasons.most_common():
            terminalreporter.line(f"{tests:5} test(s): {reason}", red=True)
