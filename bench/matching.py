"""The matching engine beside its peers, in alternating runs on the same files.

    python -m bench.matching                              10k made-up suppliers and the real sets
    python -m bench.matching --sets 100000 --repeat 3     suppliers alone, three alternating runs
    python -m bench.matching --curve                      cost from 10k to 3M suppliers

Every run is a process of its own: wall and CPU seconds from reading the file to the clusters, its
peak memory with all libraries, pairs compared, blocking recall, pair F1 at the default threshold
and at the best one, F1 of pairs within clusters and B-cubed; then how the clusters fare against
each peer's, a reliability table of our probabilities, and names alone (org_name_pairs) beside the
cosine. `cosine` knows the truth when it chooses its threshold. `ours+50` is ours after 50 simulated
decisions. Peers that are not installed (extra `bench`) are named and left out, a run longer than
--limit seconds is ended and named. The real sets are read from MDM_SHARED_DATA.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.bodies import DECIDED, FEBRL, REAL, Body, NotHere, body
from bench.measure import machine
from bench.names import NAMES, names_beside_cosine
from bench.peers import EVEN, PEERS, Scored, installed
from bench.quality import TENTHS, Tenth, best_f1, coded, f1, of_clusters, reliability, true_pairs
from matching.ask import worth_asking
from matching.find import Decisions, Found, Wish, find, find_all
from matching.score import MATCH

OUT = Console(width=130, highlight=False)
OURS = "ours"
CURVE = ("10000", "100000", "1000000", "3000000")
HEADINGS = "who set wall CPU MB pairs recall F1 best clustered B3".split()


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
    reliability: list[Tenth]


def scored(found: Found) -> Scored:
    """What we found, as a peer would give it."""
    # A pair is a link by its verdict; one that is not stands below one half here.
    linked = found.verdicts.verdict == MATCH
    said = found.verdicts.probability
    probability = np.where(linked, said, np.minimum(said, np.nextafter(EVEN, 0.0)))
    left, right = found.left.astype(np.int64), found.right.astype(np.int64)
    return left, right, probability, found.clusters.labels


def with_decisions(told: Body, count: int) -> Found:
    """What we find after simulated decisions on the pairs that we ask for."""
    columns, truth = told.columns(), told.owner()
    found = find(columns)
    rows = worth_asking(found.levels, found.bits, count, found.undecided)
    decided = [
        (int(one), int(other), bool(truth[one] == truth[other]))
        for one, other in zip(found.left[rows], found.right[rows], strict=True)
    ]
    return find(columns, Wish(decisions=Decisions.of(decided)))


def contend(who: str, told: Body) -> Figures:
    """One contender on one body."""
    wall, cpu = time.perf_counter(), time.process_time()
    if who == OURS:
        result = scored(find_all(told.columns(), Wish()))
    elif who.startswith(OURS):
        result = scored(with_decisions(told, int(who.removeprefix(f"{OURS}+"))))
    else:
        result = PEERS[who].run(told)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    left, right, probability, labels = result
    owner = told.owner()
    truth = true_pairs(owner)
    true = np.isin(coded(len(owner), left, right), truth)
    linked = probability >= EVEN
    return Figures(
        who, told.name, len(owner), wall, cpu, peak, len(left), true.sum() / max(len(truth), 1),
        f1(int(linked.sum()), int(true[linked].sum()), len(truth)),
        best_f1(probability, true, len(truth)), *of_clusters(labels, owner),
        reliability(probability, true),
    )  # fmt: skip


def run(who: str, told: Body, limit: float) -> Figures | None:
    """One contender in a process of its own; None, with the reason told, where it fails."""
    command = [sys.executable, "-m", "bench.matching", "--one", who, told.name]
    environment = {**os.environ, "MDM_BENCH_FOLDER": str(told.path.parent)}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=limit, env=environment
        )
    except subprocess.TimeoutExpired:
        OUT.print(f"{who} on {told.name}: ended after {limit:.0f} s.")
        return None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        OUT.print(f"{who} on {told.name}: {last}")
        return None
    figures = Figures(**json.loads(done.stdout.splitlines()[-1]))
    OUT.print(" ".join(cells(figures)))
    return figures


def contenders(asked: list[str], told: Body) -> list[str]:
    """Who runs on a body, in turn."""
    rows = len(told.owner())
    who = [OURS, *(name for name in asked if installed(name) and rows <= PEERS[name].rows)]
    return [*who, "ours+50", "ours+100"] if told.name in DECIDED else who


def cells(each: Figures) -> list[str]:
    """The figures as text, in the order of the headings."""
    return [
        each.who, each.body, f"{each.wall:.2f}", f"{each.cpu:.2f}", f"{each.megabytes:.0f}",
        f"{each.pairs:,}", f"{each.recall:.4f}", f"{each.f1:.4f}", f"{each.best:.4f}",
        f"{each.clustered:.4f}", f"{each.cubed:.4f}",
    ]  # fmt: skip


def table(title: str, headings: list[str], rows: list[list[str]]) -> Table:
    """Rows under headings."""
    out = Table(title=title)
    for heading in headings:
        out.add_column(heading, justify="right")
    for row in rows:
        out.add_row(*row)
    return out


def beside(found: list[Figures]) -> Table:
    """Each peer's wall, CPU and memory as a multiple of ours, medians of the runs."""

    def median(who: str, where: str, what: str) -> float:
        told = [getattr(each, what) for each in found if (each.who, each.body) == (who, where)]
        return float(np.median(told))

    pairs = dict.fromkeys((each.who, each.body) for each in found if not each.who.startswith(OURS))
    rows = []
    for who, where in pairs:
        if any((each.who, each.body) == (OURS, where) for each in found):
            times = [
                f"{median(who, where, what) / median(OURS, where, what):.2f}"
                for what in ("wall", "cpu", "megabytes")
            ]
            gain = median(OURS, where, "clustered") - median(who, where, "clustered")
            rows.append([who, where, *times, f"{gain:+.4f}"])
    return table("A peer's cost over ours", "who set wall CPU MB gain".split(), rows)


def calibration(told: Figures) -> Table:
    """How often pairs of each probability are true: calibrated where both are alike."""
    rows = [
        [f"{at / TENTHS:.1f}", f"{count:,}", f"{mean:.3f}", f"{share:.3f}"]
        for at, (count, mean, share) in enumerate(told.reliability)
        if count
    ]
    return table(f"Reliability, {told.body}", "probability pairs mean true".split(), rows)


def curve(folder: Path, limit: float) -> Table:
    """Cost against size: near linear where the last columns stand still."""
    runs = (run(OURS, body(size, folder), limit) for size in CURVE)
    rows = [
        [
            f"{told.rows:,}",
            f"{told.wall:.2f}",
            f"{told.cpu:.2f}",
            f"{told.megabytes:.0f}",
            f"{told.cpu / told.rows * 1e6:.1f}",
            f"{told.pairs / told.rows:.2f}",
        ]
        for told in runs
        if told is not None
    ]
    headings = "suppliers wall CPU MB us/record pairs/record".split()
    return table("Cost against size", headings, rows)


def measured(options: argparse.Namespace, folder: Path) -> None:
    """Runs who was asked for, in turn, and prints."""
    for name in options.peers:
        if not installed(name):
            OUT.print(f"{name} is not installed: left out.")
    found: list[Figures] = []
    OUT.print(" ".join(HEADINGS))
    for name in options.sets:
        if name == NAMES:
            OUT.print(names_beside_cosine())
            continue
        told = body(name, folder)
        for _ in range(options.repeat):
            runs = (run(who, told, options.limit) for who in contenders(options.peers, told))
            found += [done for done in runs if done is not None]
    OUT.print(table("Matching", HEADINGS, [cells(each) for each in found]))
    OUT.print(beside(found))
    for each in {each.body: each for each in found if each.who == OURS}.values():
        OUT.print(calibration(each))


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", nargs="*", default=["10000", *REAL, *FEBRL, NAMES])
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS))
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--limit", type=float, default=600.0, help="seconds a run may take")
    parser.add_argument("--curve", action="store_true", help="cost from 10k to 3M suppliers")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        told = body(options.one[1], Path(os.environ["MDM_BENCH_FOLDER"]))
        sys.stdout.write(f"\n{json.dumps(asdict(contend(options.one[0], told)))}\n")
        return
    OUT.print(machine())
    with tempfile.TemporaryDirectory() as folder:
        if options.curve:
            OUT.print(curve(Path(folder), options.limit))
        else:
            measured(options, Path(folder))


if __name__ == "__main__":
    try:
        main()
    except NotHere as missing:
        sys.exit(str(missing))
