"""The matching engine beside its peers, in alternating runs on the same table.

    python -m bench.matching                          10k synthetic suppliers and the real sets
    python -m bench.matching --rows 10000 100000 1000000 --repeat 3

Prints wall, memory, pairs compared, blocking recall, pair F1 at the default threshold and at the
best one, clustered F1 and B-cubed, and a reliability table of the probabilities. Peers that are not
installed are named and left out. The real sets are read from MDM_SHARED_DATA.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from matching.find import Decisions, Found, Wish, find
from matching.guess import arranged, guess
from matching.learn import worth_asking
from matching.score import MATCH
from mdm.samples import bench_csv

OUT = Console(width=120, highlight=False)
Ints = NDArray[np.int64]
REAL = ("chicago_childcare", "fodors_zagat", "goc_vendors")


@dataclass(frozen=True, slots=True)
class Body:
    """A body of records with its truth: every true pair as left * size + right, ascending."""

    name: str
    columns: pl.DataFrame
    truth: Ints
    owner: Ints


def coded(size: int, left: Ints, right: Ints) -> Ints:
    """Pairs as single numbers."""
    return np.minimum(left, right) * size + np.maximum(left, right)


def body(name: str, columns: pl.DataFrame, owner: Ints) -> Body:
    """A body of records whose cluster is known of each."""
    order = np.argsort(owner, kind="stable")
    first = np.flatnonzero(np.concatenate([[True], np.diff(owner[order]) != 0]))
    pairs = [
        (int(one), int(other))
        for members in np.split(order, first[1:])
        for at, one in enumerate(members)
        for other in members[at + 1 :]
    ]
    left = np.array([one for one, _ in pairs], dtype=np.int64)
    right = np.array([other for _, other in pairs], dtype=np.int64)
    return Body(name, columns, np.sort(coded(len(columns), left, right)), owner)


def synthetic(rows: int) -> Body:
    """Suppliers made by the samples generator."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "suppliers.csv"
        truth = pl.read_csv(bench_csv(path, rows))
        table = pl.read_csv(path, infer_schema=False)
    owner = truth[truth.columns[1]].to_numpy().astype(np.int64)
    return body(f"synthetic {rows:,}", arranged(table, guess(table)), owner)


def real(name: str) -> Body | None:
    """A labelled real set; None where it is not on this machine."""
    folder = Path(os.environ.get("MDM_SHARED_DATA", "../shared/data")) / "matching" / name
    if not folder.is_dir():
        return None
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


def f1(found: Ints, truth: Ints) -> float:
    """F1 of pairs."""
    right = np.isin(found, truth).sum()
    return float(2 * right / max(len(found) + len(truth), 1))


def best_f1(pairs: Ints, probability: NDArray[np.float64], truth: Ints) -> float:
    """The highest F1 any threshold gives."""
    order = np.argsort(-probability, kind="stable")
    hits = np.cumsum(np.isin(pairs[order], truth))
    scores = 2 * hits / (np.arange(1, len(order) + 1) + len(truth))
    last = np.append(np.diff(probability[order]) != 0, True) if len(order) else np.zeros(0, bool)
    return float(scores[last].max(initial=0.0))


def clustered_f1(labels: Ints, owner: Ints) -> tuple[float, float]:
    """F1 over pairs within clusters, and B-cubed F1."""
    table = pl.DataFrame({"found": labels, "true": owner})

    def sizes(*names: str) -> NDArray[np.float64]:
        return table.select(pl.len().over(names))["len"].to_numpy().astype(np.float64)

    both, found, true = sizes("found", "true"), sizes("found"), sizes("true")
    pairs = [float((each - 1).sum()) for each in (both, found, true)]
    precision, recall = float((both / found).mean()), float((both / true).mean())
    cubed = 2 * precision * recall / (precision + recall)
    return 2 * pairs[0] / max(pairs[1] + pairs[2], 1.0), cubed


def ours(told: Body) -> tuple[list[str], Found]:
    """The row of our figures."""
    began = time.perf_counter()
    found = find(told.columns)
    wall = time.perf_counter() - began
    return row("ours", told, found, wall), found


def row(name: str, told: Body, found: Found, wall: float) -> list[str]:
    """One line of the table of figures."""
    size = len(told.columns)
    pairs = coded(size, found.left.astype(np.int64), found.right.astype(np.int64))
    linked = pairs[found.verdicts.verdict == MATCH]
    pair_f1, cubed = clustered_f1(found.clusters.labels, told.owner)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    recall = float(np.isin(told.truth, pairs).mean()) if len(told.truth) else 1.0
    figures = (
        f1(linked, told.truth),
        best_f1(pairs, found.verdicts.probability, told.truth),
        pair_f1,
        cubed,
    )
    return [
        name, told.name, f"{wall:.2f}", f"{peak:.0f}", f"{len(pairs):,}", f"{recall:.4f}",
        *(f"{figure:.4f}" for figure in figures),
    ]  # fmt: skip


def with_decisions(told: Body, count: int, rounds: int = 1) -> list[str]:
    """Our figures after simulated decisions on the pairs that we ask for."""
    decided: list[tuple[int, int, bool]] = []
    found = find(told.columns)
    for _ in range(rounds):
        for at in worth_asking(found.levels, found.bits, count // rounds, found.undecided).tolist():
            one, other = int(found.left[at]), int(found.right[at])
            decided.append((one, other, bool(told.owner[one] == told.owner[other])))
        began = time.perf_counter()
        found = find(told.columns, Wish(decisions=Decisions.of(decided)))
    return row(f"+ {count} decisions", told, found, time.perf_counter() - began)


def splink(told: Body) -> list[str] | None:
    """Splink on DuckDB with its own comparisons; None where it is not installed."""
    if importlib.util.find_spec("splink") is None:
        return None
    from bench.peers import splink_pairs

    began = time.perf_counter()
    left, right, probability, labels = splink_pairs(told.columns)
    wall = time.perf_counter() - began
    pairs = coded(len(told.columns), left, right)
    linked = pairs[probability >= 0.5]  # noqa: PLR2004 - its own default question: more likely than not
    pair_f1, cubed = clustered_f1(labels, told.owner)
    recall = float(np.isin(told.truth, pairs).mean())
    figures = (f1(linked, told.truth), best_f1(pairs, probability, told.truth), pair_f1, cubed)
    return [
        "Splink", told.name, f"{wall:.2f}", "", f"{len(pairs):,}", f"{recall:.4f}",
        *(f"{figure:.4f}" for figure in figures),
    ]  # fmt: skip


def reliability(told: Body, found: Found) -> Table:
    """How often pairs of each probability are true: calibrated where both are alike."""
    pairs = coded(len(told.columns), found.left.astype(np.int64), found.right.astype(np.int64))
    true = np.isin(pairs, told.truth)
    table = Table(title=f"Reliability, {told.name}")
    for heading in ("probability", "pairs", "mean", "true"):
        table.add_column(heading, justify="right")
    for low in np.arange(0.0, 1.0, 0.1):
        inside = (found.verdicts.probability >= low) & (found.verdicts.probability < low + 0.1)
        inside |= (low > 0.85) & (found.verdicts.probability == 1.0)  # noqa: PLR2004 - the last bin
        if inside.any():
            mean, share = found.verdicts.probability[inside].mean(), true[inside].mean()
            table.add_row(
                f"{low:.1f}-{low + 0.1:.1f}", f"{inside.sum():,}", f"{mean:.3f}", f"{share:.3f}"
            )
    return table


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000])
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--sets", nargs="*", default=list(REAL))
    options = parser.parse_args()
    table = Table(title="Matching")
    headings = (
        "who",
        "set",
        "wall s",
        "peak MB",
        "pairs",
        "recall",
        "F1",
        "best",
        "clustered",
        "B3",
    )
    for heading in headings:
        table.add_column(heading, justify="right")
    makers: list[Callable[[], Body | None]] = [partial(real, name) for name in options.sets]
    makers += [partial(synthetic, rows) for rows in options.rows]
    last: tuple[Body, Found] | None = None
    for make in makers:
        told = make()
        if told is None:
            OUT.print("A real set is not here; set MDM_SHARED_DATA.")
            continue
        for _ in range(options.repeat):
            line, found = ours(told)
            table.add_row(*line)
            last = (told, found)
            peer = splink(told)
            if peer is None:
                OUT.print("Splink is not installed (extra bench): left out.")
            else:
                table.add_row(*peer)
        for count in (50, 100):
            table.add_row(*with_decisions(told, count))
    OUT.print(table)
    if last is not None:
        OUT.print(reliability(*last))


if __name__ == "__main__":
    main()
