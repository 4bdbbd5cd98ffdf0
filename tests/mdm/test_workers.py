"""Worker processes end with the process that began them, however that ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mdm.workers import give_back_memory, in_order, workers

BEGINS = """
import os
from tests.mdm.test_workers import begin_and_wait
if __name__ == "__main__":
    begin_and_wait()
"""
SOON = 20.0


def settle(_setting: int) -> None:
    """What a worker is set up with here: nothing."""


def own_id(_item: int) -> int:
    time.sleep(0.2)
    return os.getpid()


def double(item: int) -> int:
    time.sleep(0.01 * (item % 3))
    return 2 * item


def runs(pid: int) -> bool:
    """Whether the process is there, and no dead one that nobody has asked for yet."""
    asked = ["ps", "-o", "stat=", "-p", str(pid)]
    told = subprocess.run(asked, check=False, capture_output=True, text=True)
    return told.stdout.strip()[:1] not in ("", "Z")


def begin_and_wait() -> None:
    with workers(2, settle, 0) as pool:
        ids = set(in_order(pool, own_id, range(8), ahead=4))
        sys.stdout.write(" ".join(map(str, ids)) + "\n")
        sys.stdout.flush()
        time.sleep(600)


def test_results_come_in_the_order_of_the_items() -> None:
    with workers(2, settle, 0) as pool:
        assert list(in_order(pool, double, range(30), ahead=5)) == list(range(0, 60, 2))


def test_a_killed_process_leaves_no_worker_behind() -> None:
    with subprocess.Popen([sys.executable, "-c", BEGINS], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        ids = [int(one) for one in process.stdout.readline().split()]
        assert ids
        process.send_signal(signal.SIGKILL)
    give_up = time.monotonic() + SOON
    while any(map(runs, ids)):
        if time.monotonic() > give_up:
            pytest.fail(f"workers of a killed process still run: {ids}")
        time.sleep(0.1)


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' C libraries keep less")
def test_memory_that_was_freed_goes_back_to_the_system() -> None:
    rows = [bytes(2_000) for _ in range(50_000)]
    last = rows[-1]
    rows.clear()
    freed = resident()
    give_back_memory()
    assert resident() < freed - 50 * 2**20
    assert len(last) == len(bytes(2_000))
