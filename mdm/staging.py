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
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from mdm.domains import DOMAINS
from mdm.golden.versions import laid_over
from mdm.inbound.arrive import Arrived, arrive
from mdm.inbound.guard import Column, Facts, tally
from mdm.inbound.mapping import Feed, Source
from mdm.inbound.payload import row_hash
from mdm.inbound.readers import Answer, Row
from mdm.model.domain import Mastering
from mdm.model.match_columns import match_columns
from mdm.quality import check_arrivals
from mdm.records import Arrival, Reject, SealedValue
from mdm.sealing.keys import Keys
from mdm.settings import Settings
from mdm.workers import in_order, workers

CHUNK = 4000
"""Rows that travel together through a worker."""
PARALLEL_FROM = 8
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

    arrivals: list[bytes]
    keys: list[str]
    lines: list[int]
    columns_to_match: bytes
    """Taken away once they are matched."""
    """What the matching engine reads of the arrivals, as Arrow; empty where it is not asked."""
    rejects: list[Reject]
    sealed: list[SealedValue]
    unmapped: Counter[tuple[str, str]]
    columns: set[str]
    not_kept: dict[str, str]
    told: dict[str, Column]
    """What the arrivals tell in the columns that identify."""
    skipped: dict[str, int]
    """Rows that are no records of the domain, by reason."""


@dataclass(slots=True)
class StagedChunk:
    """Where the arrivals of a chunk lie in the spool, and what must be known of them before.

    Packed: a million rows are staged at a time.
    """

    spans: npt.NDArray[np.int64]
    """Offset and length in the spool, a row for each arrival."""
    keys: pl.Series
    lines: npt.NDArray[np.int64]
    sealed: Place
    columns_to_match: bytes

    def __len__(self) -> int:
        return len(self.spans)

    def places(self) -> list[Place]:
        """Where each arrival lies in the spool."""
        return [(offset, length) for offset, length in self.spans.tolist()]


@dataclass(slots=True)
class Staged:
    """One file's rows, aside."""

    feed: Feed
    path: Path
    standing: int = 0
    """Records of the source that the hub held before."""
    answer: Answer = field(default_factory=Answer)
    """What the file says of itself beside its rows."""
    rows: int = 0
    chunks: list[StagedChunk] = field(default_factory=list)
    held: list[tuple[int, int]] = field(default_factory=list)
    """(record id, line) of rows whose payload is the one we hold."""
    rejects: list[Reject] = field(default_factory=list)
    unmapped: Counter[tuple[str, str]] = field(default_factory=Counter)
    columns: set[str] = field(default_factory=set)
    """Those that no line reads."""
    not_kept: dict[str, str] = field(default_factory=dict)
    """Those that are read and yet nothing could keep, each with the reason."""
    facts: Facts = field(default_factory=Facts)
    """What guards judge of the rows alone."""
    skipped: Counter[str] = field(default_factory=Counter)


Place = tuple[int, int]
"""Offset and length in the spool."""

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Arrival).decode
_unpack_sealed = msgspec.msgpack.Decoder(list[SealedValue]).decode


class SpoolReader:
    """Reads staged arrivals; any process may."""

    def __init__(self, path: str) -> None:
        self._handle = os.open(path, os.O_RDONLY)

    def arrival(self, place: Place) -> Arrival:
        """The arrival that lies there."""
        return _unpack(os.pread(self._handle, place[1], place[0]))

    def sealed(self, place: Place) -> list[SealedValue]:
        """The protected values that lie there."""
        return _unpack_sealed(os.pread(self._handle, place[1], place[0]))

    def close(self) -> None:
        """Gives the file back."""
        os.close(self._handle)


class Spool(SpoolReader):
    """A file that holds staged arrivals until they are applied; deleted at the end."""

    def __init__(self) -> None:
        handle, self.path = tempfile.mkstemp(prefix="mdm-stage-")
        self._writer = os.fdopen(handle, "wb")
        super().__init__(self.path)

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        self.close()
        Path(self.path).unlink()

    def add(self, parts: Sequence[bytes]) -> list[Place]:
        """Keeps the parts; returns where each lies."""
        offset = self._writer.tell()
        places = []
        for part in parts:
            places.append((offset, len(part)))
            offset += len(part)
        self._writer.write(b"".join(parts))
        self._writer.flush()
        return places


class Worker:
    """Lets chunks of rows of one file arrive; lives in a worker process."""

    def __init__(self, source: Source, feed: Feed, keys: Keys, *, matched: bool) -> None:
        self.source, self.feed, self.keys = source, feed, keys
        # What is matched as one batch is so only where nothing of this source is held yet.
        self.matched = matched

    def __call__(self, rows: list[Row]) -> Chunk:
        """What came of these rows."""
        arrived = arrive(self.feed, self.source, rows, self.keys)
        check_arrivals(DOMAINS[self.feed.domain], arrived.arrivals)
        told = tally(DOMAINS[self.feed.domain], arrived.arrivals)
        return _chunk(arrived, self._columns(arrived), told)

    def _columns(self, arrived: Arrived) -> bytes:
        domain = DOMAINS[self.feed.domain]
        if not self.matched or domain.mastering is not Mastering.FUZZY:
            return b""
        return match_columns(domain, [laid_over(domain, {}, a.told) for a in arrived.arrivals])


def _chunk(arrived: Arrived, columns: bytes, told: dict[str, Column]) -> Chunk:
    return Chunk(
        arrivals=[_pack(arrival) for arrival in arrived.arrivals],
        keys=[arrival.source_key for arrival in arrived.arrivals],
        lines=[arrival.line for arrival in arrived.arrivals],
        columns_to_match=columns,
        sealed=arrived.sealed,
        rejects=arrived.rejects,
        unmapped=Counter({(u.field, u.value): u.count for u in arrived.unmapped}),
        columns=arrived.unmapped_columns,
        not_kept=arrived.not_kept,
        told=told,
        skipped=arrived.skipped,
    )


_worker: Worker | None = None


def _start(worker: Worker) -> None:
    global _worker  # noqa: PLW0603 - a worker process holds its mapping once, not per chunk
    _worker = worker


def _run(rows: list[Row]) -> Chunk:
    assert _worker is not None
    return _worker(rows)


def stage_rows(
    chunks: Iterator[list[Row]],
    known: Known,
    worker: Worker,
    cores: int,
    aside: tuple[Staged, Spool],
) -> None:
    """Keeps aside what comes of every row that is not held as it is."""
    staged, spool = aside
    fresh = _fresh(chunks, known, worker, staged)
    first = list(islice(fresh, PARALLEL_FROM))
    if len(first) < PARALLEL_FROM or cores == 1:
        for rows in chain(first, fresh):
            _keep(worker(rows), staged, spool)
        return
    with workers(cores, _start, worker) as pool:
        for result in in_order(pool, _run, chain(first, fresh), ahead=cores * 3):
            _keep(result, staged, spool)


def _fresh(
    chunks: Iterator[list[Row]], known: Known, worker: Worker, staged: Staged
) -> Iterator[list[Row]]:
    """The rows whose payload is not the one we hold, CHUNK at a time; notes all others.

    A payload is hashed here: sending it to another process and back takes longer.
    """
    fresh: list[Row] = []
    for rows in chunks:
        staged.rows += len(rows)
        fresh += _sifted(rows, known, worker, staged) if len(known.hashes) else rows
        while len(fresh) >= CHUNK:
            yield fresh[:CHUNK]
            fresh = fresh[CHUNK:]
    if fresh:
        yield fresh


def _sifted(rows: list[Row], known: Known, worker: Worker, staged: Staged) -> list[Row]:
    hashes = [row_hash(worker.feed, worker.source, row, worker.keys) for row in rows]
    holders = known.find(hashes).tolist()
    found = list(zip(rows, holders, strict=True))
    staged.held += [(holder, row.line) for row, holder in found if holder >= 0]
    return [row for row, holder in found if holder < 0]


def _keep(chunk: Chunk, staged: Staged, spool: Spool) -> None:
    *places, sealed = spool.add([*chunk.arrivals, _pack(chunk.sealed)])
    staged.chunks.append(
        StagedChunk(
            spans=np.array(places, dtype=np.int64).reshape(-1, 2),
            keys=pl.Series(chunk.keys, dtype=pl.String),
            lines=np.array(chunk.lines, dtype=np.int64),
            sealed=sealed,
            columns_to_match=chunk.columns_to_match,
        )
    )
    staged.rejects.extend(chunk.rejects)
    staged.unmapped.update(chunk.unmapped)
    staged.columns |= chunk.columns
    staged.not_kept |= chunk.not_kept
    staged.facts.add(chunk.told)
    staged.skipped.update(chunk.skipped)


def describe(path: Path) -> dict[str, Any]:
    """Name and size of a file, for the log."""
    return {"name": path.name, "size": path.stat().st_size}


def cores_of(settings: Settings) -> int:
    """How many worker processes a load may have."""
    return settings.cores or os.cpu_count() or 1
