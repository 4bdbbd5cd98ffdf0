"""The matching engine beside its peers, in alternating runs on the same table.

    python -m bench.matching                              10k made-up suppliers and the real sets
    python -m bench.matching --sets 100000 1000000 --repeat 3
    python -m bench.matching --curve                      cost from 10k to 3M suppliers

Every run is a process of its own: wall and CPU seconds from the columns in memory to the clusters,
its peak memory with the table and all, pairs compared, blocking recall, pair F1 at the default
threshold and at the best one, F1 of pairs within clusters and B-cubed; then a reliability table of
our probabilities. `cosine` knows the truth when it chooses its threshold. Peers that are not
installed are named and left out. The real sets are read from MDM_SHARED_DATA.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.bodies import FEBRL, REAL, Body, Ints, NotHere, coded, load
from bench.measure import machine
from bench.peers import COSINE_ROWS, PEERS, Scored, installed
from matching.find import Decisions, Found, Wish, find
from matching.learn import worth_asking
from matching.score import MATCH

OUT = Console(width=130, highlight=False)
OURS = "ours"
CURVE = ("10000", "100000", "1000000", "3000000")
EVEN = 0.5
BINS = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """What one contender took, and how good it was."""

    who: str
    body: str
    rows: int
    wall: float
    cpu: float
    megabytes: float
    pairs: int
    recall: float
    f1: float
    best: float
    clustered: float
    cubed: float
    reliability: list[tuple[int, float, float]]
    """Pairs, mean probability and share of true ones, by tenths of probability."""


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


def scored(found: Found) -> Scored:
    """What we found, as a peer would give it."""
    # A pair is a link by its verdict; one that is not stands below one half here.
    linked = found.verdicts.verdict == MATCH
    probability = np.where(
        linked, found.verdicts.probability, np.minimum(found.verdicts.probability, 0.4999)
    )
    return (
        found.left.astype(np.int64),
        found.right.astype(np.int64),
        probability,
        found.clusters.labels,
    )


def with_decisions(told: Body, count: int) -> Found:
    """What we find after simulated decisions on the pairs that we ask for."""
    found = find(told.columns)
    rows = worth_asking(found.levels, found.bits, count, found.undecided)
    truth = told.owner
    decided = [
        (int(one), int(other), bool(truth[one] == truth[other]))
        for one, other in zip(found.left[rows], found.right[rows], strict=True)
    ]
    return find(told.columns, Wish(decisions=Decisions.of(decided)))


def contend(who: str, told: Body) -> Figures:
    """One contender on one body."""
    wall, cpu = time.perf_counter(), time.process_time()
    if who == OURS:
        result = scored(find(told.columns))
    elif who.startswith(OURS):
        result = scored(with_decisions(told, int(who.removeprefix(f"{OURS}+"))))
    else:
        result = PEERS[who][1](told)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    left, right, probability, labels = result
    pairs = coded(len(told.columns), left, right)
    true = np.isin(pairs, told.truth)
    clustered, cubed = clustered_f1(labels, told.owner)
    return Figures(
        who, told.name, len(told.columns), wall, cpu, peak, len(pairs),
        float(true.sum() / max(len(told.truth), 1)), f1(pairs[probability >= EVEN], told.truth),
        best_f1(pairs, probability, told.truth), clustered, cubed, reliability(probability, true),
    )  # fmt: skip


def reliability(
    probability: NDArray[np.float64], true: NDArray[np.bool_]
) -> list[tuple[int, float, float]]:
    """Pairs, mean probability and share of true ones, by tenths of probability."""
    tenth = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    out = []
    for each in range(BINS):
        inside = tenth == each
        count = int(inside.sum())
        mean, share = (probability[inside].mean(), true[inside].mean()) if count else (0.0, 0.0)
        out.append((count, float(mean), float(share)))
    return out


def run(who: str, body: str) -> Figures | None:
    """One contender in a process of its own; None, with the reason told, where it fails."""
    command = [sys.executable, "-m", "bench.matching", "--one", who, body]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        OUT.print(f"{who} on {body}: {last}")
        return None
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def contenders(asked: list[str], body: str) -> list[str]:
    """Who runs on a body, in turn."""
    few = not body.isdigit() or int(body) <= COSINE_ROWS
    who = [OURS, *(name for name in asked if installed(name) and (name != "cosine" or few))]
    return [*who, "ours+50", "ours+100"] if body in REAL else who


def shown(all_figures: list[Figures]) -> Table:
    """The figures as a table."""
    table = Table(title="Matching")
    headings = "who set wall CPU MB pairs recall F1 best clustered B3".split()
    for heading in headings:
        table.add_column(heading, justify="right")
    for each in all_figures:
        table.add_row(
            each.who, each.body, f"{each.wall:.2f}", f"{each.cpu:.2f}", f"{each.megabytes:.0f}",
            f"{each.pairs:,}", f"{each.recall:.4f}", f"{each.f1:.4f}", f"{each.best:.4f}",
            f"{each.clustered:.4f}", f"{each.cubed:.4f}",
        )  # fmt: skip
    return table


def calibration(told: Figures) -> Table:
    """How often pairs of each probability are true: calibrated where both are alike."""
    table = Table(title=f"Reliability, {told.body}")
    for heading in ("probability", "pairs", "mean", "true"):
        table.add_column(heading, justify="right")
    for at, (count, mean, share) in enumerate(told.reliability):
        if count:
            table.add_row(f"{at / BINS:.1f}", f"{count:,}", f"{mean:.3f}", f"{share:.3f}")
    return table


def curve() -> Table:
    """Cost against size: near linear where the last columns stand still."""
    table = Table(title="Cost against size")
    for heading in ("suppliers", "wall", "CPU", "MB", "pairs", "CPU us/record", "pairs/record"):
        table.add_column(heading, justify="right")
    for size in CURVE:
        told = run(OURS, size)
        if told is not None:
            table.add_row(
                f"{told.rows:,}", f"{told.wall:.2f}", f"{told.cpu:.2f}", f"{told.megabytes:.0f}",
                f"{told.pairs:,}", f"{told.cpu / told.rows * 1e6:.1f}",
                f"{told.pairs / told.rows:.2f}",
            )  # fmt: skip
    return table


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="*", default=["10000", *REAL, *FEBRL])
    parser.add_argument("--peers", nargs="*", default=list(PEERS))
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--curve", action="store_true", help="cost from 10k to 3M suppliers")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        told = asdict(contend(options.one[0], load(options.one[1])))
        sys.stdout.write(f"\n{json.dumps(told)}\n")
        return
    OUT.print(machine())
    if options.curve:
        OUT.print(curve())
        return
    for name in options.peers:
        if not installed(name):
            OUT.print(f"{name} is not installed: left out.")
    found: list[Figures] = []
    for body in options.sets:
        for _ in range(options.repeat):
            found += [done for who in contenders(options.peers, body) if (done := run(who, body))]
    OUT.print(shown(found))
    for each in {each.body: each for each in found if each.who == OURS}.values():
        OUT.print(calibration(each))


if __name__ == "__main__":
    try:
        main()
    except NotHere as missing:
        sys.exit(str(missing))
