"""Staged arrivals in the batches that are applied in one transaction each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from mdm.staging import Place, StagedChunk
from mdm.superseded import Superseded

BATCH = 4_000
"""Source records from which a transaction is full."""


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
