"""Leases: of several processes that could do a job, one does it at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta

from mdm import clock
from mdm.store.database import Database
from mdm.store.statements import text
from mdm.store.transaction import begin

SECONDS = 15
"""How long a lease holds without being renewed: what a killed holder costs its successor."""
RENEWED_AFTER = 4.0
"""Seconds before the holder asks again: asking writes."""


@dataclass(slots=True)
class Lease:
    """A place that one holder has at a time."""

    database: Database
    name: str
    holder: str
    _asked: float | None = None

    def held(self) -> bool:
        """Whether the place is ours, taken or renewed where needed; False: somebody else's."""
        now = time.monotonic()
        if self._asked is not None and now - self._asked < RENEWED_AFTER:
            return True
        self._asked = now if self._take() else None
        return self._asked is not None

    def drop(self) -> None:
        """Gives the place back, so that a successor need not wait for its end."""
        self._asked = None
        with self.database.engine.connect() as connection:
            begin(connection, self.database.dialect)
            connection.execute(
                text("DELETE FROM lease WHERE name = :name AND holder = :holder"),
                {"name": self.name, "holder": self.holder},
            )
            connection.commit()

    def _take(self) -> bool:
        instant = clock.now()
        values = {
            "name": self.name,
            "holder": self.holder,
            "now": clock.iso(instant),
            "until": clock.iso(instant + timedelta(seconds=SECONDS)),
        }
        with self.database.engine.connect() as connection:
            begin(connection, self.database.dialect)
            taken = connection.execute(
                text(
                    "INSERT INTO lease (name, holder, until) VALUES (:name, :holder, :until)"
                    " ON CONFLICT (name) DO UPDATE SET holder = :holder, until = :until"
                    " WHERE lease.holder = :holder OR lease.until < :now"
                ),
                values,
            ).rowcount
            connection.commit()
        return taken == 1
