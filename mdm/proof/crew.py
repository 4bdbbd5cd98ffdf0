"""Who does the jobs of a replay: this process, or one per core."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from mdm.proof.folding import Folded
from mdm.proof.forming import Formed, Former, Result, Setting, Told
from mdm.store.database import Database, open_database
from mdm.workers import in_order, workers

ALONE = 20_000
"""Source records up to which one process is faster than several."""


class Crew:
    """Does jobs in their order: in this process, or in as many as there are cores."""

    def __init__(self, former: Former | None, pool: Executor | None, cores: int) -> None:
        self._former, self._pool, self.cores = former, pool, cores

    def told(self, jobs: Iterable[Told]) -> Iterator[Folded]:
        """What source records said."""
        return self._done(_told, Former.told, jobs)

    def formed(self, jobs: Iterable[Formed]) -> Iterator[Result]:
        """Golden records, formed and compared."""
        return self._done(_formed, Former.formed, jobs)

    def _done(self, far: Any, near: Any, jobs: Iterable[Any]) -> Iterator[Any]:
        if self._pool is None:
            return (near(self._former, job) for job in jobs)
        return in_order(self._pool, far, jobs, ahead=self.cores + 2)


_former: Former | None = None


def _start(setting: Setting) -> None:
    global _former  # noqa: PLW0603 - a worker process is set up once, not per job
    _former = Former(setting, open_database(setting.database))


def _told(job: Told) -> Folded:
    assert _former is not None
    return _former.told(job)


def _formed(job: Formed) -> Result:
    assert _former is not None
    return _former.formed(job)


@contextmanager
def crew_of(setting: Setting, database: Database, cores: int, records: int) -> Iterator[Crew]:
    """Workers for so many records."""
    if cores == 1 or records <= ALONE:
        yield Crew(Former(setting, database), None, 1)
        return
    with workers(cores, _start, setting) as pool:
        yield Crew(None, pool, cores)
