"""Duplicates in a body of records: good by default, better with decisions, bounded always."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from matching.ask import worth_asking
from matching.find import Decisions, Found, Wish, find, find_all
from tests.matching.made import suppliers


def pair_f1(labels: np.ndarray, truth: pl.Series) -> float:
    """F1 over pairs within clusters."""
    table = pl.DataFrame({"found": labels, "true": truth})

    def pairs(*names: str) -> int:
        sizes = table.group_by(names).len()["len"].cast(pl.Int64)
        return int((sizes * (sizes - 1) // 2).sum())

    return 2 * pairs("found", "true") / (pairs("found") + pairs("true"))


@pytest.fixture(scope="module")
def made() -> pl.DataFrame:
    return suppliers(10_000, seed=11)


@pytest.fixture(scope="module")
def found(made: pl.DataFrame) -> Found:
    return find(made.drop("id", "cluster_id"), Wish(threads=2))


def test_synthetic_suppliers_are_found_without_a_label(made: pl.DataFrame, found: Found) -> None:
    assert pair_f1(found.clusters.labels, made["cluster_id"]) >= 0.95


def test_learned_weights_can_be_read(found: Found) -> None:
    for name, bits in found.rules.weights.items():
        assert bits[0] <= 0 <= bits[-1], name


def test_decisions_bind_and_do_not_make_it_worse(made: pl.DataFrame, found: Found) -> None:
    truth = made["cluster_id"].to_list()
    rows = worth_asking(found.levels, found.bits, 50)
    told = [
        (int(one), int(other), truth[one] == truth[other])
        for one, other in zip(found.left[rows], found.right[rows], strict=True)
    ]
    after = find(made.drop("id", "cluster_id"), Wish(decisions=Decisions.of(told), threads=2))
    assert pair_f1(after.clusters.labels, made["cluster_id"]) >= 0.95
    labels = after.clusters.labels
    assert all((labels[one] == labels[other]) == same for one, other, same in told)


def test_a_million_equal_records_are_one_cluster_in_bounded_time() -> None:
    table = pl.DataFrame({"name": ["Acme Pumps Ltd"]}).select(
        pl.col("name").repeat_by(1_000_000).explode()
    )
    found = find_all(table, Wish(threads=2))
    assert set(found.clusters.labels.tolist()) == {0}


def test_equal_records_that_say_nothing_are_not_the_same() -> None:
    table = pl.DataFrame({"name": ["unknown"] * 50})
    assert len(set(find_all(table, Wish(threads=1)).clusters.labels.tolist())) == 50


@pytest.mark.parametrize(
    "table",
    [
        pl.DataFrame({"name": []}, schema={"name": pl.String}),
        pl.DataFrame({"name": ["Acme Ltd"]}),
        pl.DataFrame({"name": [None, None]}, schema={"name": pl.String}),
        pl.DataFrame(
            {"name": [f"Company {at} Works" for at in range(300)], "city": ["Rome"] * 300}
        ),
        pl.DataFrame({"name": ["x" * 10_000_000, "x" * 10_000_000, "Acme"]}),
    ],
    ids=["empty", "one record", "nothing told", "a column of one value", "ten megabytes in a cell"],
)
@pytest.mark.timeout(300)
def test_odd_tables_are_answered(table: pl.DataFrame) -> None:
    found = find_all(table, Wish(threads=1))
    assert len(found.clusters.labels) == len(table)


def test_only_pairs_of_different_sources_are_linked() -> None:
    table = pl.DataFrame({"name": ["Acme Pumps Ltd", "Acme Pumps Limited", "ACME PUMPS"]})
    found = find(table, Wish(sources=np.array([0, 0, 1]), threads=1))
    assert {(0, 1)}.isdisjoint(zip(found.left.tolist(), found.right.tolist(), strict=True))
