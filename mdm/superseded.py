"""Which rows of a load a later one takes the place of, and the batches of those that count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from mdm.staging import Place, Staged, StagedChunk
from mdm.store import loads
from mdm.store.hub import Hub

BATCH = 4_000
"""Source records from which a transaction is full."""
Superseded = set[tuple[int, int]]
"""(chunk, place in it) of arrivals that a later row of the same load tells again."""


def superseded(hub: Hub, source: str, files: Sequence[Staged]) -> Superseded:
    """Arrivals whose key a later row of the same load tells again; the later one counts.

    A source that gives a sequence orders its versions itself: there, every row counts.
    """
    if not any(staged.held for staged in files) and not tell_twice(files):
        return set()
    last: dict[str, tuple[int, int, int, int]] = {}
    again: Superseded = set()
    chunk_number = 0
    for file_number, staged in enumerate(files):
        held = _lines_held(hub, source, staged)
        for chunk in staged.chunks:
            if staged.feed.sequence is None:
                for place, key in enumerate(chunk.keys):
                    if key in last:
                        again.add(last[key][2:])
                    last[key] = (file_number, int(chunk.lines[place]), chunk_number, place)
            chunk_number += 1
        for key, line in held.items():
            if key in last and last[key][:2] < (file_number, line):
                again.add(last[key][2:])
    return again


def _lines_held(hub: Hub, source: str, staged: Staged) -> dict[str, int]:
    """Lines of rows whose payload we hold, by key, where the file tells the same key otherwise."""
    if not staged.held or not any(map(len, staged.chunks)):
        return {}
    told = {key for chunk in staged.chunks for key in chunk.keys}
    with hub.database.read() as connection:
        ids = loads.record_ids(connection, source, staged.feed.domain, told)
    lines = dict(staged.held)
    return {key: lines[record_id] for key, record_id in ids.items() if record_id in lines}


def tell_twice(files: Sequence[Staged]) -> bool:
    """Whether several of the arrivals have the same key."""
    keys = [chunk.keys for staged in files for chunk in staged.chunks]
    return bool(keys) and bool(pl.concat(keys).is_duplicated().any())


@dataclass(slots=True)
class StagedBatch:
    """Staged arrivals that are applied together, and where their protected values lie."""

    places: list[Place] = field(default_factory=list)
    sealed: list[Place] = field(default_factory=list)


def batches(chunks: list[StagedChunk], again: Superseded) -> Iterator[StagedBatch]:
    """The arrivals that count, BATCH at a time: of a mostly unchanged file, many chunks' few."""
    left_out_of: dict[int, set[int]] = defaultdict(set)
    for number, place in again:
        left_out_of[number].add(place)
    batch = StagedBatch()
    for number, chunk in enumerate(chunks):
        left_out = left_out_of.get(number, ())
        batch.places += [p for at, p in enumerate(chunk.places()) if at not in left_out]
        batch.sealed.append(chunk.sealed)
        if len(batch.places) >= BATCH:
            yield batch
            batch = StagedBatch()
    if batch.places:
        yield batch
