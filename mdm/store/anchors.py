"""Anchors: the head of the audit, told to a file outside the database.

Whoever rewrites the audit in the database, seals and all, or cuts its tail off, cannot make it fit
what stands here.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from mdm import clock
from mdm.store.database import Database
from mdm.store.seals import head
from mdm.store.statements import text

SECONDS = 10.0
"""While the hub is busy, an anchor is written this often; when it rests, at once."""
TAIL = 4096
"""Bytes at the end of the file that surely hold its last line."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the audit stood at an instant."""

    epoch: int
    seq: int
    seal: str
    at: str
    entries: int


def current(database: Database) -> Anchor | None:
    """Where the audit stands now; None where nothing is sealed yet."""
    with database.read() as connection:
        last = head(connection)
        epoch = connection.scalar(text("SELECT value FROM hub WHERE name = 'epoch'"))
    if last is None:
        return None
    return Anchor(int(epoch or 0), last.seq, last.seal.hex(), clock.iso(clock.now()), last.entries)


class Anchors:
    """The anchors of a hub, as one process drops them; without a file, for others to tell."""

    def __init__(self, database: Database, path: Path | None) -> None:
        self.database = database
        self.path = path
        self.last: Anchor | None = None
        """The last one dropped."""
        self._written = 0.0

    def drop(self, *, now: bool = False) -> Anchor | None:
        """Anchors the head where it moved; returns it if it did.

        Unless told `now`, waits until the last anchor is SECONDS old.
        """
        if not now and time.monotonic() - self._written < SECONDS and self.last is not None:
            return None
        anchor = current(self.database)
        if anchor is None or (self.last is not None and anchor.seq == self.last.seq):
            return None
        if self.path is not None:
            append(self.path, anchor)
        self.last, self._written = anchor, time.monotonic()
        return anchor


def append(path: Path, anchor: Anchor) -> None:
    """Adds the anchor to the file, on the disk when this returns; one that is there already stays.

    An anchor behind the last one of its epoch is left out: another process was faster.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
        lines = file.read().splitlines()
        if lines:
            last = json.loads(lines[-1])
            if (last["epoch"], last["seq"]) >= (anchor.epoch, anchor.seq):
                return
        file.write(json.dumps(asdict(anchor), separators=(",", ":")).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
