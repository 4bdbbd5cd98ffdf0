"""A batch on Spark gives what it gives on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from matching.engines.keys import keys_of
from matching.engines.local import compared
from matching.find import Wish, find
from matching.frequency import counted, reweighted
from matching.rules import default_rules
from matching.table import table
from tests.matching.made import suppliers


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if shutil.which("java") is None:
        pytest.skip("no Java on this machine")
    pytest.importorskip("pyarrow", reason="extra spark is not installed")
    sql = pytest.importorskip("pyspark.sql", reason="extra spark is not installed")
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = builder.config("spark.sql.shuffle.partitions", "4").getOrCreate()
    yield session
    session.stop()


@pytest.mark.filterwarnings("ignore")
def test_spark_finds_the_pairs_and_levels_that_the_local_engine_finds(spark: Any) -> None:
    from matching.engines.spark import compared_on_spark

    columns = suppliers(1_500, seed=2).drop("id", "cluster_id")
    rules = default_rules(secret=b"spark")
    made = table(columns, rules)
    rules = counted(made, rules)
    made = reweighted(made, rules)
    here = compared(made, list(keys_of(made, rules)), rules, 1)
    there = compared_on_spark(columns, made, rules, spark)
    assert there.left.tolist() == here.left.tolist()
    assert there.right.tolist() == here.right.tolist()
    assert there.levels.tolist() == here.levels.tolist()
    assert {(e.name, e.key, e.count) for e in there.over_common} == {
        (e.name, e.key, e.count) for e in here.over_common
    }


def test_the_local_engine_never_loads_spark() -> None:
    said = "import sys, matching.find, mdm.commands.dedupe; sys.exit('pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0


def test_local_is_what_runs_unless_spark_is_asked_for() -> None:
    assert Wish().engine == "local"
    assert len(find(suppliers(50).drop("id", "cluster_id"), Wish(threads=1)).clusters.labels) == 50
