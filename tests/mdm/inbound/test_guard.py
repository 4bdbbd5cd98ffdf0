from __future__ import annotations

from collections import Counter
from typing import Any

from mdm.domains import DOMAINS
from mdm.inbound.guard import Budgets, Facts, judge, tally
from mdm.quality import check_arrivals
from tests.mdm.inbound.arriving import take

SUPPLIER = DOMAINS["supplier"]


def vendors(count: int = 200, **columns: Any) -> list[dict[str, str]]:
    """Rows of many different suppliers; columns are functions of the row's number or constants."""
    return [
        {
            "id": str(n),
            "name": f"Vendor {n} GmbH",
            "country": "DE",
            "city": "Berlin",
            "postcode": "10115",
            **{name: made(n) if callable(made) else made for name, made in columns.items()},
        }
        for n in range(count)
    ]


def facts_of(rows: list[dict[str, str]]) -> Facts:
    arrived = take("csv", "suppliers", rows)
    check_arrivals(SUPPLIER, arrived.arrivals)
    facts = Facts(rows=len(rows), rejected=Counter(reject.code for reject in arrived.rejects))
    facts.add(tally(SUPPLIER, arrived.arrivals))
    return facts


def test_an_ordinary_load_trips_nothing() -> None:
    assert judge(facts_of(vendors(email=lambda n: f"info@vendor{n}.de")), Budgets()) == []


def test_a_full_load_without_a_row_trips_however_few_it_would_end() -> None:
    (tripped,) = judge(Facts(rows=0, held=3, missing=3), Budgets())
    assert (tripped.guard, tripped.found) == ("missing", 1.0)
    assert judge(Facts(rows=0, held=0, missing=0), Budgets()) == []
    assert judge(Facts(rows=1, held=3, missing=2), Budgets()) == []


def test_a_placeholder_file_is_stopped_with_the_value() -> None:
    rows = vendors(vat_number=lambda n: "DE999999999" if n % 2 else "", email="unknown@example.com")
    tripped = {one.causes[0]: one for one in judge(facts_of(rows), Budgets())}
    assert "email: unknown@example.com" in tripped
    assert "tax_registrations.number: DE999999999" in tripped
    assert tripped["email: unknown@example.com"].found == 1.0


def test_an_account_that_everybody_has_is_named_masked() -> None:
    tripped = judge(facts_of(vendors(iban="DE89370400440532013000")), Budgets())
    assert tripped[0].causes == ("bank_accounts.account: DE•• •••• 3000",)


def test_a_swapped_column_is_stopped() -> None:
    rows = vendors(name="Berlin", city=lambda n: f"Vendor {n}")
    assert any("name: Berlin" in one.causes for one in judge(facts_of(rows), Budgets()))
    rows = vendors(email=lambda n: f"+49 30 12345{n:03d}")
    tripped = judge(facts_of(rows), Budgets())
    assert [(one.guard, "email" in one.sentence) for one in tripped] == [("invalid", True)]


def test_a_cut_off_full_load_is_stopped() -> None:
    facts = Facts(rows=700, held=1000, missing=300)
    (tripped,) = judge(facts, Budgets())
    assert (tripped.guard, tripped.found) == ("missing", 0.3)
    assert judge(Facts(rows=900, held=1000, missing=100), Budgets()) == []


def test_ten_percent_bad_rows_are_no_reason_to_stop() -> None:
    assert judge(Facts(rows=1000, rejected=Counter({"missing_key": 100})), Budgets()) == []
    (tripped,) = judge(Facts(rows=1000, rejected=Counter({"missing_key": 500})), Budgets())
    assert tripped.causes == ("missing_key (500)",)


def test_joins_flips_and_large_groups_name_what_caused_them() -> None:
    facts = Facts(
        rows=1000,
        merged=400,
        merged_by=Counter({"iban ••3000": 390, "name": 10}),
        flipped=Counter({"country": 500}),
        clusters=Counter({"iban ••3000": 120}),
    )
    tripped = {one.guard: one.causes for one in judge(facts, Budgets())}
    assert tripped == {
        "cluster": ("iban ••3000 (120)",),
        "merged": ("iban ••3000 (390)", "name (10)"),
        "flipped": ("country",),
    }


def test_a_few_rows_are_not_judged_by_shares() -> None:
    assert judge(facts_of(vendors(5, email="a@example.com")), Budgets()) == []
