"""Labelled pairs of names, made up after real life: what the shipped rules say of each."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from matching.online import compare, prepare
from matching.rules import default_rules
from matching.score import MATCH

CASES = Path(__file__).parent.parent / "cases" / "pairs.csv"
RULES = default_rules(secret=b"cases")


def cases() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["why"])
def test_names_are_told_apart_as_a_person_would(case: dict[str, str]) -> None:
    left, right = prepare({"name": case["left"]}, RULES), prepare({"name": case["right"]}, RULES)
    said = compare([left], [right], RULES)
    assert (int(said.verdict[0]) == MATCH) == (case["same"] == "yes"), said.evidence
    assert case["same"] == "no" or set(left.keys) & set(right.keys)
