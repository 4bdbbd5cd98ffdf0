"""The vendors' own samples, and the exports we make ourselves, through the mappings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mdm.domains import DOMAINS
from mdm.golden.versions import laid_over
from mdm.inbound.payload import raw_about
from mdm.samples.exports import write_exports
from tests.mdm.inbound.arriving import KEYS, feed, one, take, take_file, told

SUPPLIER = DOMAINS["supplier"]


@pytest.fixture
def samples(shared_data: Path) -> Path:
    """The vendors' documented examples."""
    return shared_data / "systems" / "samples"


def partner(**more: Any) -> dict[str, Any]:
    """A business partner of S/4 that is a supplier, as OData V2 expands it."""
    address = {
        "Country": "DE", "CityName": "Walldorf", "PostalCode": "69190", "HouseNumber": "16",
        "StreetName": "Dietmar-Hopp-Allee", "Region": "",
        "to_AddressUsage": {"results": [{"AddressUsage": "XXDEFAULT"}]},
        "to_EmailAddress": {"results": [{"EmailAddress": "info@acme.de"}]},
        "to_PhoneNumber": {"results": []}, "to_URLAddress": {"results": []},
    }  # fmt: skip
    other = {
        **address,
        "StreetName": "Ring",
        "to_AddressUsage": {"results": [{"AddressUsage": "PO"}]},
    }
    company = {
        "CompanyCode": "1010", "PaymentTerms": "NT30", "PaymentMethodsList": "T",
        "PaymentBlockingReason": "A", "SupplierIsBlockedForPosting": False,
        "ReconciliationAccount": "0021100000", "DeletionIndicator": False,
    }  # fmt: skip
    return {
        "Supplier": "100003", "BusinessPartnerCategory": "2",
        "BusinessPartnerFullName": "Acme GmbH",
        "OrganizationBPName1": "Acme GmbH", "OrganizationBPName2": "", "OrganizationBPName3": "",
        "CorrespondenceLanguage": "DE", "IsNaturalPerson": "", "BusinessPartnerIsBlocked": False,
        "LastChangeDate": None, "LastChangeTime": "PT00H00M00S", "CreationTime": "PT17H49M05S",
        "CreationDate": "/Date(1518393600000)/", "IsMarkedForArchiving": False,
        "to_BusinessPartnerAddress": {"results": [other, address]},
        "to_BusinessPartnerTax": {"results": [
            {"BPTaxType": "DE0", "BPTaxNumber": "DE136695976", "BPTaxLongNumber": ""},
            {"BPTaxType": "DE9", "BPTaxNumber": "17/815/08150", "BPTaxLongNumber": ""},
        ]},
        "to_BusinessPartnerBank": {"results": [
            {"BankCountryKey": "DE", "IBAN": "DE89370400440532013000", "BankAccount": "532013000",
             "BankNumber": "37040044", "SWIFTCode": "COBADEFFXXX", "BankAccountHolderName": ""},
        ]},
        "to_Supplier": {
            "SupplierAccountGroup": "SUPL", "PostingIsBlocked": False, "DeletionIndicator": False,
            "to_SupplierCompany": {"results": [company]},
        },
        **more,
    }  # fmt: skip


def vendor_idoc(serial: str = "20260101000000", **more: Any) -> dict[str, Any]:
    """A CREMAS IDoc as the XML reader gives it."""
    return {
        "EDI_DC40": {"SERIAL": serial, "DOCNUM": "0000000000000001"},
        "E1LFA1M": {"LIFNR": "0000100003", **more},
    }


def test_a_business_partner_tells_partner_supplier_companies_taxes_and_banks() -> None:
    arrival = one(take("s4", "business_partners", [partner()]))
    said = arrival.told
    assert arrival.source_key == "100003"
    assert arrival.source_time == "2018-02-12T17:49:05.000000Z"
    assert (said["name"], said["country"], said["language"]) == ("Acme GmbH", "DE", "de")
    assert (said["natural_person"], said["one_time"], said["status"]) == (False, False, "active")
    assert said["email"] == "info@acme.de"
    legal, other = said["addresses"]
    assert (legal["usage"], legal["street"]) == ("legal", "Dietmar-Hopp-Allee 16")
    assert other["usage"] == "other"
    assert said["tax_registrations"][0] == {"country": "DE", "kind": "vat", "number": "DE136695976"}
    assert said["bank_accounts"][0]["bic"] == "COBADEFFXXX"
    assert said["companies"] == [
        {
            "legal_entity": "1010", "payment_terms": "NT30", "payment_method": "T",
            "payment_block": True, "blocked": False, "reconciliation_account": "21100000",
            "status": "active",
        }
    ]  # fmt: skip


def test_a_tax_type_nobody_mapped_is_queued() -> None:
    arrived = take("s4", "business_partners", [partner()])
    assert [(u.field, u.value) for u in arrived.unmapped] == [("kind", "DE9")]


def test_parts_that_were_not_expanded_say_nothing() -> None:
    short = partner(to_BusinessPartnerBank={"__deferred": {"uri": "..."}})
    del short["to_Supplier"]
    said = told("s4", "business_partners", short)
    assert "bank_accounts" not in said
    assert not {"companies", "one_time", "status", "block_reason"} & set(said)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("PaymentIsBlockedForSupplier", "Payment is blocked."),
        ("PurchasingIsBlocked", "Purchasing is blocked."),
    ],
)
def test_a_block_of_payment_or_purchasing_is_told_and_blocks_nothing_else(
    block: str, said: str
) -> None:
    payload = partner()
    payload["to_Supplier"] |= {block: True}
    payload["to_Supplier"]["to_SupplierCompany"]["results"][0]["PaymentBlockingReason"] = ""
    blocked = told("s4", "business_partners", payload)
    assert (blocked["status"], blocked["block_reason"]) == ("active", said)
    assert blocked["companies"][0]["payment_block"] is (block == "PaymentIsBlockedForSupplier")


def test_an_idoc_tells_both_tax_numbers() -> None:
    numbers = {"NAME1": "Acme", "LAND1": "US", "STCD1": "123456789", "STCD2": "04-1234567"}
    said = told("s4", "cremas", vendor_idoc(**numbers))["tax_registrations"]
    assert [one["number"] for one in said] == ["123456789", "041234567"]


def test_an_idoc_tells_the_blocks_of_the_whole_supplier() -> None:
    blocked = told("s4", "cremas", vendor_idoc(NAME1="Acme", SPERR="X", SPERZ="X", SPERM="X"))
    assert blocked["status"] == "blocked"
    said = "Posting is blocked. Payment is blocked. Purchasing is blocked."
    assert blocked["block_reason"] == said
    assert "block_reason" not in told("s4", "cremas", vendor_idoc(NAME1="Acme"))


def as_v4(value: Any) -> Any:
    """The payload as OData V4 writes it: lists are lists."""
    if isinstance(value, dict):
        return (
            as_v4(value["results"])
            if "results" in value
            else {k: as_v4(v) for k, v in value.items()}
        )
    return [as_v4(item) for item in value] if isinstance(value, list) else value


def test_odata_v4_says_the_same_as_odata_v2() -> None:
    stamps = {"LastChangeDate": "2026-03-01", "LastChangeTime": "17:49:05"}
    v2 = one(take("s4", "business_partners", [partner()]))
    v4 = one(take("s4", "business_partners", [{**as_v4(partner()), **stamps}]))
    assert v4.told == v2.told
    assert v4.sequence == "2026-03-01T17:49:05.000000Z"


def test_parts_that_odata_v4_does_not_expand_say_nothing() -> None:
    payload = as_v4(partner())
    del payload["to_BusinessPartnerBank"], payload["to_BusinessPartnerTax"]
    assert not {"bank_accounts", "tax_registrations"} & set(
        told("s4", "business_partners", payload)
    )


def test_a_row_whose_deletion_cannot_be_read_is_refused_under_its_key() -> None:
    unclear = partner(to_Supplier={"DeletionIndicator": "maybe"})
    refused = take("s4", "business_partners", [unclear]).rejects[0]
    assert (refused.code, refused.source_key) == ("unreadable_flag", "100003")


def test_a_row_without_a_key_names_the_field_that_is_empty() -> None:
    assert (
        "no key: E1LFA1M.LIFNR is empty."
        in take("s4", "cremas", [vendor_idoc(LIFNR="")]).rejects[0].reason
    )
    dynamics = take("d365", "vendors", [{"dataAreaId": "usmf", "VendorAccountNumber": ""}])
    assert "no key: VendorAccountNumber is empty." in dynamics.rejects[0].reason


def test_s4_own_sample_rows_are_no_suppliers_and_are_counted(samples: Path) -> None:
    arrived = take_file("s4", samples / "s4-businesspartner.json")
    assert (arrived.arrivals, arrived.rejects) == ([], [])
    assert sum(arrived.skipped.values()) == 5


def test_s4_own_sample_rows_as_suppliers_tolerate_fields_of_the_customer(samples: Path) -> None:
    rows = json.loads((samples / "s4-businesspartner.json").read_text())["d"]["results"]
    rows = [{**row, "Supplier": row["BusinessPartner"]} for row in rows]
    arrived = take("s4", "business_partners", rows)
    assert len(arrived.arrivals) == 5
    assert arrived.rejects == []
    first = arrived.arrivals[0].told
    assert (first["name"], first["natural_person"], first["country"]) == ("John Doe", True, "DE")
    assert {name for name in arrived.unmapped_columns if name.startswith("YY1_")}


def test_the_sample_idoc_tells_the_same_key_as_odata(samples: Path) -> None:
    arrival = one(take_file("s4", samples / "s4-idoc-CREMAS05.xml"))
    assert arrival.source_key == one(take("s4", "business_partners", [partner()])).source_key
    assert arrival.told["name"] == "EXAMPLE INTERNATIONAL"
    assert arrival.told["language"] == "en"
    assert arrival.sequence == "2014-12-19T11:15:01.000000Z/0000000064189904"


def test_a_change_idoc_without_company_segments_keeps_the_companies() -> None:
    segment = {"BUKRS": "1010", "ZTERM": "NT30", "SPERR": "X"}
    whole = told("s4", "cremas", vendor_idoc(NAME1="Acme", LAND1="DE", E1LFB1M=segment))
    change = told("s4", "cremas", vendor_idoc(NAME1="Acme Neu", E1LFM1M={"EKORG": "1"}))
    after = laid_over(SUPPLIER, laid_over(SUPPLIER, {}, whole), change)
    assert after["name"] == "Acme Neu"
    assert after["companies"][0]["payment_terms"] == "NT30"
    assert after["companies"][0]["blocked"] is True


def test_an_address_told_in_part_stays_as_it_was_in_the_rest() -> None:
    whole = vendor_idoc(NAME1="Acme", LAND1="DE", STRAS="Ring 1", ORT01="Bonn", PSTLZ="53111")
    change = vendor_idoc(STRAS="Kai 2", ORT01="/", PSTLZ="")
    before = laid_over(SUPPLIER, {}, told("s4", "cremas", whole))
    after = laid_over(SUPPLIER, before, told("s4", "cremas", change))
    (address,) = after["addresses"]
    assert address == {"usage": "legal", "country": "DE", "street": "Kai 2", "city": "Bonn"}


@pytest.mark.parametrize(
    ("row", "left"),
    [
        ({"city": "Bonn"}, {"street": "Ring 1", "city": "Bonn"}),
        ({"city": None}, {"street": "Ring 1"}),
        ({"street": "", "city": ""}, None),
        ({"street": "Kai 2", "city": "", "postcode": ""}, {"street": "Kai 2"}),
        ({"name": "Acme"}, {"street": "Ring 1", "city": "Ulm"}),
    ],
)
def test_a_plain_row_without_a_column_of_the_address_leaves_it(
    row: dict[str, Any], left: dict[str, str] | None
) -> None:
    whole = {"id": "1", "name": "Acme", "street": "Ring 1", "city": "Ulm", "postcode": ""}
    before = laid_over(SUPPLIER, {}, told("csv", "suppliers", whole))
    after = laid_over(SUPPLIER, before, told("csv", "suppliers", {"id": "1", **row}))
    assert after.get("addresses") == ([{"usage": "legal", **left}] if left else None)


def test_a_first_version_that_tells_an_address_in_part_holds_that_part() -> None:
    first = laid_over(SUPPLIER, {}, told("csv", "suppliers", {"id": "1", "city": "Ulm"}))
    assert first["addresses"] == [{"usage": "legal", "city": "Ulm"}]


def test_a_slash_in_an_idoc_says_not_changed() -> None:
    said = told("s4", "cremas", vendor_idoc(NAME1="Acme", TELF1="/"))
    assert "phone" not in said


def test_a_deletion_flag_ends_the_record() -> None:
    assert one(take("s4", "cremas", [vendor_idoc(LOEVM="X")])).ended
    assert not one(take("s4", "cremas", [vendor_idoc(NAME1="Acme")])).ended
    deleted = partner()
    deleted["to_Supplier"]["DeletionIndicator"] = True
    assert one(take("s4", "business_partners", [deleted])).ended


def test_the_sample_cost_center_idoc_is_an_open_slice(samples: Path) -> None:
    arrival = one(take_file("s4", samples / "s4-idoc-COSMAS01.xml"))
    assert arrival.source_key == "A000/10101@2020-01-01"
    assert arrival.told["valid_to"] is None
    assert arrival.told["texts"] == [
        {"language": "en", "name": "Finance", "description": "Finance and controlling"}
    ]


def test_one_idoc_may_carry_several_slices() -> None:
    slices = [
        {"KOKRS": "A000", "KOSTL": "0000010101", "DATAB": "20200101", "DATBI": "20201231"},
        {"KOKRS": "A000", "KOSTL": "0000010101", "DATAB": "20210101", "DATBI": "99991231"},
    ]
    arrived = take("s4", "cosmas", [{"EDI_DC40": {}, "E1CSKSM": slices}])
    first, second = arrived.arrivals
    assert (first.told["valid_to"], second.told["valid_to"]) == ("2021-01-01", None)
    assert first.raw_hash != second.raw_hash
    assert "EDI_DC40" not in arrived.unmapped_columns  # read as `_parent.EDI_DC40`


def test_odata_cost_centers_read_like_those_of_idocs() -> None:
    row = {
        "ControllingArea": "A000", "CostCenter": "10101", "CompanyCode": "1010",
        "ValidityStartDate": "/Date(1577836800000)/", "ValidityEndDate": "/Date(253402214400000)/",
        "IsBlkdForPrimaryCostsPosting": "X", "CostCenterStandardHierArea": "STD",
        "to_Text": {"results": [
            {"Language": "DE", "CostCenterName": "Finanzen", "CostCenterDescription": ""},
            {"Language": "EN", "CostCenterName": "Finance", "CostCenterDescription": "F & C"},
        ]},
    }  # fmt: skip
    arrival = one(take("s4", "cost_centers", [row]))
    assert arrival.source_key == "A000/10101@2020-01-01"
    assert (arrival.told["name"], arrival.told["blocked"]) == ("Finance", True)
    assert arrival.told["valid_to"] is None


def test_a_project_stays_one_record_when_its_dates_move() -> None:
    row = {
        "Project": "P-1", "ProjectDescription": "Move", "CompanyCode": "1010",
        "ProjectStartDate": "/Date(1767225600000)/", "ProjectEndDate": "/Date(1798675200000)/",
    }  # fmt: skip
    moved = {**row, "ProjectStartDate": "/Date(1769904000000)/"}
    first, second = take("s4", "projects", [row, moved]).arrivals
    assert first.source_key == second.source_key == "P-1@"
    assert first.told["valid_to"] == "2027-01-01"


def test_the_sample_dynamics_vendors_are_keyed_by_company(samples: Path) -> None:
    arrived = take_file("d365", samples / "d365fo-vendors.json")
    assert [a.source_key for a in arrived.arrivals] == ["USMF/V-001", "USMF/V-002", "GBSI/V-UK-001"]
    first = arrived.arrivals[0].told
    assert (first["name"], first["country"]) == ("Litware Components, LLC", "US")
    assert first["companies"][0]["legal_entity"] == "1710"


@pytest.mark.parametrize(
    ("hold", "status", "blocks_payment"),
    [("No", "active", False), ("Never", "active", False), ("All", "blocked", True),
     ("Payment", "active", True), ("Invoice", "blocked", False), ("PurchOrder", "active", False)],
)  # fmt: skip
def test_what_a_hold_in_dynamics_blocks(hold: str, status: str, blocks_payment: bool) -> None:
    row = {
        "dataAreaId": "usmf", "VendorAccountNumber": "1", "VendorOrganizationName": "Acme",
        "OnHoldStatus": hold,
    }  # fmt: skip
    said = told("d365", "vendors", row)
    assert said["status"] == status
    assert said["block_reason"] == (None if hold in ("No", "Never") else f"On hold: {hold}")
    assert said["companies"][0]["payment_block"] is blocks_payment


def test_the_sample_suiteql_row_reads_its_dates_and_flags(samples: Path) -> None:
    page = json.loads((samples / "netsuite-vendor-list-and-suiteql.json").read_text())["suiteql"]
    arrival = one(take("netsuite", "vendors", page["items"]))
    assert (arrival.source_key, arrival.source_time) == ("107", "2024-03-01")
    assert arrival.told["status"] == "active"
    assert arrival.told["companies"][0]["legal_entity"] == "1000"


def test_a_column_that_suiteql_leaves_out_is_null() -> None:
    said = told("netsuite", "vendors", {"id": "1", "companyname": "Acme", "isinactive": "T"})
    assert (said["status"], said["email"], said["addresses"]) == ("blocked", None, None)


COUPA_XML = """<?xml version="1.0" encoding="UTF-8"?>
<suppliers type="array"><supplier>
  <id type="integer">7</id><updated-at type="datetime">2026-03-01T08:30:00+01:00</updated-at>
  <name>Acme GmbH</name><display-name nil="true"/><status>active</status>
  <one-time-supplier type="boolean">false</one-time-supplier><on-hold type="boolean">false</on-hold>
  <primary-contact><phone-work><country-code>49</country-code><area-code>30</area-code>
    <number>1234567</number></phone-work></primary-contact><cxml-secret>hush</cxml-secret>
  <primary-address><street1>Hauptstr. 1</street1><street2 nil="true"/><city>Berlin</city>
    <postal-code>10115</postal-code><country><code>DE</code></country>
    <vat-number>DE136695976</vat-number></primary-address>
  <supplier-addresses type="array"><supplier-address><street1>Ring 7</street1><city>Bonn</city>
    <postal-code>53111</postal-code><country><code>DE</code></country></supplier-address>
  </supplier-addresses>
  <contacts type="array"/>
</supplier></suppliers>
"""
COUPA_JSON = [{
    "id": 7, "updated-at": "2026-03-01T08:30:00+01:00", "name": "Acme GmbH", "display-name": None,
    "status": "active", "one-time-supplier": False, "cxml-secret": "hush",
    "on-hold": False, "primary-contact": {"phone-work": {"country-code": "49", "area-code": "30",
        "number": "1234567"}},
    "primary-address": {"street1": "Hauptstr. 1", "street2": None, "city": "Berlin",
        "postal-code": "10115", "country": {"code": "DE"}, "vat-number": "DE136695976"},
    "supplier-addresses": [{"street1": "Ring 7", "city": "Bonn", "postal-code": "53111",
        "country": {"code": "DE"}}],
    "contacts": [],
}]  # fmt: skip


def test_coupa_tells_the_same_in_xml_and_json(tmp_path: Path) -> None:
    xml, plain = tmp_path / "suppliers.xml", tmp_path / "suppliers.json"
    xml.write_text(COUPA_XML, encoding="utf-8")
    plain.write_text(json.dumps(COUPA_JSON), encoding="utf-8")
    by_xml, by_json = one(take_file("coupa", xml)), one(take_file("coupa", plain))
    assert by_xml.told == by_json.told
    assert by_xml.sequence == by_json.sequence == "2026-03-01T07:30:00.000000Z"
    assert [address["usage"] for address in by_xml.told["addresses"]] == ["legal", "other"]


@pytest.mark.parametrize(
    ("phone", "said"),
    [
        ({"full-number": "+49 30 1234567"}, "+49301234567"),
        ({"country-code": "49", "area-code": "30", "number": "1234567"}, "+49301234567"),
        ({"country-code": "1", "area-code": "", "number": None}, None),
        ("+49 30 1234567", "+49301234567"),
    ],
)
def test_a_phone_in_parts_is_a_phone(phone: Any, said: str | None) -> None:
    row = {**COUPA_JSON[0], "primary-contact": {"phone-work": phone}}
    assert told("coupa", "suppliers", row)["phone"] == said


def test_what_is_not_on_hold_in_coupa_has_no_reason_of_a_block(tmp_path: Path) -> None:
    xml = tmp_path / "suppliers.xml"
    xml.write_text(COUPA_XML, encoding="utf-8")
    assert one(take_file("coupa", xml)).told["block_reason"] is None
    held = COUPA_XML.replace('"boolean">false</on-hold>', '"boolean">true</on-hold>')
    xml.write_text(held, encoding="utf-8")
    assert one(take_file("coupa", xml)).told["block_reason"] == "On hold"


def test_a_german_list_of_cost_centers_tells_its_periods_and_companies(tmp_path: Path) -> None:
    path = tmp_path / "kostenstellen.csv"
    path.write_text(
        "\ufeffKostenstelle;Kostenrechnungskreis;Bezeichnung;Buchungskreis;Gültig ab;Gültig bis\r\n"
        "0000010102;A000;Vertrieb;1010;01.01.2020;31.12.2025\r\n"
        "0000010102;A000;Vertrieb neu;1010;01.01.2026;31.12.9999\r\n",
        encoding="utf-8",
    )
    arrived = take_file("csv", path)
    periods = [(one.told["valid_from"], one.told["valid_to"]) for one in arrived.arrivals]
    assert periods == [("2020-01-01", "2026-01-01"), ("2026-01-01", None)]
    assert {one.told["legal_entity"] for one in arrived.arrivals} == {"1010"}
    assert not arrived.unmapped_columns


def test_a_german_list_of_tax_codes_tells_rates_and_directions() -> None:
    row = {"Steuerkennzeichen": "V1", "Land": "DE", "Bezeichnung": "Vorsteuer", "Satz": "19,00 %",
           "Richtung": "Vorsteuer", "Gültig ab": "01.01.2021"}  # fmt: skip
    said = told("csv", "tax_codes", row)
    assert (said["scope"], said["rate"], said["tax_type"]) == ("DE", "19", "input")
    assert said["valid_from"] == "2021-01-01"


def test_a_column_named_as_a_field_is_read_however_its_words_are_joined() -> None:
    row = {"ID": "1", "Name": "Acme", "Contact Email": "ap@acme.de", "Block Reason": "Fraud"}
    arrived = take("csv", "suppliers", [row])
    assert not arrived.unmapped_columns
    assert one(arrived).told["contacts"][0]["email"] == "ap@acme.de"
    assert one(arrived).told["block_reason"] == "Fraud"


@pytest.mark.parametrize(("active", "status"), [("Yes", "active"), ("nein", "retired")])
def test_yes_and_no_of_an_active_column_are_states(active: str, status: str) -> None:
    row = {"id": "1", "name": "Acme", "Active": active}
    assert told("csv", "suppliers", row)["status"] == status


def test_the_secrets_coupa_shows_are_not_kept_even_sealed() -> None:
    arrival = one(take("coupa", "suppliers", COUPA_JSON))
    assert b"hush" not in KEYS.unseal(arrival.raw, raw_about("coupa"))


def test_every_export_of_the_samples_is_read_whole(tmp_path: Path) -> None:
    made = write_exports(tmp_path, suppliers=300)
    suppliers = 0
    for name, paths in made.files.items():
        for path in paths:
            arrived = take_file(name, path)
            assert arrived.arrivals, path
            assert arrived.rejects == [], path
            assert arrived.unmapped == [], path
            if path.name not in ("cremas.xml",):
                assert len({a.source_key for a in arrived.arrivals}) == len(arrived.arrivals)
            suppliers += sum(
                "addresses" in a.told or "companies" in a.told for a in arrived.arrivals
            )
    assert suppliers >= 290


def test_feeds_that_number_versions_say_so() -> None:
    assert feed("s4", "cremas").sequenced
    assert feed("s4", "business_partners").sequenced
    assert not feed("csv", "suppliers").sequenced


def test_reads_and_idocs_of_one_vendor_stand_in_one_order() -> None:
    read = one(take("s4", "business_partners", [partner(LastChangeDate="/Date(1767312000000)/")]))
    before = one(take("s4", "cremas", [vendor_idoc("20260101235959", NAME1="Acme")]))
    after = one(take("s4", "cremas", [vendor_idoc("20260103000000", NAME1="Acme")]))
    assert before.sequence is not None and read.sequence is not None and after.sequence is not None
    assert before.sequence < read.sequence < after.sequence
