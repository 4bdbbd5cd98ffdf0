"""A real mosquitto broker on a free port, which a test may kill and start again."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ports import free_port, wait_until_open

MISSING = "no mosquitto broker on PATH or in /usr/sbin"

# The shipped defaults drop messages above 1,000 queued ones per client and forget all on a restart.
CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 1
set_tcp_nodelay true
max_queued_messages 0
max_queued_bytes 0
max_inflight_messages 200
log_dest file {folder}/log
log_type error
log_type warning
log_type notice
"""


@dataclass(slots=True)
class Mosquitto:
    """A broker with a folder and a port of its own: the same ones after a restart."""

    program: str
    folder: Path
    port: int
    extra_config: str = ""
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """The address as `MDM_BROKER_URL` takes it."""
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts the broker and returns once it accepts connections."""
        config = CONFIG.format(port=self.port, folder=self.folder) + self.extra_config
        if os.geteuid() == 0:
            config += "user root\n"  # else it drops to a user who may not enter the folder
        path = self.folder / "mosquitto.conf"
        path.write_text(config, encoding="utf-8")
        self.process = subprocess.Popen(
            [self.program, "-c", str(path)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        wait_until_open(self.port)

    def kill(self) -> None:
        """Ends the broker as a power cut would: nothing is written any more."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ends the broker in order: it writes its state first."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Stops the broker in order and starts it again, with what it had kept."""
        self.stop()
        self.start()

    def log(self) -> str:
        """What the broker has written to its log so far."""
        path = self.folder / "log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=15)
            self.process = None


def find_program() -> str | None:
    """The broker's program, or None."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def new_mosquitto(program: str, folder: Path, extra_config: str = "") -> Mosquitto:
    """A broker that is not started yet, in a folder of its own."""
    return Mosquitto(program, folder, free_port(), extra_config)
