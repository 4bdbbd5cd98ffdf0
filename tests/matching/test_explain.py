"""Any pair can be explained."""

from __future__ import annotations

from matching.explain import explain
from matching.rules import default_rules

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
    assert "name, words in any order" in said.met_by
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
