"""Running a command and saying what it took: seconds, and the memory of all its processes."""

import os
import platform
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Run:
    """What one command took and printed."""

    seconds: float
    peak_bytes: int
    stdout: str


def run(command: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> Run:
    """Runs a command to its end; RuntimeError with what it said when it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    peak = _Peak(process.pid)
    peak.start()
    stdout, stderr = process.communicate()
    seconds = time.perf_counter() - start
    peak.over.set()
    peak.join()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {stderr[-2000:]}")
    return Run(seconds, peak.bytes, stdout)


class _Peak(threading.Thread):
    """Samples the memory of a process and of all it started; shared pages count once."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.root = psutil.Process(pid)
        self.bytes = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(SAMPLE_SECONDS):
            self.bytes = max(self.bytes, self._now())

    def _now(self) -> int:
        try:
            processes = [self.root, *self.root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0
        return sum(_proportional(process) for process in processes)


def _proportional(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError):
        return 0


def machine() -> str:
    """One line on what these figures were measured on."""
    cores = os.cpu_count()
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0]
    return (
        f"{_processor()}, {cores} cores, {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}, load before: {load:.1f}"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
