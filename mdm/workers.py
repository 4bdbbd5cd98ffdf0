"""Worker processes: set up once, given work in order, ended with the process that began them.

And what work on very many rows asks of Python and of the system: not to look for cycles among
them, and to take back the memory they needed.
"""

from __future__ import annotations

import ctypes
import gc
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import TypeVar

Setting = TypeVar("Setting")
Given = TypeVar("Given")
Got = TypeVar("Got")


@contextmanager
def workers(cores: int, start: Callable[[Setting], None], setting: Setting) -> Iterator[Executor]:
    """So many processes, each of which ran `start(setting)` once."""
    with ProcessPoolExecutor(cores, get_context("spawn"), _begin, (start, setting)) as pool:
        yield pool


def _begin(start: Callable[[Setting], None], setting: Setting) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Rows make no cycles: looking for some costs a sixth of a worker's time.
    gc.disable()
    start(setting)


def _end_with_parent() -> None:
    """Ends this process when the one that began it is gone: killed, it could not say so itself."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


@contextmanager
def no_cycles_sought() -> Iterator[None]:
    """Rows make no cycles: looking for some among so many costs up to a quarter of the work."""
    sought = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if sought:
            gc.enable()


def give_back_memory() -> None:
    """Gives the system what was freed; glibc keeps most of it for a need that does not come again.

    After a million rows were matched that is half of what the process holds.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def in_order(
    pool: Executor, work: Callable[[Given], Got], items: Iterable[Given], ahead: int
) -> Iterator[Got]:
    """Results in the order of the items, with few enough underway to bound the memory."""
    underway: deque[Future[Got]] = deque()
    for item in items:
        underway.append(pool.submit(work, item))
        if len(underway) >= ahead:
            yield underway.popleft().result()
    while underway:
        yield underway.popleft().result()
