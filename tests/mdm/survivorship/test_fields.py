"""Values: who is believed, and by which rule."""

from __future__ import annotations

from datetime import date

import pytest

from mdm.model.field import Field, Survive
from mdm.records import Finding
from mdm.survivorship import STRATEGIES, SourceTrust, Told, Trust
from mdm.survivorship.strategies import EXPLANATIONS
from tests.mdm.survivorship.groups import ageing, golden, member


def test_a_single_record_is_its_own_golden_record() -> None:
    survived = golden(member("s4", "1", name="Acme", email="", country=None))
    assert survived.document == {"name": "Acme"}
    assert survived.lineage["fields"] == {}
    assert survived.lineage["members"][0][1:] == ["s4", "1"]


def test_the_most_trusted_source_names_the_supplier() -> None:
    survived = golden(member("csv", "1", name="ACME"), member("s4", "2", name="Acme GmbH"))
    assert survived.document["name"] == "Acme GmbH"
    assert survived.lineage["fields"]["name"] == [1, "trusted"]


def test_the_latest_word_on_a_mail_address_wins() -> None:
    survived = golden(
        member("s4", "1", name="A", email="old@a.de", source_time="2024-01-01"),
        member("csv", "2", name="A", email="new@a.de", source_time="2026-01-01"),
    )
    assert survived.document["email"] == "new@a.de"
    assert survived.lineage["fields"]["email"] == [0, "recent"]


def test_the_country_that_most_records_tell_wins() -> None:
    survived = golden(
        member("s4", "1", name="A", country="CH"),
        member("csv", "2", name="A", country="DE"),
        member("netsuite", "3", name="A", country="DE"),
    )
    assert survived.document["country"] == "DE"


def test_a_field_that_one_source_tells_comes_from_it() -> None:
    survived = golden(member("s4", "1", name="A"), member("csv", "2", name="B", lei="L"))
    assert survived.document["lei"] == "L"
    assert survived.lineage["fields"]["lei"] == [0, "only"]


def test_ties_end_on_the_crosswalk_key() -> None:
    survived = golden(member("netsuite", "2", name="B"), member("csv", "9", name="A"))
    assert survived.document["name"] == "A"


def test_receipt_says_nothing() -> None:
    one, other = member("csv", "1", name="A"), member("csv", "2", name="B")
    one.tx, other.tx = 1, 2
    assert golden(one, other).document["name"] == "A"
    one.tx, other.tx = 2, 1
    assert golden(one, other).document["name"] == "A"


def test_a_supplier_is_blocked_where_the_most_trusted_source_blocks_it() -> None:
    blocked = member("s4", "1", name="A", status="blocked", block_reason="Fraud")
    active = member("csv", "2", name="A", status="active")
    assert golden(blocked, active).document["status"] == "blocked"
    assert golden(blocked, active).document["block_reason"] == "Fraud"


def test_a_reason_to_block_comes_only_with_the_status_that_won() -> None:
    active = member("s4", "1", name="A", status="active")
    blocked = member("csv", "2", name="A", status="blocked", block_reason="Fraud")
    survived = golden(active, blocked)
    assert survived.document["status"] == "active"
    assert "block_reason" not in survived.document


def test_what_ended_speaks_only_where_nobody_else_does() -> None:
    survived = golden(
        member("s4", "1", name="Old name", lei="L", ended=True),
        member("csv", "2", name="New"),
    )
    assert survived.document == {"name": "New", "lei": "L"}


def test_a_persons_value_wins_over_every_source_and_says_so() -> None:
    survived = golden(
        member("hub", "o1", email="right@a.de"),
        member("s4", "1", name="A", email="wrong@a.de", source_time="2026-11-20"),
    )
    assert survived.document["email"] == "right@a.de"
    assert survived.lineage["fields"]["email"] == [0, "override"]
    assert survived.lineage["fields"]["name"] == [1, "only"]


def test_trust_can_differ_by_field() -> None:
    trust = Trust.of({"s4": 60, "csv": SourceTrust(40, {"name": 90})})
    one = member("s4", "1", name="S4", status="active")
    other = member("csv", "2", name="CSV", status="blocked")
    document = golden(one, other, trust=trust).document
    assert (document["name"], document["status"]) == ("CSV", "active")


def test_trust_falls_with_age_down_to_its_floor() -> None:
    trust = Trust.of({"s4": ageing(60, 10, floor=45), "csv": 50})
    old = member("s4", "1", name="S4", source_time="2025-06-01")
    other = member("csv", "2", name="CSV")
    assert golden(old, other, trust=trust, today=date(2025, 7, 1)).document["name"] == "S4"
    assert golden(old, other, trust=trust, today=date(2026, 11, 1)).document["name"] == "CSV"
    assert trust.score(old, "name", date(2040, 1, 1)) == 45


def test_the_day_on_which_age_lowers_trust_is_known_ahead() -> None:
    trust = Trust.of({"s4": ageing(60, 10, floor=58)})
    spoken = member("s4", "1", name="A", source_time="2026-01-01")
    day = trust.next_change([spoken], date(2026, 1, 1))
    assert day is not None
    before = trust.score(spoken, "name", date.fromordinal(day.toordinal() - 1))
    assert (before, trust.score(spoken, "name", day)) == (60, 59)
    assert trust.next_change([spoken], date(2030, 1, 1)) is None


@pytest.mark.parametrize("loss", [1, 3, 7, 10, 50, 365, 400])
def test_trust_changes_on_no_other_day_than_those_told_ahead(loss: int) -> None:
    trust = Trust.of({"s4": ageing(60, loss)})
    spoken = member("s4", "1", name="A", source_time="2020-01-01")
    day = date(2020, 1, 1)
    for _ in range(5):
        told = trust.next_change([spoken], day)
        if told is None:
            break
        eve = date.fromordinal(told.toordinal() - 1)
        assert trust.score(spoken, "name", eve) == trust.score(spoken, "name", day)
        assert trust.score(spoken, "name", told) < trust.score(spoken, "name", eve)
        day = told


def test_a_value_that_fails_a_rule_is_trusted_less() -> None:
    wrong = (Finding("invalid_country", "country", "There is no such country."),)
    failing = member("s4", "1", name="S4", lei="BAD", status="active", findings=wrong)
    failing.findings = (Finding("invalid_lei", "lei", "Wrong check digits."),)
    other = member("csv", "2", name="CSV", lei="GOOD", status="blocked")
    trust = Trust.of({"s4": SourceTrust(60, failing_loss=30), "csv": 50})
    document = golden(failing, other, trust=trust).document
    assert (document["name"], document["lei"]) == ("S4", "GOOD")


def told(*values: str) -> list[Told]:
    return [Told(member("csv", str(number)), value) for number, value in enumerate(values)]


@pytest.mark.parametrize(
    ("rule", "kind", "values", "wins"),
    [
        ("longest", "text", ("Acme", "Acme Logistik", "Acme Transport"), "Acme Transport"),
        ("minimum", "decimal", ("10", "9", "19.5"), "9"),
        ("maximum", "decimal", ("10", "9", "19.5"), "19.5"),
        ("maximum", "decimal", ("n/a", "9"), "9"),
        ("minimum", "date", ("2026-01-02", "2025-12-31"), "2025-12-31"),
        ("frequent", "company_name", ("Borealis", "Acme GmbH", "ACME  gmbh"), "Acme GmbH"),
        ("trusted", "text", ("first", "second"), "first"),
    ],
)
def test_each_rule_chooses_as_it_says(
    rule: str, kind: str, values: tuple[str, ...], wins: str
) -> None:
    field = Field("f", kind, "A field.", Survive(rule))
    assert STRATEGIES[rule](field, told(*values)).value == wins


def test_every_rule_a_line_can_name_is_there_and_explained() -> None:
    assert {rule.value for rule in Survive} <= set(STRATEGIES)
    assert all(EXPLANATIONS[rule].endswith(".") for rule in STRATEGIES)
