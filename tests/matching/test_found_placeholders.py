"""Values that stand for "not known" are found by themselves, named, and can be released."""

from __future__ import annotations

import polars as pl
import pytest

from matching.find import Wish, find
from matching.found_placeholders import Placeholder, listed, made_up
from matching.rules import default_rules
from matching.tabulate import table, without


@pytest.mark.parametrize(
    "value", ["123456789", "000000001", "999999990", "appliedfor", "87654321", "none"]
)
def test_numbers_that_nobody_has_look_made_up(value: str) -> None:
    assert made_up(value)


@pytest.mark.parametrize("value", ["811569869", "2028950", "b12345674", "4151122334"])
def test_numbers_that_somebody_has_do_not(value: str) -> None:
    assert not made_up(value)


def companies(**fields: list[str | None]) -> pl.DataFrame:
    size = len(next(iter(fields.values())))
    made = [
        f"{'bcdfgh'[at // 5]}{'aeiou'[at % 5]}{'klmnpr'[at // 5]}vex Works" for at in range(size)
    ]
    return pl.DataFrame({"name": made, **fields})


def test_a_number_that_everybody_has_joins_nobody_and_is_named_with_its_count() -> None:
    found = find(companies(tax_number=["4711 0815 23"] * 30), Wish(threads=1))
    (told,) = found.placeholders
    assert (told.field, told.value, told.records) == ("tax_number", "4711081523", 30)
    assert told.reason == "everybody's"
    assert len(set(found.clusters.labels.tolist())) == 30


def test_a_number_that_looks_made_up_needs_only_a_few() -> None:
    found = find(companies(vat_number=["DE123456789"] * 3 + [None] * 3), Wish(threads=1))
    assert [(told.value, told.reason) for told in found.placeholders] == [("123456789", "made up")]


def test_a_person_can_call_a_value_real() -> None:
    table = companies(tax_number=["4711081523"] * 30)
    wish = Wish(threads=1, real={"tax_number": frozenset({"4711081523"})})
    assert find(table, wish).placeholders == []


def test_the_number_of_one_company_told_often_is_no_placeholder() -> None:
    table = pl.DataFrame({"name": ["Acme Pumps Ltd"] * 30, "tax_number": ["4711081523"] * 30})
    assert find(table, Wish(threads=1)).placeholders == []


def test_fields_without_found_placeholders_are_those_standardised_without_them() -> None:
    numbers = ["55500011", "DE811569869", "55500011", None, "4711"]
    mails = [["info@one.example"], ["ask@two.example", "info@one.example"], ["info@one.example"]]
    columns = pl.DataFrame(
        {
            "name": list("abcde"),
            "vat_number": numbers,
            "email": [*mails, ["info@one.example", "x@one.example", "a@b.example"], None],
            "website": [None, None, "www.one.example", "www.c.example", None],
        }
    )
    rules = default_rules()
    before = table(columns, rules).flats
    more = listed(
        rules,
        [
            Placeholder("vat_number", "55500011", 2, 2, "made up"),
            Placeholder("email", "info@one.example", 2, 2, "everybody's"),
        ],
    )
    found = without(before, columns, more, ["vat_number", "email"])
    expected = table(columns, more).flats
    for name, each in expected.items():
        assert found[name].start.tolist() == each.start.tolist(), name
        assert found[name].hashes.tolist() == each.hashes.tolist(), name
        assert found[name].text.to_list() == each.text.to_list(), name
    assert found["vat_number"].text.to_list() == ["811569869", "4711"]
