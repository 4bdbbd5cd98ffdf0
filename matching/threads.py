"""Work that can be done side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def side_by_side(tasks: Sequence[Callable[[], T]], threads: int) -> list[T]:
    """What the tasks give, in their order; begun in that order too, so the longest goes first."""
    if min(threads, len(tasks)) < 2:  # noqa: PLR2004 - nothing to share out
        return [task() for task in tasks]
    with ThreadPoolExecutor(threads) as pool:
        return [each.result() for each in [pool.submit(task) for task in tasks]]
