"""Any pair can be explained."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matching.explain import explain, percent
from matching.online import prepare
from matching.rules import AutoLink, default_rules

RULES = default_rules(secret=b"explain")
ACME = {
    "name": "Acme Pumps Ltd",
    "city": "Leeds",
    "vat_number": "GB123456789",
    "street": "1 High St",
}


def test_the_bits_of_the_fields_and_the_prior_are_the_sum() -> None:
    said = explain(
        ACME, {"name": "ACME PUMPS LIMITED", "city": "Leeds", "street": "1 High Street"}, RULES
    )
    assert said.verdict == "match"
    assert said.bits == said.prior_bits + sum(field.bits for field in said.fields)
    assert abs(said.probability - 1 / (1 + 2**-said.bits)) < 1e-9
    assert "two rarest words of the name" in said.met_by
    assert said.never_met is None


def test_a_pair_that_shares_no_key_says_why_it_never_met() -> None:
    said = explain(ACME, {"name": "Zenith Optics SA", "city": "Lyon"}, RULES)
    assert said.met_by == ()
    assert said.never_met is not None and "no blocking key" in said.never_met
    assert said.verdict == "no_match"


def test_the_smallest_change_names_a_field_that_would_turn_the_verdict() -> None:
    said = explain(ACME, {"name": "Acme Valves Ltd", "city": "Leeds"}, RULES)
    assert said.verdict != "match"
    assert said.flip.startswith("It would be a match if ")


def test_different_vat_numbers_veto_equal_names() -> None:
    said = explain(ACME, {**ACME, "vat_number": "GB987654321"}, RULES)
    assert said.veto
    assert said.verdict == "no_match"


def test_the_change_that_would_turn_the_verdict_does_turn_it() -> None:
    said = explain(ACME, {**ACME, "vat_number": "GB987654321"}, RULES)
    assert "vat number" in said.flip
    equal = explain(ACME, dict(ACME), RULES)
    assert equal.verdict == "match"
    assert "no match" in equal.flip or "No single field" in equal.flip or "possible" in equal.flip


def test_without_an_equal_identifier_the_reason_is_the_bar_not_the_probability() -> None:
    strict = replace(RULES, auto_link="identifiers")
    other = {name: value for name, value in ACME.items() if name != "vat_number"}
    said = explain(ACME, other, strict)
    assert (said.verdict, said.probability > strict.threshold) == ("possible_match", True)
    assert "only an equal VAT number" in said.because
    assert (
        said.flip == "It would be a match if vat number said: the same VAT number, which many have."
    )


@pytest.mark.parametrize(
    "shared", [{"vat_number": "DE136695976"}, {"iban": "DE89370400440532013000"}]
)
@pytest.mark.parametrize("auto_link", ["identifiers", "probability"])
def test_sister_companies_under_one_number_are_for_a_person(
    shared: dict[str, str], auto_link: AutoLink
) -> None:
    rules = replace(RULES, auto_link=auto_link)
    group = {"street": "Hauptstr. 5", "city": "Berlin", "country": "DE", **shared}
    one = {"name": "Zarkon Logistik GmbH", **group}
    other = {"name": "Zarkon Immobilien GmbH", **group}
    said = explain(one, other, rules)
    assert (said.verdict, said.veto) == ("possible_match", False)
    assert said.because.endswith("a person decides.") or "joins without a person" in said.because
    assert explain(one, {**one, "name": "ZARKON LOGISTIK"}, rules).verdict == (
        "match" if auto_link == "probability" or "vat_number" in shared else "possible_match"
    )


def test_a_key_that_too_many_have_is_named_with_its_value_and_count() -> None:
    one, other = (
        {"name": "Acme", "phone": "+44 113 496 0001"},
        {"name": "Zeta", "phone": "01134960001"},
    )
    key = (set(prepare(one, RULES).keys) & set(prepare(other, RULES).keys)).pop()
    said = explain(one, other, RULES, {key: 900})
    assert said.met_by == ()
    assert said.never_met is not None and "too many" in said.never_met
    (crowd,) = said.crowded
    assert (crowd.key, crowd.records, crowd.values) == ("phone", 900, {"phone": ("134960001",)})


@pytest.mark.parametrize(
    ("probability", "words"), [(1.0, "99.9 %"), (0.0, "0.1 %"), (0.5, "50 %"), (0.123, "12.3 %")]
)
def test_no_probability_is_told_as_certain(probability: float, words: str) -> None:
    assert percent(probability) == words
