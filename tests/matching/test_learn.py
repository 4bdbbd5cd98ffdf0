"""Weights learned without a label, beside trusted classifiers on the same vectors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import recordlinkage
from sklearn.linear_model import LogisticRegression

from bench.quality import coded, f1, true_pairs
from matching.find import Found, find
from matching.learn import indicators
from matching.regress import Labelled, Prior, regress
from matching.score import MATCH
from tests.matching.made import suppliers

AGREED = 0.99


@pytest.fixture(scope="module")
def truth_and_found() -> tuple[np.ndarray, int, Found]:
    """Whether each compared pair is true, how many true pairs there are, and what we found."""
    told = suppliers(4_000, seed=7)
    owner = told["cluster_id"].rank("dense").to_numpy().astype(np.int64)
    found = find(told.drop("id", "cluster_id"))
    truth = true_pairs(owner)
    left, right = found.left.astype(np.int64), found.right.astype(np.int64)
    return np.isin(coded(len(owner), left, right), truth), len(truth), found


def vectors(found: Found) -> pd.DataFrame:
    """The levels of every pair as recordlinkage wants them: a column of 0 and 1 per level seen."""
    columns = indicators(found.levels)
    seen = columns.any(axis=0) & ~columns.all(axis=0)
    pairs = pd.MultiIndex.from_arrays([found.left, found.right])
    return pd.DataFrame(columns[:, seen].astype(int), index=pairs)


@pytest.mark.filterwarnings("ignore")
def test_without_a_label_we_agree_with_a_classifier_that_was_told_the_truth(
    truth_and_found: tuple[np.ndarray, int, Found],
) -> None:
    true, _, found = truth_and_found
    features = vectors(found)
    told = recordlinkage.LogisticRegressionClassifier()
    theirs = told.fit_predict(features, features.index[true])
    ours = found.verdicts.verdict == MATCH
    assert (features.index.isin(theirs) == ours).mean() >= AGREED


@pytest.mark.filterwarnings("ignore")
def test_without_a_label_we_are_no_worse_than_expectation_maximisation(
    truth_and_found: tuple[np.ndarray, int, Found],
) -> None:
    true, count, found = truth_and_found
    features = vectors(found)
    theirs = features.index.isin(recordlinkage.ECMClassifier().fit_predict(features))
    ours = found.verdicts.verdict == MATCH
    best = f1(int(theirs.sum()), int(true[theirs].sum()), count)
    assert f1(int(ours.sum()), int(true[ours].sum()), count) >= best


def test_the_regression_is_that_of_a_trusted_library() -> None:
    dice = np.random.default_rng(3)
    columns = (dice.random((3_000, 8)) < 0.4).astype(np.float64)
    odds = columns @ dice.normal(0.0, 1.5, 8) - 1.0
    label = (dice.random(3_000) < 1.0 / (1.0 + np.exp(-odds))).astype(np.float64)
    rows = Labelled(columns, label, np.ones(3_000), np.zeros(3_000))
    precision = 0.7
    prior = Prior(np.zeros(8), np.full(8, precision), np.zeros(8))
    theirs = LogisticRegression(C=1.0 / precision, fit_intercept=False, tol=1e-8)
    expected = theirs.fit(columns, label).coef_[0]
    np.testing.assert_allclose(regress(rows, prior, np.zeros(8)), expected, atol=2e-3)
