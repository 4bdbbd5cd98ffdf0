from __future__ import annotations

import pickle
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm.inbound.arrive import arrive
from mdm.inbound.compiled import telling
from mdm.inbound.mapping import builtin_sources, parse_source
from mdm.inbound.payload import ToldPayload, raw_about, row_hash, told_by
from mdm.inbound.readers import Row
from tests.mdm.inbound.arriving import KEYS, feed, one, source, take, told

IBAN = "DE89370400440532013000"
VENDOR = {"id": "001", "name": "Acme GmbH", "country": "DE"}


def refusal(source_name: str, feed_name: str, payload: Any) -> tuple[str, str]:
    arrived = take(source_name, feed_name, [payload])
    assert not arrived.arrivals
    return arrived.rejects[0].code, arrived.rejects[0].reason


def test_a_row_becomes_a_clean_record_under_its_own_key() -> None:
    payload = {
        "Vendor No": "00012", "Vendor Name": "  Acme   GmbH ", "Country": "Germany", "ZIP": "80331",
        "City": "München", "VAT ID": "DE 136 695 976", "company_code": "1000", "Terms": "Net 30",
        "currency": "eur",
    }  # fmt: skip
    arrival = one(take("csv", "suppliers", [payload]))
    assert arrival.source_key == "00012"
    assert arrival.told == {
        "country": "DE",
        "name": "Acme GmbH",
        "tax_registrations": [{"country": "DE", "kind": "vat", "number": "DE136695976"}],
        "addresses": [
            {
                "country": "DE",
                "usage": "legal",
                "city": "München",
                "postcode": "80331",
                "in_part": ["usage"],
            }
        ],  # the row has no column for the street
        "companies": [{"legal_entity": "1000", "payment_terms": "NT30", "currency": "EUR"}],
    }


def test_absent_null_and_empty_say_different_things() -> None:
    assert "phone" not in told("csv", "suppliers", VENDOR)
    assert told("csv", "suppliers", {**VENDOR, "phone": None})["phone"] is None
    assert told("csv", "suppliers", {**VENDOR, "phone": ""})["phone"] is None
    assert "bank_accounts" not in told("csv", "suppliers", VENDOR)
    assert told("csv", "suppliers", {**VENDOR, "iban": ""})["bank_accounts"] is None


def test_an_empty_text_says_nothing_where_its_line_says_so() -> None:
    text = """
name: x
description: x
trust: 1
feeds:
  - {name: v, domain: supplier, format: csv, key: [id],
     fields: {name: name, phone: {from: phone, empty: absent}}}
"""
    read = parse_source(text, "x")
    rows = [Row(1, {**VENDOR, "phone": ""})]
    assert "phone" not in arrive(read.feeds[0], read, rows, KEYS).arrivals[0].told


def test_a_missing_required_field_is_left_to_the_version_before() -> None:
    arrival = one(take("csv", "suppliers", [{"id": "1", "phone": "+49 30 1234567"}]))
    assert arrival.partial


@pytest.mark.parametrize(
    ("payload", "code", "said"),
    [
        ({"name": "x"}, "missing_key", "The row has no key: id is empty."),
        ({"id": " ", "name": "x"}, "missing_key", "id is empty"),
        ({"id": "1", "name": ""}, "required_field_empty", "Field name is required"),
        ({"id": "1", "name": ["x"]}, "wrong_type", "Field name: it holds a structure"),
        ({"id": "1", "name": True}, "wrong_type", "a yes or no where a text is expected"),
        ({"id": "1", "name": "x", "one_time": "perhaps"}, "unreadable_flag", "one_time"),
        (["1", "x"], "wrong_type", "not an object"),
    ],
)
def test_a_bad_row_is_refused_with_a_reason(payload: Any, code: str, said: str) -> None:
    found, reason = refusal("csv", "suppliers", payload)
    assert found == code
    assert said in reason


def test_a_row_the_reader_could_not_read_is_kept_whole() -> None:
    row = Row(7, 'a,"b', "The quotation marks of the row do not fit.")
    arrived = arrive(feed("csv", "suppliers"), source("csv"), [row], KEYS)
    reject = arrived.rejects[0]
    assert (reject.line, reject.code) == (7, "unreadable_row")
    assert msgspec.json.decode(KEYS.unseal(reject.raw, raw_about("csv"))) == 'a,"b'


def test_a_refused_row_names_the_record_it_is_of() -> None:
    arrived = take("csv", "suppliers", [{"id": "V7", "name": ""}])
    assert arrived.rejects[0].source_key == "V7"


def test_bad_rows_do_not_keep_good_ones_out() -> None:
    rows = [{"id": str(n), "name": "" if n % 10 == 0 else "Acme"} for n in range(100)]
    arrived = take("csv", "suppliers", rows)
    assert (len(arrived.arrivals), len(arrived.rejects)) == (90, 10)


def test_an_account_is_told_only_masked_and_nowhere_else_in_clear() -> None:
    payload = {
        **VENDOR, "iban": "de89 3704 0044 0532 0130 00", "trading_name": f"pay to {IBAN}",
        "block_reason": "wrong: DE89-3704-0044-0532-0130-00!",
    }  # fmt: skip
    arrived = take("csv", "suppliers", [payload])
    arrival = one(arrived)
    account = arrival.told["bank_accounts"][0]["account"]
    assert account == {"masked": "DE•• •••• 3000", "fingerprint": KEYS.fingerprint(IBAN)}
    said = msgspec.json.encode(arrival.told).decode().upper()
    assert IBAN not in "".join(c for c in said if c.isalnum())
    assert arrival.told["block_reason"] == "wrong: DE•• •••• 3000!"
    held = arrived.sealed[0]
    assert KEYS.unseal(held.sealed, held.fingerprint.encode()).decode() == IBAN


def test_the_payload_is_kept_sealed_and_opens_only_for_its_source() -> None:
    arrival = one(take("csv", "suppliers", [{**VENDOR, "iban": IBAN}]))
    assert IBAN.encode() not in arrival.raw
    assert msgspec.json.decode(KEYS.unseal(arrival.raw, raw_about("csv")))["iban"] == IBAN


def test_a_refusal_does_not_quote_an_account() -> None:
    _code, reason = refusal("csv", "suppliers", {**VENDOR, "iban": [IBAN]})
    assert IBAN not in reason


def test_an_account_in_a_wrong_column_is_quoted_nowhere() -> None:
    rows = [{**VENDOR, "currency": IBAN, "company_code": "1"}, {**VENDOR, "one_time": IBAN}]
    arrived = take("csv", "suppliers", rows)
    assert [code.value for code in arrived.unmapped] == ["DE•• •••• 3000"]
    assert IBAN not in arrived.rejects[0].reason


def test_a_code_nobody_mapped_is_kept_and_queued() -> None:
    rows = [{**VENDOR, "id": str(n), "legal_entity": "1000", "terms": "ZX9"} for n in range(3)]
    arrived = take("csv", "suppliers", rows)
    assert arrived.arrivals[0].told["companies"][0]["payment_terms"] == "ZX9"
    assert [(u.field, u.value, u.count) for u in arrived.unmapped] == [("payment_terms", "ZX9", 3)]


def test_a_country_nobody_knows_is_kept_and_queued() -> None:
    arrived = take("csv", "suppliers", [{**VENDOR, "country": "Atlantis"}])
    assert one(arrived).told["country"] == "Atlantis"
    assert ("country", "Atlantis", 1) in [(u.field, u.value, u.count) for u in arrived.unmapped]


def test_columns_no_line_reads_are_reported() -> None:
    arrived = take("csv", "suppliers", [{**VENDOR, "Shoe size": "44"}])
    assert arrived.unmapped_columns == {"Shoe size"}


def test_terms_of_no_company_are_reported_with_the_column_they_belong_to() -> None:
    arrived = take("csv", "suppliers", [{**VENDOR, "Zahlungsbedingung": "N30"}])
    assert arrived.unmapped_columns == set()
    assert list(arrived.not_kept) == ["Zahlungsbedingung"]
    said = arrived.not_kept["Zahlungsbedingung"]
    assert said.startswith("Zahlungsbedingung was not kept: it belongs to legal_entity (also read:")


def test_terms_beside_their_company_are_kept_and_not_reported() -> None:
    arrived = take("csv", "suppliers", [{**VENDOR, "terms": "N30", "company_code": "1000"}])
    assert one(arrived).told["companies"] == [{"legal_entity": "1000", "payment_terms": "N30"}]
    assert arrived.not_kept == {}


def test_the_same_payload_has_the_same_hashes_and_noise_is_no_content() -> None:
    rows = [{**VENDOR, "updated_at": "2026-01-01"}, {**VENDOR, "updated_at": "2026-01-02"}, VENDOR]
    first, second, third = take("csv", "suppliers", rows).arrivals
    assert first.content_hash == second.content_hash == third.content_hash
    assert first.raw_hash != second.raw_hash
    row = Row(1, rows[0])
    assert row_hash(feed("csv", "suppliers"), source("csv"), row, KEYS) == first.raw_hash


def test_a_payload_tells_which_feed_told_it_of_its_parts_too() -> None:
    centers = [{"KOKRS": "A000", "KOSTL": n, "E1CSKTM": {"KTEXT": "Finance"}} for n in "12"]
    for arrival in take("s4", "cosmas", [{"E1CSKSM": centers}]).arrivals:
        raw = KEYS.unseal(arrival.raw, raw_about("s4"))
        told = ToldPayload(source("s4").version, raw, arrival.raw_hash)
        assert told_by(told, [feed("s4", "cosmas")], KEYS)
        assert not told_by(told, [feed("s4", "cost_centers")], KEYS)


def test_arriving_needs_nothing_that_cannot_go_to_a_worker() -> None:
    sent = pickle.loads(pickle.dumps((feed("csv", "suppliers"), source("csv"), KEYS)))
    again = arrive(sent[0], sent[1], [Row(1, VENDOR)], sent[2]).arrivals[0]
    assert again.told == told("csv", "suppliers", VENDOR)


def test_parts_of_a_key_cannot_be_taken_for_one_another() -> None:
    rows = [
        {"dataAreaId": area, "VendorAccountNumber": number, "VendorOrganizationName": "x"}
        for area, number in (("a/b", "c"), ("a", "b/c"))
    ]
    keys = [arrival.source_key for arrival in take("d365", "vendors", rows).arrivals]
    assert keys == ["a%2Fb/c", "a/b/c"]


CENTER = {"code": "0010", "controlling_area": "A000", "name": "Finance"}


def test_a_slice_has_its_first_day_in_its_key() -> None:
    rows = [{**CENTER, "valid_from": "2020-01-01", "valid_to": "2021-01-01"}, CENTER]
    keys = [arrival.source_key for arrival in take("csv", "cost_centers", rows).arrivals]
    assert keys == ["A000/0010@2020-01-01", "A000/0010@"]


def test_a_last_day_told_as_such_ends_the_slice_on_the_next() -> None:
    row = {**CENTER, "valid_from": "2020-01-01", "valid until": "31.12.2020"}
    assert told("csv", "cost_centers", row)["valid_to"] == "2021-01-01"


@pytest.mark.parametrize("end", ["2019-01-01", "2020-01-01"])
def test_a_slice_that_holds_no_day_is_refused(end: str) -> None:
    row = {**CENTER, "valid_from": "2020-01-01", "valid_to": end}
    code, reason = refusal("csv", "cost_centers", row)
    assert code == "valid_to_before_valid_from"
    assert "2020-01-01" in reason and end in reason


def test_a_date_nobody_can_read_is_refused() -> None:
    code, reason = refusal("csv", "cost_centers", {**CENTER, "valid_from": "2/3/2026"})
    assert code == "unreadable_date"
    assert "valid_from" in reason


def test_rates_are_decimals_as_text() -> None:
    rows = [{"code": "V1", "scope": "DE", "rate": r} for r in ("19", "19.00", "19,0 %", 19, 19.0)]
    assert {a.told["rate"] for a in take("csv", "tax_codes", rows).arrivals} == {"19"}
    assert refusal("csv", "tax_codes", {"code": "V1", "scope": "DE", "rate": "much"})[0] == (
        "unreadable_number"
    )


def test_a_number_in_a_column_of_text_is_flagged_not_repaired() -> None:
    row = Row(2, {"id": "12", "name": "Acme"}, None, ("id",))
    arrived = arrive(feed("csv", "suppliers"), source("csv"), [row], KEYS)
    assert one(arrived).source_key == "12"
    assert [finding.code for finding in one(arrived).findings] == ["lost_zeros"]


def test_a_date_that_a_workbook_made_of_a_code_is_told_as_such() -> None:
    row = Row(2, {"id": "2024-03-01", "name": "Acme"}, None, ("id",))
    arrived = arrive(feed("csv", "suppliers"), source("csv"), [row], KEYS)
    (finding,) = one(arrived).findings
    assert (finding.code, finding.field) == ("taken_for_date", "id")
    assert "what was typed is lost" in finding.message


texts = st.text(max_size=12)
values = st.one_of(
    st.none(),
    texts,
    st.integers(),
    st.booleans(),
    st.floats(allow_nan=False),
    st.lists(texts, max_size=2),
    st.dictionaries(texts, texts, max_size=2),
)
nested = st.recursive(
    values,
    lambda inner: st.dictionaries(st.sampled_from(["results", "code", "IBAN"]), inner, max_size=2),
)
FEEDS = [(name, feed.name) for name in builtin_sources() for feed in source(name).feeds]


@given(st.sampled_from(FEEDS), st.data())
def test_whatever_a_row_holds_it_arrives_or_is_refused(
    which: tuple[str, str], data: st.DataObject
) -> None:
    columns = st.sampled_from(sorted(telling(feed(*which)).known | {"x", "Vendor Name"}))
    payload = data.draw(st.dictionaries(columns, nested, max_size=6))
    arrived = take(*which, [payload])
    skipped = sum(arrived.skipped.values())
    if feed(*which).rows is None:
        assert len(arrived.arrivals) + len(arrived.rejects) + skipped == 1
    assert all(reject.reason and reject.code for reject in arrived.rejects)


def test_codes_of_a_refused_row_are_not_queued() -> None:
    arrived = take("csv", "suppliers", [{**VENDOR, "country": "Atlantis", "name": ""}])
    assert arrived.rejects and not arrived.unmapped
