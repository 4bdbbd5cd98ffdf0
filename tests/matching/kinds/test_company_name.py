"""The own words of a name and the class of its legal form, country by country."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from matching.kinds.company_name import form_class, match_form, parts

CASES = Path(__file__).parents[2] / "cases" / "legal_forms.csv"
COUNTRIES = 40


def cases() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["country"])
def test_a_legal_form_is_told_from_the_name(case: dict[str, str]) -> None:
    assert match_form(case["name"], None) == case["words"]
    assert [form_class(name) for name in parts(case["name"])] == [case["form"]]


def test_the_legal_forms_of_forty_countries_are_known() -> None:
    assert len({case["country"] for case in cases()}) >= COUNTRIES
