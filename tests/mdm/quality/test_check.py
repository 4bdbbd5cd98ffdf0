"""What is wrong with a record, found and said in words."""

from __future__ import annotations

from typing import Any

import pytest

from mdm.domains import DOMAINS
from mdm.quality import RULES, check, check_arrivals, check_value
from mdm.records import Arrival, Document

SUPPLIER = DOMAINS["supplier"]
GOOD: Document = {
    "name": "Acme GmbH",
    "country": "DE",
    "email": "office@acme.de",
    "phone": "+49301234567",
    "tax_registrations": [{"country": "DE", "kind": "vat", "number": "DE136695976"}],
    "addresses": [{"usage": "legal", "street": "Ring 1", "country": "DE"}],
    "bank_accounts": [
        {
            "country": "DE",
            "account": {"masked": "DE•• •••• 3000", "fingerprint": "a" * 26},
            "bic": "DEUTDEFF",
        }
    ],
}


def codes(domain: str, document: Document) -> list[tuple[str, str]]:
    return [(one.code, one.field) for one in check(DOMAINS[domain], document)]


def bank(**told: Any) -> Document:
    return {**GOOD, "bank_accounts": [{**GOOD["bank_accounts"][0], **told}]}


def test_a_good_supplier_has_no_findings() -> None:
    assert check(SUPPLIER, GOOD) == []


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({**GOOD, "name": None}, "required_missing", "name"),
        ({**GOOD, "name": "n/a"}, "placeholder_name", "name"),
        ({**GOOD, "name": "XXXXX"}, "placeholder_name", "name"),
        ({**GOOD, "email": "acme.de"}, "invalid_email", "email"),
        ({**GOOD, "country": "Narnia", "addresses": []}, "invalid_country", "country"),
        (
            {**GOOD, "tax_registrations": [{"country": "DE", "kind": "vat", "number": "DE1"}]},
            "invalid_vat_number",
            "tax_registrations[0].number",
        ),
        (
            {
                **GOOD,
                "tax_registrations": [
                    {"country": "DE", "kind": "tax", "number": "2181508150"},
                    {"country": "FR", "kind": "vat", "number": "DE136695976"},
                ],
            },
            "vat_country",
            "tax_registrations[1].number",
        ),
        (bank(country="FR", bic=None), "iban_country", "bank_accounts[0].account"),
        (bank(bic="BNPAFRPP"), "bic_country", "bank_accounts[0].bic"),
        (
            {**GOOD, "bank_accounts": GOOD["bank_accounts"] * 2},
            "account_repeated",
            "bank_accounts[1].account",
        ),
        (
            {**GOOD, "addresses": [{"usage": "legal", "country": "FR"}]},
            "legal_address_abroad",
            "addresses[0].country",
        ),
    ],
)
def test_what_is_wrong_with_a_supplier_is_found(wrong: Document, code: str, field: str) -> None:
    assert codes("supplier", wrong) == [(code, field)]


@pytest.mark.parametrize(
    "fine",
    [
        {**GOOD, "addresses": [{"usage": "order", "country": "FR"}]},
        bank(account={"masked": "•••• 0000", "fingerprint": "b"}, bic=None, country="US"),
        bank(account={"masked": "FR•• •••• 0000", "fingerprint": "b"}, bic=None, country="MC"),
        {
            **GOOD,
            "tax_registrations": [{"country": "GR", "kind": "vat", "number": "EL094259216"}],
        },
        {**GOOD, "tax_registrations": [{"country": "GB", "kind": "vat", "number": "XI980780684"}]},
        {**GOOD, "tax_registrations": [{"country": "DE", "kind": "vat", "number": "136695976"}]},
    ],
)
def test_what_only_looks_wrong_is_no_finding(fine: Document) -> None:
    assert check(SUPPLIER, fine) == []


@pytest.mark.parametrize(
    ("domain", "told", "code"),
    [
        ("cost_center", {"code": "1"}, "text_missing"),
        (
            "cost_center",
            {"code": "1", "name": "A", "valid_from": "2026-01-01", "valid_to": "2026-01-01"},
            "period_inverted",
        ),
        ("project", {"name": "A"}, "required_missing"),
        (
            "tax_code",
            {"code": "V1", "scope": "DE", "name": "A", "rate": "190"},
            "rate_out_of_range",
        ),
        ("tax_code", {"code": "V1", "scope": "DE", "name": "A", "rate": "x"}, "rate_unreadable"),
        ("tax_code", {"code": "V1", "scope": "DE", "name": "A", "rate": "0.19"}, "rate_fraction"),
        (
            "project",
            {"code": "P", "name": "A", "valid_from": "2025-01-01", "valid_to": "2025-12-31"},
            "period_last_day",
        ),
        ("legal_entity", {"code": "1000", "name": "A", "parent": "1000"}, "own_parent"),
        ("legal_entity", {"code": "1000", "name": "A", "lei": "X"}, "invalid_lei"),
    ],
)
def test_what_is_wrong_with_a_code_is_found(domain: str, told: Document, code: str) -> None:
    assert [one.code for one in check(DOMAINS[domain], told)] == [code]


def test_each_slice_of_a_golden_code_is_checked() -> None:
    golden = {"slices": [{"code": "1", "name": "A"}, {"code": "1"}]}
    assert codes("cost_center", golden) == [("text_missing", "slices[1].name")]


def test_nothing_is_missing_in_a_partial_record() -> None:
    assert check(SUPPLIER, {"email": "office@acme.de"}, partial=True) == []


def test_an_arrival_carries_its_findings() -> None:
    arrival = Arrival("csv", "1", 1, {"name": "TBD"}, b"", b"", b"")
    ended = Arrival("csv", "2", 2, {"name": "TBD"}, b"", b"", b"", ended=True)
    check_arrivals(SUPPLIER, [arrival, ended])
    assert [one.code for one in arrival.findings] == ["placeholder_name"]
    assert ended.findings == []


def test_a_protected_value_is_judged_in_clear_and_never_quoted() -> None:
    field = SUPPLIER.child_by_name["bank_accounts"].field("account")
    found = check_value(field, "DE88370400440532013000", "DE", "bank_accounts[0].account")
    assert found is not None
    assert found.value is None
    assert "370400440532013000" not in found.message


def test_a_personal_value_is_not_repeated_in_a_finding() -> None:
    told = {**GOOD, "contacts": [{"name": "Joe", "email": "joe"}]}
    (found,) = check(SUPPLIER, told)
    assert (found.code, found.value) == ("invalid_email", None)


def test_every_rule_says_what_it_means() -> None:
    assert all(rule.meaning.endswith(".") for rule in RULES)
    assert len({rule.code for rule in RULES}) == len(RULES)
    known = set(DOMAINS)
    assert all(set(rule.domains) <= known for rule in RULES)
