"""Peers, each with a fair tuning, on the same columns; each is optional."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
COMPARED = ("name", "street", "address", "city", "postcode", "phone", "email", "vat_number", "iban")


def splink_pairs(columns: pl.DataFrame) -> tuple[Ints, Ints, NDArray[np.float64], Ints]:
    """Left, right and probability of Splink's pairs (DuckDB), and its clusters at one half."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    names = [name for name in COMPARED if name in columns.columns]
    texts = [
        pl.col(name).str.to_lowercase().str.replace_all(r"[^\p{L}0-9@. ]", "").str.strip_chars()
        for name in names
        if columns.schema[name] == pl.String
    ]
    table = columns.select(texts).with_row_index("unique_id").to_pandas()
    fuzzy = {"name", "street", "address"}
    comparisons: list[Any] = [
        cl.JaroWinklerAtThresholds(name, [0.95, 0.88]) if name in fuzzy else cl.ExactMatch(name)
        for name in table.columns
        if name != "unique_id"
    ]
    rules: list[Any] = [
        block_on(name) for name in table.columns if name not in ("unique_id", "city")
    ]
    rules += [
        block_on("substr(name, 1, 6)", place) for place in ("city", "postcode") if place in table
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
    )
    linker: Any = Linker(DuckDBAPI().register(table), settings)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for name in ("name", "phone", "street", "address"):
        if name in table:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(name))
    pairs = linker.inference.predict(threshold_match_probability=0.01)
    groups = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, 0.5)
    said = pairs.as_pandas_dataframe()
    labels = np.arange(len(table), dtype=np.int64)
    told = groups.as_pandas_dataframe()
    labels[told["unique_id"].to_numpy()] = told["cluster_id"].rank(method="dense").to_numpy()
    return (
        said["unique_id_l"].to_numpy().astype(np.int64),
        said["unique_id_r"].to_numpy().astype(np.int64),
        said["match_probability"].to_numpy(),
        labels,
    )
