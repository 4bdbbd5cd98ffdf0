"""`mdm run` and `mdm demo` as a user starts and ends them."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

MDM = Path(sys.executable).with_name("mdm")
PATIENCE = 90


@contextmanager
def started(environment: dict[str, str], *words: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """A command that goes on, and the first line of JSON that it answered with."""
    with subprocess.Popen(
        [MDM, *words, "--json"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None,  # pytest shows it where a test fails
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, "the command ended without an answer"
            yield process, json.loads(line)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=PATIENCE)


def asked(url: str, key: str | None = None) -> Any:
    """The JSON answer of the API."""
    request = urllib.request.Request(url)
    if key is not None:
        request.add_header("Authorization", f"Bearer {key}")
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.loads(answer.read())


def test_a_running_hub_answers_until_it_is_interrupted_and_leaves_nothing_behind(
    hub_environment: dict[str, str], port: int
) -> None:
    environment = {**hub_environment, "MDM_BROKER_URL": "embedded"}
    with started(environment, "run", "--port", str(port)) as (process, told):
        assert told["broker"].startswith("mqtt://monitor:")
        assert asked(f"{told['url']}/openapi.json")["openapi"] == "3.1.0"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=PATIENCE) == 0
    with pytest.raises(OSError, match="refused"):
        asked(f"{told['url']}/ready")


def test_a_taken_port_is_told_before_anything_starts(
    hub_environment: dict[str, str], port: int
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        done = subprocess.run(
            [MDM, "run", "--port", str(port)],
            env=hub_environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "--port" in done.stderr


def test_the_demo_serves_golden_records_to_the_key_it_prints(port: int, tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    words = ("demo", "--records", "300", "--port", str(port))
    with started(environment, *words) as (_, told):
        page = asked(f"{told['url']}/v1/suppliers?limit=3", told["api_key"])
        assert len(page["results"]) == 3
        assert {user["roles"][0] for user in told["users"]} == {
            "steward",
            "approver",
            "admin",
            "auditor",
        }


def test_the_demo_tells_a_person_all_that_signing_in_asks_for(port: int, tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    words = [str(MDM), "demo", "--records", "300", "--port", str(port), "--keep", str(tmp_path)]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line)
            if "One-time codes" in line:
                break
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=PATIENCE) == 0
    stella = next(line.split() for line in told if line.split()[:1] == ["stella"])
    assert [len(word) for word in stella[1:3]] == [20, 32]
    again = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "the hub of an earlier demo" in " ".join(again.stderr.split())
