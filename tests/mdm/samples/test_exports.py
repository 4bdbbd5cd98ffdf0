"""Sample exports: the same bytes for a seed, the systems' own formats, the truth beside them."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mdm.inbound.readers import open_rows
from mdm.samples import SampleSet, write_exports
from mdm.samples.plain import SUPPLIER_COLUMNS

ROWS = 1200


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> SampleSet:
    return write_exports(tmp_path_factory.mktemp("exports"), suppliers=ROWS, seed=3)


def payloads(path: Path, format: str) -> list[dict[str, Any]]:
    rows = [row for chunk in open_rows(path, format) for row in chunk]
    assert all(row.problem is None for row in rows)
    return [row.payload for row in rows if isinstance(row.payload, dict)]


def truth(exports: SampleSet) -> list[dict[str, str]]:
    with exports.truth.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(exports: SampleSet, tmp_path: Path) -> None:
    write_exports(tmp_path / "again", suppliers=ROWS, seed=3)
    write_exports(tmp_path / "other", suppliers=ROWS, seed=4)
    assert digest(tmp_path / "again") == digest(exports.folder)
    assert digest(tmp_path / "other") != digest(exports.folder)


def test_about_a_fifth_of_the_records_are_duplicates_in_clusters_of_up_to_five(
    exports: SampleSet,
) -> None:
    sizes = Counter(row["entity"] for row in truth(exports))
    assert sum(sizes.values()) == ROWS == exports.records
    assert len(sizes) == exports.entities
    assert 0.15 < 1 - len(sizes) / ROWS < 0.23
    assert max(sizes.values()) <= 5


def test_the_truth_names_exactly_the_keys_that_the_exports_hold(exports: SampleSet) -> None:
    folder = exports.folder
    partners = [row["Supplier"] for row in payloads(folder / "s4/business_partners.json", "json")]
    messages = payloads(folder / "s4/cremas.xml", "xml")
    idocs = [message["E1LFA1M"]["LIFNR"].lstrip("0") for message in messages]
    vendors = payloads(folder / "d365/vendors.json", "json")
    held = {
        "s4": {*partners, *idocs},
        "netsuite": {row["id"] for row in payloads(folder / "netsuite/vendors.json", "json")},
        "d365": {f"{row['dataAreaId']}/{row['VendorAccountNumber']}" for row in vendors},
        "coupa": {str(row["id"]) for row in payloads(folder / "coupa/suppliers.json", "json")},
        "csv": {row["id"] for row in payloads(folder / "csv/suppliers.csv", "csv")},
    }
    told: dict[str, set[str]] = {source: set() for source in held}
    for row in truth(exports):
        told[row["source"]].add(row["source_key"])
    assert told == held


def test_duplicates_lie_across_systems_and_within_them(exports: SampleSet) -> None:
    sources: dict[str, list[str]] = {}
    for row in truth(exports):
        sources.setdefault(row["entity"], []).append(row["source"])
    repeated = [found for found in sources.values() if len(found) > 1]
    assert any(len(set(found)) > 1 for found in repeated)
    assert any(len(set(found)) < len(found) for found in repeated)


def test_a_third_of_the_identifiers_is_missing_and_many_countries_are_there(
    exports: SampleSet,
) -> None:
    rows = payloads(exports.folder / "csv/suppliers.csv", "csv")
    assert tuple(rows[0]) == SUPPLIER_COLUMNS
    for column in ("phone", "email"):
        assert 0.2 < sum(not row[column] for row in rows) / len(rows) < 0.46
    vendors = payloads(exports.folder / "d365/vendors.json", "json")
    assert len({row["AddressCountryRegionId"] for row in vendors}) >= 14


def test_change_idocs_leave_fields_out_and_suppliers_can_be_marked_for_deletion(
    exports: SampleSet,
) -> None:
    heads = [row["E1LFA1M"] for row in payloads(exports.folder / "s4/cremas.xml", "xml")]
    changes = [head for head in heads if head["MSGFN"] == "005"]
    assert changes and all("STCEG" not in head for head in changes)
    assert any(head.get("LOEVM") == "X" for head in changes)
    assert all(len(head["LIFNR"]) == 10 for head in heads)


def test_the_reference_files_refer_to_companies_that_are_there(exports: SampleSet) -> None:
    folder = exports.folder / "csv"
    codes = {row["code"] for row in payloads(folder / "legal_entities.csv", "csv")}
    assert 8 <= len(codes) <= 12
    for name in ("suppliers", "cost_centers", "projects"):
        assert {row["legal_entity"] for row in payloads(folder / f"{name}.csv", "csv")} <= codes
    areas = payloads(exports.folder / "s4/cosmas.xml", "xml")
    assert {row["E1CSKSM"]["BUKRS"] for row in areas} <= codes


def test_rates_of_a_tax_code_follow_one_another_without_gap(exports: SampleSet) -> None:
    periods: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in payloads(exports.folder / "csv/tax_codes.csv", "csv"):
        key = (row["scope"], row["code"])
        periods.setdefault(key, []).append((row["valid_from"], row["valid_to"]))
    for found in periods.values():
        found.sort()
        assert [end for _, end in found] == [*(start for start, _ in found[1:]), ""]


ENTITY = re.compile(r'<EntityType Name="(\w+)Type".*?>(.*?)</EntityType>', re.S)
PROPERTY = re.compile(r'<Property Name="(\w+)" Type="Edm\.(\w+)"(.*?)>')
NAVIGATION = re.compile(r'<NavigationProperty Name="(\w+)"')
LENGTH = re.compile(r'MaxLength="(\d+)"')


def _edmx_types(path: Path) -> dict[str, dict[str, tuple[str, int | None]]]:
    """Properties of each entity type of a service: type and length."""
    types: dict[str, dict[str, tuple[str, int | None]]] = {}
    for name, body in ENTITY.findall(path.read_text(encoding="utf-8")):
        types[name] = {navigation: ("Navigation", None) for navigation in NAVIGATION.findall(body)}
        for told, kind, rest in PROPERTY.findall(body):
            length = LENGTH.search(rest)
            types[name][told] = (kind, int(length[1]) if length else None)
    return types


CHILD_TYPES = {
    "to_BusinessPartnerAddress": "A_BusinessPartnerAddress",
    "to_BusinessPartnerTax": "A_BusinessPartnerTaxNumber",
    "to_BusinessPartnerBank": "A_BusinessPartnerBank",
    "to_Supplier": "A_Supplier",
    "to_SupplierCompany": "A_SupplierCompany",
    "to_SupplierPurchasingOrg": "A_SupplierPurchasingOrg",
    "to_EmailAddress": "A_AddressEmailAddress",
    "to_PhoneNumber": "A_AddressPhoneNumber",
    "to_URLAddress": "A_AddressHomePageURL",
    "to_AddressUsage": "A_BuPaAddressUsage",
    "to_EntProjBlkFunc": "A_EnterpriseProjBlkFunc",
}
SHAPES = {
    "DateTime": re.compile(r"^/Date\(-?\d+\)/$"),
    "DateTimeOffset": re.compile(r"^/Date\(-?\d+\+0000\)/$"),
    "Time": re.compile(r"^PT\d\dH\d\dM\d\dS$"),
    "Guid": re.compile(r"^[0-9a-f-]{36}$"),
}


def _told(kind: str, row: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Every property of a row and of what it holds: (entity type, property, value)."""
    for name, value in row.items():
        if name == "__metadata":
            continue
        yield kind, name, value
        if name in CHILD_TYPES:
            for child in value.get("results", [value]):
                yield from _told(CHILD_TYPES[name], child)


@pytest.mark.parametrize(
    ("file", "schema", "kind"),
    [
        ("business_partners", "s4-API_BUSINESS_PARTNER", "A_BusinessPartner"),
        ("projects", "s4-API_ENTERPRISE_PROJECT_SRV_0002", "A_EnterpriseProject"),
    ],
)
def test_s4_rows_have_the_properties_lengths_and_types_of_saps_metadata(
    exports: SampleSet, shared_data: Path, file: str, schema: str, kind: str
) -> None:
    types = _edmx_types(shared_data / "systems" / "schemas" / f"{schema}.edmx")
    for row in payloads(exports.folder / f"s4/{file}.json", "json"):
        for entity, name, value in _told(kind, row):
            assert name in types[entity], f"{entity} has no {name}"
            edm, length = types[entity][name]
            if edm == "Boolean":
                assert isinstance(value, bool), name
            elif edm == "String":
                assert isinstance(value, str), name
                assert not length or len(value) <= length, (name, value)
            elif edm in SHAPES and value is not None:
                assert SHAPES[edm].match(value), (name, value)


def test_d365_rows_have_the_properties_and_choices_of_the_entity(
    exports: SampleSet, shared_data: Path
) -> None:
    path = shared_data / "systems" / "schemas" / "d365fo-ballerina-payable.json"
    schemas = json.loads(path.read_text(encoding="utf-8"))["components"]["schemas"]
    properties = schemas["VendorV3"]["properties"]
    for row in payloads(exports.folder / "d365/vendors.json", "json"):
        for name, value in row.items():
            if name.startswith("@odata"):
                continue
            assert name in properties
            if "allOf" in properties[name]:
                choice = properties[name]["allOf"][0]["$ref"].rpartition("/")[2]
                assert value in schemas[choice]["enum"], name
            else:
                assert isinstance(value, str)
