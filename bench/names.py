"""Names alone: labelled pairs of company names, beside the cosine of 3-grams."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from bench.bodies import shared
from bench.quality import best_f1, f1
from matching.engines.local import score_pairs
from matching.rules import default_rules
from matching.score import MATCH

NAMES = "org_name_pairs"


def names_beside_cosine() -> str:
    """One line: our F1 at the default threshold and at the best one, and the cosine's best."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    told = pl.read_csv(shared(NAMES) / "pairs.csv", infer_schema=False)
    same = (told["is_match"] == "true").to_numpy()
    names = pl.concat([told["name1"].alias("name"), told["name2"].alias("name")])
    left = np.arange(len(told), dtype=np.int32)
    rules = replace(default_rules(), auto_link="best")
    verdicts = score_pairs(pl.DataFrame({"name": names}), left, left + len(told), rules)
    linked = verdicts.verdict == MATCH
    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3)).fit_transform(names.to_list())
    alike = grams[: len(told)].multiply(grams[len(told) :]).sum(axis=1)
    count = int(same.sum())
    return (
        f"{NAMES}: F1 {f1(int(linked.sum()), int(same[linked].sum()), count):.4f}, "
        f"best {best_f1(verdicts.probability, same, count):.4f}; "
        f"cosine, best {best_f1(np.asarray(alike).ravel(), same, count):.4f}"
    )
