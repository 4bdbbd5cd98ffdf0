"""A batch on a Spark cluster: the same standardising, keys, levels and verdicts, in own stages.

    rows -> keys (a shuffle by key, crowded keys dropped and reported) -> pairs, each once ->
    pairs joined with both rows -> levels -> edges collected by the driver

Every stage that thinks is the local engine's own code on an Arrow batch: results are the same. The
words and common values come with the rules; nothing is counted across batches but keys.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from matching.blocking import KEY_NAMES
from matching.engines.batch import OverCommon
from matching.engines.keys import keys_of
from matching.engines.levels import Levels, levels
from matching.engines.local import Compared
from matching.fields import INPUTS, MISSING, NAMES
from matching.rules import Rules
from matching.score import evidence_rows
from matching.table import Table
from matching.tabulate import table

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

Batches = Iterator["pa.RecordBatch"]
KEY_SCHEMA = "kind int, key long, row int"
EDGE_SCHEMA = "left int, right int, kinds int, evidence string"


def compared_on_spark(
    columns: pl.DataFrame, made: Table, rules: Rules, session: SparkSession | None = None
) -> Compared:
    """The candidate pairs of the rows with their levels, found on the cluster."""
    from pyspark.sql import SparkSession as Session

    # Workers on this machine must run the interpreter that holds the engine.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = session or Session.builder.appName("matching").getOrCreate()
    spark.conf.set("spark.sql.execution.arrow.pyspark.enabled", "true")
    told = columns.select([name for name in INPUTS if name in columns.columns])
    numbered = told.with_row_index("row").with_columns(pl.col("row").cast(pl.Int32))
    rows = spark.createDataFrame(numbered.to_arrow(compat_level=pl.CompatLevel.oldest())).cache()
    keys = rows.mapInArrow(keyed(rules), KEY_SCHEMA).distinct().cache()
    edges = scored(rows, met(keys, rules.key_cap), rules).toArrow()
    found = pl.DataFrame(pl.from_arrow(edges)).sort("left", "right")
    return Compared(
        made,
        found["left"].to_numpy().astype(np.int32),
        found["right"].to_numpy().astype(np.int32),
        found["kinds"].to_numpy().astype(np.uint32),
        read(found["evidence"]),
        crowded(keys, rules.key_cap),
    )


def keyed(rules: Rules) -> Callable[[Batches], Batches]:
    """The stage that gives every row its blocking keys."""

    def stage(batches: Batches) -> Batches:
        for batch in batches:
            rows = pl.DataFrame(pl.from_arrow(batch))
            number = rows["row"].to_numpy()
            for each in keys_of(table(rows.drop("row"), rules), rules):
                told = pl.DataFrame(
                    {
                        "kind": np.full(len(each.keys), each.kind, dtype=np.int32),
                        "key": each.keys,
                        "row": number[each.rows].astype(np.int32),
                    }
                )
                yield from told.to_arrow().to_batches()

    return stage


def met(keys: DataFrame, cap: int) -> DataFrame:
    """The pairs of rows that share a key which no more than `cap` rows have, each once."""
    from pyspark.sql import functions as f

    sizes = keys.groupBy("kind", "key").agg(f.count("*").alias("size"))
    few = keys.join(sizes.where(f"size between 2 and {cap}"), ["kind", "key"]).drop("size")
    one, other = few.withColumnRenamed("row", "left"), few.withColumnRenamed("row", "right")
    pairs = one.join(other, ["kind", "key"]).where("left < right")
    kind = f.expr("shiftleft(1, kind)").alias("kinds")
    return (
        pairs.select("left", "right", kind)
        .groupBy("left", "right")
        .agg(f.bit_or("kinds").alias("kinds"))
    )


def scored(rows: DataFrame, pairs: DataFrame, rules: Rules) -> DataFrame:
    """The pairs with their levels."""
    names = [name for name in rows.columns if name != "row"]
    sides = [
        rows.select(
            *[rows[name].alias(f"{side}_{name}") for name in names], rows["row"].alias(side)
        )
        for side in ("left", "right")
    ]
    both = pairs.join(sides[0], "left").join(sides[1], "right")
    return both.mapInArrow(levelled(names, rules), EDGE_SCHEMA)


def levelled(names: list[str], rules: Rules) -> Callable[[Batches], Batches]:
    """The stage that compares pairs whose two rows stand side by side."""

    def stage(batches: Batches) -> Batches:
        for batch in batches:
            pairs = pl.DataFrame(pl.from_arrow(batch))
            sides = [
                pairs.select([pl.col(f"{side}_{name}").alias(name) for name in names])
                for side in ("left", "right")
            ]
            made = table(pl.concat(sides), rules)
            size = len(pairs)
            at = np.arange(size, dtype=np.int32)
            told = levels(made, at, at + np.int32(size), rules)
            out = pairs.select("left", "right", "kinds").with_columns(
                evidence=pl.Series(evidence_rows(told), dtype=pl.String)
            )
            yield from (
                out.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(edge_schema()).to_batches()
            )

    return stage


def edge_schema() -> Any:
    """The Arrow schema of an edge."""
    import pyarrow as pa

    whole = [(name, pa.int32()) for name in ("left", "right", "kinds")]
    return pa.schema([*whole, ("evidence", pa.string())])


def read(evidence: pl.Series) -> Levels:
    """Levels from their text."""
    text = evidence.str.join("").item() if len(evidence) else ""
    codes = np.frombuffer(text.encode("ascii"), dtype=np.uint8).reshape(-1, len(NAMES))
    return np.where(codes == ord(MISSING), -1, codes.astype(np.int16) - ord("0")).astype(np.int8)


def crowded(keys: DataFrame, cap: int) -> list[OverCommon]:
    """The keys that more rows have than may be compared."""
    from pyspark.sql import functions as f

    told = keys.groupBy("kind", "key").agg(f.count("*").alias("size"), f.min("row").alias("row"))
    return [
        OverCommon(KEY_NAMES[each["kind"]], each["key"], each["size"], each["row"])
        for each in told.where(f"size > {cap}").collect()
    ]
