"""Every command is found by its name, and only what runs is loaded."""

from __future__ import annotations

import subprocess
import sys

from typer.main import get_group

from mdm.cli import application
from mdm.commands import NAMES


def test_each_file_of_commands_has_the_command_of_its_name() -> None:
    assert set(get_group(application()).commands) == {name.replace("_", "-") for name in NAMES}


def test_finding_duplicates_in_a_file_loads_no_database() -> None:
    said = (
        "import sys; from mdm.cli import application; application('dedupe');"
        " sys.exit('sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0
