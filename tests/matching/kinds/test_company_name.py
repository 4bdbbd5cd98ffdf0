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


@pytest.mark.parametrize(
    "name",
    [
        "World Wide Fund for Nature (WWF)",
        "WWF - World Wide Fund for Nature",
        "World Wide Fund for Nature \u2013 WWF",
        "The World Wide Fund for Nature (W.W.F.) e.V.",
    ],
)
def test_a_name_s_own_initials_say_nothing_new(name: str) -> None:
    assert match_form(name, None) == match_form("World Wide Fund for Nature", None)


@pytest.mark.parametrize("name", ["Acme Pumps (UK)", "Acme Pumps - KSB", "KSB - Acme Pumps"])
def test_letters_that_are_no_initials_stay(name: str) -> None:
    assert match_form(name, None) != match_form("Acme Pumps", None)


@pytest.mark.parametrize(
    "marker",
    ["t/a", "T/AS", "d/b/a", "n/k/a", "h.o.d.n.", "handelnd unter", "handelend onder de naam",
     "nombre comercial", "exerçant sous le nom", "vormals", "nome fantasia"],
)  # fmt: skip
def test_a_second_name_is_a_name_of_its_own(marker: str) -> None:
    names = parts(f"Zarkon Werke {marker} Foo Bar")
    assert [[word.text for word in name] for name in names] == [["zarkon", "werke"], ["foo", "bar"]]
