"""A batch on Spark gives what it gives on this machine."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from matching.find import Wish, find
from matching.frequency import counted
from matching.rules import default_rules
from matching.tabulate import table
from tests.matching.made import suppliers


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if shutil.which("java") is None:
        pytest.skip("no Java on this machine")
    pytest.importorskip("pyarrow", reason="extra spark is not installed")
    sql = pytest.importorskip("pyspark.sql", reason="extra spark is not installed")
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    yield session
    with warnings.catch_warnings():
        # Spark leaves the sockets to its workers for the garbage collector to close.
        warnings.simplefilter("ignore", ResourceWarning)
        session.stop()
        gc.collect()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("spark")
def test_spark_finds_the_pairs_levels_and_clusters_that_the_local_engine_finds() -> None:
    columns = suppliers(600, seed=2).drop("id", "cluster_id")
    rules = default_rules(secret=b"spark")
    rules = replace(counted(table(columns, rules), rules), auto_link="best", key_cap=3)
    here = find(columns, Wish(rules=rules, learn=False, threads=1))
    there = find(columns, Wish(rules=rules, learn=False, engine="spark"))
    assert len(here.left) > len(columns) / 4
    assert here.over_common
    assert there.left.tolist() == here.left.tolist()
    assert there.right.tolist() == here.right.tolist()
    assert there.levels.tolist() == here.levels.tolist()
    assert there.verdicts.probability.tolist() == here.verdicts.probability.tolist()
    assert there.clusters.labels.tolist() == here.clusters.labels.tolist()
    assert {(e.name, e.key, e.count) for e in there.over_common} == {
        (e.name, e.key, e.count) for e in here.over_common
    }


def test_the_local_engine_never_loads_spark() -> None:
    said = "import sys, matching.find, mdm.commands.dedupe; sys.exit('pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0


def test_local_is_what_runs_unless_spark_is_asked_for() -> None:
    assert Wish().engine == "local"
    assert len(find(suppliers(50).drop("id", "cluster_id"), Wish(threads=1)).clusters.labels) == 50
