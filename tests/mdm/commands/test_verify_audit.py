"""`mdm verify-audit` as an auditor uses it, and the verifier alone on another machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import text

from mdm.proof import verifier
from mdm.push import push
from mdm.store.anchors import Anchors
from mdm.store.hub import Hub
from mdm.store.sequencer import sequence
from mdm.store.transaction import Act
from tests.servers.hub import unguard

MDM = Path(sys.executable).with_name("mdm")


def run(environment: dict[str, str], *words: str) -> tuple[int, Any]:
    """The exit code and the one line of JSON of the command."""
    done = subprocess.run(
        [MDM, "verify-audit", *words, "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    said = " ".join(done.stderr.split())
    return done.returncode, json.loads(done.stdout) if done.stdout else said


def environment_of(hub: Hub) -> dict[str, str]:
    """The environment in which the command works on this hub."""
    settings = hub.settings
    return {
        "PATH": "/usr/bin:/bin",
        "MDM_DATABASE_URL": settings.database_url,
        "MDM_KEYS": str(settings.keys_file),
        "MDM_ANCHORS": str(settings.anchors_file),
    }


def filled(hub: Hub) -> None:
    push(hub, "csv", "supplier", [{"id": "V1", "name": "Acme GmbH"}], Act("push", "test"))
    sequence(hub.database, "test")
    Anchors(hub.database, hub.settings.anchors_file).drop(now=True)


def test_the_command_tells_what_is_proven_and_what_is_not_sealed_yet(
    hub: Hub, hub_environment: dict[str, str]
) -> None:
    filled(hub)
    push(hub, "csv", "supplier", [{"id": "V2", "name": "Borealis Oy"}], Act("push", "test"))
    code, told = run(hub_environment)
    assert (code, told["ok"], told["unsealed"], told["anchors"]) == (0, True, 2, 1)
    assert told["broken"] is None


def test_the_command_names_the_first_broken_entry_and_fails(
    hub: Hub, hub_environment: dict[str, str]
) -> None:
    filled(hub)
    unguard(hub.database)
    with hub.database.engine.begin() as connection:
        number = connection.scalar(text("SELECT id FROM audit WHERE subject LIKE 'sup_%'"))
        connection.execute(
            text("UPDATE audit SET entry = replace(entry, 'Acme', 'Evil') WHERE id = :id"),
            {"id": number},
        )
    code, told = run(hub_environment)
    assert (code, told["ok"], told["broken"]["entry"]) == (1, False, number)
    assert told["broken"]["subject"].startswith("sup_")


def test_an_export_is_proven_by_the_command_and_by_the_verifier_alone(
    sqlite_hub: Hub, tmp_path: Path
) -> None:
    filled(sqlite_hub)
    environment = environment_of(sqlite_hub)
    export, anchors = tmp_path / "audit.jsonl", str(sqlite_hub.settings.anchors_file)
    code, told = run(environment, "--export", str(export))
    assert (code, told["entries"] > 0) == (0, True)
    assert run({"PATH": "/usr/bin:/bin"}, str(export), "--anchors", anchors)[0] == 0
    alone = tmp_path / "verifier.py"
    shutil.copy(str(verifier.__file__), alone)
    words = [sys.executable, "-I", str(alone), str(export), anchors]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, "1 anchors fit" in done.stdout) == (0, True)
    export.write_text(export.read_text().replace("Acme", "Evil"))
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, "altered" in done.stdout) == (1, True)


def test_what_is_no_audit_or_no_anchors_file_is_told(sqlite_hub: Hub, tmp_path: Path) -> None:
    environment = environment_of(sqlite_hub)
    other = tmp_path / "other.jsonl"
    other.write_text("id;name\n")
    code, told = run(environment, str(other))
    assert (code, "line 1" in str(told)) == (1, True)
    code, told = run(environment, "--anchors", str(tmp_path / "none"))
    assert (code, "no anchors file" in str(told)) == (1, True)
