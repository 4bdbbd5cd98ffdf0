"""Peers, each with a fair tuning, on the same columns; each is optional.

A peer gives its scored pairs (left, right, probability) and a cluster number per record. emm is not
among them: it asks for a rapidfuzz below 3, so that it cannot be installed beside our engine.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bench.bodies import Body
from bench.quality import Floats, Ints, of_clusters

Scored = tuple[Ints, Ints, Floats, Ints]
FUZZY = ("name", "person_name", "street", "address")
COMPARED = (
    *FUZZY,
    "city",
    "postcode",
    "phone",
    "email",
    "vat_number",
    "tax_number",
    "iban",
    "birth_date",
)
TRAINED_ON = ("name", "person_name", "phone", "street", "address", "birth_date")
PLACES = ("city", "postcode")
STREETS = ("street", "address")
EVEN = 0.5
LEAST_COSINE = 0.2
"""Below it nothing is alike."""


def plain(columns: pl.DataFrame) -> pl.DataFrame:
    """The compared columns in lower case without punctuation; of several values the first."""
    names = [name for name in COMPARED if name in columns.columns]
    texts = [
        (
            pl.col(name).list.drop_nulls().list.first()
            if isinstance(columns.schema[name], pl.List)
            else pl.col(name)
        )
        .str.to_lowercase()
        .str.replace_all(r"[^\p{L}0-9@. ]", "")
        .str.strip_chars()
        .replace("", None)
        for name in names
    ]
    return columns.select(texts)


def components(size: int, left: Ints, right: Ints) -> Ints:
    """A cluster number per record."""
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def splink(told: Body) -> Scored:
    """Splink on DuckDB, trained as its documents say; clusters at a probability of one half."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    table = plain(told.columns()).with_row_index("unique_id").to_pandas()
    names = [name for name in table.columns if name != "unique_id"]
    comparisons: list[Any] = [
        cl.JaroWinklerAtThresholds(name, [0.95, 0.88]).configure(term_frequency_adjustments=True)
        if name in FUZZY
        else cl.ExactMatch(name).configure(term_frequency_adjustments=name == "city")
        for name in names
    ]
    who = "name" if "name" in table else "person_name"
    places = [place for place in PLACES if place in table]
    # A street alone joins all that share a building: it took half of the time for no better pairs.
    streets = [(name, places[-1]) for name in STREETS if places and name in table]
    alone = [name for name in names if name not in PLACES and (name not in STREETS or not places)]
    rules: list[Any] = [block_on(name) for name in alone]
    rules += [block_on(f"substr({who}, 1, 6)", place) for place in places]
    rules += [block_on(*both) for both in streets]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
    )
    linker: Any = Linker(DuckDBAPI().register(table), settings)
    certain: list[Any] = [block_on(who, place) for place in (*PLACES, "phone") if place in table]
    if certain:
        linker.training.estimate_probability_two_random_records_match(certain, recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for both in [(name,) for name in TRAINED_ON if name in alone] + streets:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*both))
    pairs = linker.inference.predict(threshold_match_probability=0.01)
    groups = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, EVEN)
    said = pairs.as_pandas_dataframe()
    labels = np.arange(len(table), dtype=np.int64)
    clusters = groups.as_pandas_dataframe()
    labels[clusters["unique_id"].to_numpy()] = (
        clusters["cluster_id"].rank(method="dense").to_numpy()
    )
    return (
        said["unique_id_l"].to_numpy().astype(np.int64),
        said["unique_id_r"].to_numpy().astype(np.int64),
        said["match_probability"].to_numpy(),
        labels,
    )


def recordlinkage(told: Body) -> Scored:
    """The recordlinkage toolkit: its blocks, comparisons and ECM classifier; components."""
    import recordlinkage as rl

    table = plain(told.columns()).to_pandas()
    indexer = rl.Index()
    for name in table.columns:
        if name not in ("city", "postcode"):
            indexer.block(name)
    pairs = indexer.index(table)
    compare = rl.Compare()
    for name in table.columns:
        if name in FUZZY:
            compare.string(name, name, method="jarowinkler", threshold=0.9, label=name)
        else:
            compare.exact(name, name, label=name)
    features = compare.compute(pairs, table)
    model = rl.ECMClassifier()
    model.fit(features)
    probability = model.prob(features).to_numpy().astype(np.float64)
    left = pairs.get_level_values(0).to_numpy().astype(np.int64)
    right = pairs.get_level_values(1).to_numpy().astype(np.int64)
    likely = probability >= EVEN
    return left, right, probability, components(len(table), left[likely], right[likely])


def cosine(told: Body) -> Scored:
    """Cosine of 3-grams; the columns it reads and its threshold are chosen on the truth."""
    columns, owner = plain(told.columns()), told.owner()
    names = [name for name in (*FUZZY, "city") if name in columns.columns]
    tried = [names[:count] for count in range(1, len(names) + 1)]
    return max((by_grams(columns, each, owner) for each in tried), key=lambda one: one[0])[1]


def by_grams(columns: pl.DataFrame, names: list[str], owner: Ints) -> tuple[float, Scored]:
    """The clustered F1 at the best threshold of these columns' cosine, and what it gives."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    size = len(columns)
    texts = columns.select(
        pl.concat_str(names, separator=" ", ignore_nulls=True).fill_null("")
    ).to_series()
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3)).fit_transform(texts.to_list())
    alike = (vectors @ vectors.T).tocoo()
    keep = (alike.row < alike.col) & (alike.data >= LEAST_COSINE)
    left, right = alike.row[keep].astype(np.int64), alike.col[keep].astype(np.int64)
    likeness = np.clip(alike.data[keep], 0.0, 1.0)
    best, labels, bar = -1.0, np.zeros(0, dtype=np.int64), EVEN
    for threshold in np.arange(0.3, 0.95, 0.025).tolist():
        chosen = likeness >= threshold
        groups = components(size, left[chosen], right[chosen])
        quality = of_clusters(groups, owner)[0]
        if quality > best:
            best, labels, bar = quality, groups, threshold
    # Scaled so that the chosen threshold stands at one half, as for the others.
    score = np.where(likeness >= bar, EVEN + likeness / 2, likeness / 2)
    return best, (left, right, score, labels)


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer, the packages it needs, and the records up to which it ends in minutes."""

    run: Callable[[Body], Scored]
    packages: tuple[str, ...]
    rows: int


PEERS: dict[str, Peer] = {
    "splink": Peer(splink, ("splink", "pyarrow"), 1_000_000),
    "recordlinkage": Peer(recordlinkage, ("recordlinkage", "pyarrow"), 200_000),
    "cosine": Peer(cosine, ("sklearn",), 15_000),
}


def installed(name: str) -> bool:
    """Whether the packages of a peer are here."""
    return all(importlib.util.find_spec(each) is not None for each in PEERS[name].packages)
