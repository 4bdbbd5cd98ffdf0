"""One big supplier CSV for measurements, made on all cores; the same seed gives the same bytes."""

from __future__ import annotations

import csv
import io
import os
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mdm.samples.plain import SUPPLIER_COLUMNS, supplier_row
from mdm.samples.reference import LEGAL_ENTITIES
from mdm.samples.telling import Told, cluster_size, tell
from mdm.samples.world import companies, pick, postcode_of

CHUNK = 10_000
PARALLEL_FROM = 3 * CHUNK
_CODES = tuple(entity.code for entity in LEGAL_ENTITIES)


@dataclass(frozen=True, slots=True)
class Part:
    """One chunk of the file: which rows, where they go, and what makes them random."""

    number: int
    seed: int
    positions: npt.NDArray[np.int64]
    change_every: int | None


def bench_csv(path: Path, rows: int, seed: int = 7, *, change_every: int | None = None) -> Path:
    """Writes suppliers in the columns of suppliers.csv; returns the truth (id,entity) beside it.

    With `change_every=10` every tenth row has moved and has another phone number; all other rows
    are the bytes they are without it.
    """
    parts = parts_of(rows, seed, change_every)
    lines = np.empty(rows, dtype=object)
    entities = np.empty(rows, dtype=np.int64)
    for part, (texts, owners) in zip(parts, _all(parts, rows), strict=True):
        lines[part.positions] = texts
        entities[part.positions] = owners
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write((",".join(SUPPLIER_COLUMNS) + "\n").encode())
        file.writelines(lines)
    truth = path.with_suffix(".truth.csv")
    with truth.open("w", encoding="utf-8", newline="\n") as told:
        told.write("id,entity\n")
        told.writelines(
            f"{place},{entity}\n" for place, entity in enumerate(entities.tolist(), start=1)
        )
    return truth


def parts_of(rows: int, seed: int, change_every: int | None) -> list[Part]:
    """The chunks of a file; each can be made alone, on any core."""
    positions = np.random.default_rng(seed).permutation(rows)
    return [
        Part(number, seed, positions[start : start + CHUNK], change_every)
        for number, start in enumerate(range(0, rows, CHUNK))
    ]


def _all(parts: list[Part], rows: int) -> Iterator[tuple[list[bytes], list[int]]]:
    if rows < PARALLEL_FROM:
        yield from map(made, parts)
        return
    with ProcessPoolExecutor(os.cpu_count() or 1, get_context("spawn")) as pool:
        yield from pool.map(made, parts)


def made(part: Part) -> tuple[list[bytes], list[int]]:
    """The lines of one chunk and the company each tells of."""
    rng = random.Random(f"{part.seed}:{part.number}")
    lines: list[bytes] = []
    owners: list[int] = []
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for told in _told(rng, part):
        key = int(part.positions[len(lines)]) + 1
        entity = pick(rng, _CODES)
        if part.change_every and key % part.change_every == 0:
            _move(told, random.Random(f"{part.seed}:{key}:moved"))
        writer.writerow(supplier_row(str(key), told, entity))
        lines.append(buffer.getvalue().encode())
        buffer.seek(0)
        buffer.truncate()
        owners.append(told.entity)
    return lines, owners


def _told(rng: random.Random, part: Part) -> Iterator[Told]:
    left, entity = len(part.positions), part.number * CHUNK
    for company in companies(rng):
        entity += 1
        for copy in range(min(cluster_size(rng), left)):
            yield tell(entity, company, rng, 1.0 if copy else 0.5)
            left -= 1
        if not left:
            return


def _move(told: Told, rng: random.Random) -> None:
    """Gives the record another address and phone number."""
    country = told.company.country
    city = pick(rng, country.cities)
    told.street, told.house = pick(rng, country.streets), str(221 + int(rng.random() * 99))
    told.city, told.postcode = city.name, postcode_of(country, city, rng)
    told.phone = f"+{country.dial}{told.company.phone[-9:-4]}{1000 + int(rng.random() * 9000)}"
