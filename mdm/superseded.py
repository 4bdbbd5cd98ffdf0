"""Which rows of a load a later one takes the place of."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from mdm.model.domain import Domain
from mdm.staging import Staged
from mdm.store import loads
from mdm.store.hub import Hub

Superseded = set[tuple[int, int]]
"""(chunk, place in it) of arrivals that a later row of the same load tells again."""

SHOWN = 3
"""How many of their keys are named."""


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


def said_again(domain: Domain, files: Sequence[Staged], again: Superseded) -> str:
    """The note that rows were left out: which keys, and how to load a row for each company."""
    chunks = [chunk for staged in files for chunk in staged.chunks]
    keys = sorted({chunks[number].keys[place] for number, place in again})
    shown = ", ".join(keys[:SHOWN]) + (", ..." if len(keys) > SHOWN else "")
    note = f"{len(again):,} rows told a key again ({shown}); the later row counts."
    if any(child.scoped for child in domain.children):
        note += (
            " Where each company has a row of its own, load one company's rows after another's,"
            " without --mode full: then the terms of all are kept."
        )
    return note


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
