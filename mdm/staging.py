"""Stages a load whole: reads its files, lets its rows arrive on all cores, and keeps them aside.

Nothing of a load is applied before its last file was read to the end. What is staged is sealed, so
the spool holds no protected value in clear. Rows whose payload is the one we hold are told early,
by their hash, and are not mapped again.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from mdm.inbound.arrive import Arrived, arrive, payload_hash
from mdm.inbound.mapping import Feed, Source
from mdm.inbound.readers import Row
from mdm.records import Arrival, Reject, SealedValue
from mdm.sealing.keys import Keys

CHUNK = 4000
"""Rows that travel together through a worker."""
PARALLEL_FROM = 3
"""Chunks from which worker processes pay for their start."""

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Known:
    """Payload hashes of the source records we hold, sorted, with the record each belongs to."""

    hashes: npt.NDArray[np.void]
    records: npt.NDArray[np.int64]

    def find(self, hashes: Sequence[bytes]) -> npt.NDArray[np.int64]:
        """For each payload hash the record that holds it now, else -1."""
        if not len(self.hashes) or not hashes:
            return np.full(len(hashes), -1, dtype=np.int64)
        asked = np.frombuffer(b"".join(hashes), dtype=self.hashes.dtype)
        place = np.minimum(np.searchsorted(self.hashes, asked), len(self.hashes) - 1)
        return np.where(self.hashes[place] == asked, self.records[place], -1)


HASH = np.dtype("S16")


def known_of(rows: Sequence[tuple[bytes, int]]) -> Known:
    """The index of (payload hash, record id) rows."""
    hashes = np.array([row[0] for row in rows], dtype=HASH)
    records = np.array([row[1] for row in rows], dtype=np.int64)
    order = np.argsort(hashes, kind="stable")
    return Known(hashes[order], records[order])


@dataclass(slots=True)
class Chunk:
    """What came of some rows: arrivals (packed), refused ones, and what else they brought."""

    rows: int
    arrivals: bytes
    count: int
    keys: list[str]
    lines: list[int]
    held: list[tuple[int, int]]
    """(record id, line) of rows whose payload is the one we hold."""
    rejects: list[Reject]
    unmapped: Counter[tuple[str, str]]
    columns: set[str]


@dataclass(slots=True)
class Staged:
    """One file's rows, aside."""

    feed: Feed
    path: Path
    rows: int = 0
    chunks: list[tuple[int, int]] = field(default_factory=list)
    """(offset, length) in the spool."""
    keys: list[list[str]] = field(default_factory=list)
    lines: list[list[int]] = field(default_factory=list)
    held: list[tuple[int, int]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    unmapped: Counter[tuple[str, str]] = field(default_factory=Counter)
    columns: set[str] = field(default_factory=set)


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(tuple[list[Arrival], list[SealedValue]]).decode


class Spool:
    """A file that holds staged arrivals until they are applied."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="mdm-stage-")

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, data: bytes) -> tuple[int, int]:
        """Keeps the bytes; returns where."""
        offset = self._file.seek(0, os.SEEK_END)
        self._file.write(data)
        return offset, len(data)

    def read(self, place: tuple[int, int]) -> tuple[list[Arrival], list[SealedValue]]:
        """The arrivals of one chunk, and the protected values they brought."""
        offset, length = place
        self._file.seek(offset)
        return _unpack(self._file.read(length))


class Worker:
    """Lets chunks of rows of one file arrive; lives in a worker process."""

    def __init__(self, source: Source, feed: Feed, keys: Keys, known: Known) -> None:
        self.source, self.feed, self.keys, self.known = source, feed, keys, known

    def __call__(self, rows: list[Row]) -> Chunk:
        """What came of these rows."""
        hashes = [payload_hash(self.feed, self.source, row, self.keys) for row in rows]
        holders = self.known.find(hashes).tolist()
        fresh = [row for row, holder in zip(rows, holders, strict=True) if holder < 0]
        held = [(h, row.line) for row, h in zip(rows, holders, strict=True) if h >= 0]
        arrived = arrive(self.feed, self.source, fresh, self.keys)
        return _chunk(len(rows), arrived, held)


def _chunk(rows: int, arrived: Arrived, held: list[tuple[int, int]]) -> Chunk:
    return Chunk(
        rows=rows,
        arrivals=_pack((arrived.arrivals, arrived.sealed)),
        count=len(arrived.arrivals),
        keys=[arrival.source_key for arrival in arrived.arrivals],
        lines=[arrival.line for arrival in arrived.arrivals],
        held=held,
        rejects=arrived.rejects,
        unmapped=Counter({(u.field, u.value): u.count for u in arrived.unmapped}),
        columns=arrived.unmapped_columns,
    )


_worker: Worker | None = None


def _start(worker: Worker) -> None:
    global _worker  # noqa: PLW0603 - a worker process holds its mapping once, not per chunk
    _worker = worker


def _run(rows: list[Row]) -> Chunk:
    assert _worker is not None
    return _worker(rows)


def stage_rows(
    chunks: Iterator[list[Row]], worker: Worker, cores: int, staged: Staged, spool: Spool
) -> Iterator[int]:
    """Lets every chunk arrive and keeps it; yields the number of rows staged so far."""
    first: list[list[Row]] = []
    for chunk in chunks:
        first.append(chunk)
        if len(first) >= PARALLEL_FROM:
            break
    if len(first) < PARALLEL_FROM or cores < 2:
        for chunk in _chained(first, chunks):
            _keep(worker(chunk), staged, spool)
            yield staged.rows
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(cores, context, _start, (worker,)) as pool:
        for result in _in_order(pool, _chained(first, chunks), ahead=cores * 3):
            _keep(result, staged, spool)
            yield staged.rows


def _chained(first: list[list[Row]], rest: Iterator[list[Row]]) -> Iterator[list[Row]]:
    yield from first
    yield from rest


def _in_order(pool: Executor, chunks: Iterator[list[Row]], ahead: int) -> Iterator[Chunk]:
    """Results in the order of the chunks, with few enough underway to bound the memory."""
    underway: list[Future[Chunk]] = []
    for chunk in chunks:
        underway.append(pool.submit(_run, chunk))
        if len(underway) >= ahead:
            yield underway.pop(0).result()
    for future in underway:
        yield future.result()


def _keep(chunk: Chunk, staged: Staged, spool: Spool) -> None:
    staged.rows += chunk.rows
    staged.chunks.append(spool.add(chunk.arrivals))
    staged.keys.append(chunk.keys)
    staged.lines.append(chunk.lines)
    staged.held.extend(chunk.held)
    staged.rejects.extend(chunk.rejects)
    staged.unmapped.update(chunk.unmapped)
    staged.columns |= chunk.columns


def describe(path: Path) -> dict[str, Any]:
    """Name and size of a file, for the log."""
    return {"name": path.name, "size": path.stat().st_size}
