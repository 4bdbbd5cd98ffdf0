"""The wheel is whole: it holds every file the program needs and runs far from the checkout."""

import json
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("api", "matching", "mdm", "migrations", "publishers")


def _run(*command: str | Path, cwd: Path, pythonpath: Path | None = None) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={"PYTHONPATH": str(pythonpath or ""), "PATH": "/usr/bin:/bin", "HOME": str(cwd)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    return next(folder.glob("mdm_hub-*.whl"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's content: what an installation puts into site-packages."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        missing = files - set(archive.namelist())
    assert missing == set()


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_no_dependency_installs_packages_of_our_names() -> None:
    owners = packages_distributions()
    assert {name: owners.get(name, ["mdm-hub"]) for name in PACKAGES} == {
        name: ["mdm-hub"] for name in PACKAGES
    }


def test_the_demo_runs_from_the_wheel_outside_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    where = "import " + ", ".join(PACKAGES) + "; print(*[m.__file__ for m in ("
    places = _run(
        sys.executable, "-c", where + ", ".join(PACKAGES) + ")])", cwd=tmp_path, pythonpath=unpacked
    )
    assert all(place.startswith(str(unpacked)) for place in places.split()), places

    start = "import sys; from mdm.cli import main; sys.exit(main())"
    words = ("demo", "--once", "--json", "--records", "500", "--keep", str(tmp_path / "kept"))
    told = _run(sys.executable, "-c", start, *words, cwd=tmp_path, pythonpath=unpacked)
    done = json.loads(told.splitlines()[-1])
    assert done["golden_records"] > 0
    assert done["events_published"] > 0
