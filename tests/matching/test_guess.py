"""Columns are found by header, in many languages, else by what they hold."""

from __future__ import annotations

import polars as pl
import pytest

from matching.guess import guess


def fields(**columns: str) -> dict[str, tuple[str, ...]]:
    return dict(guess(pl.DataFrame({name: [value] for name, value in columns.items()})).fields)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (("Firma", "Straße", "PLZ", "Ort"), ("name", "street", "postcode", "city")),
        (("Raison sociale", "Adresse", "Code postal"), ("name", "address", "postcode")),
        (("会社名", "住所", "電話番号"), ("name", "address", "phone")),
        (("公司名称", "地址", "邮编"), ("name", "address", "postcode")),
        (("Наименование", "ИНН", "Адрес"), ("name", "tax_number", "address")),
        (("Επωνυμία", "Διεύθυνση", "ΑΦΜ"), ("name", "address", "vat_number")),
        (("Domicilio", "Población", "NIF", "Teléfono"), ("street", "city", "tax_number", "phone")),
        (("Straße und Nr.", "Ortschaft", "Steuernr."), ("street", "city", "tax_number")),
        (("Indirizzo", "Città", "Nazione", "P. IVA"), ("address", "city", "country", "vat_number")),
        (("Nazwa firmy", "Miejscowość", "NIP"), ("name", "city", "tax_number")),
        (("Bedrijfsnaam", "Woonplaats", "KvK-nummer"), ("name", "city", "tax_number")),
        (("N° SIREN", "Commune", "Tél."), ("tax_number", "city", "phone")),
        (("Town/City", "ZIP/Postal Code", "Phone No."), ("city", "postcode", "phone")),
        (("VendorName", "vendor_address", "TaxID"), ("name", None, "tax_number")),
    ],
)
def test_headers_are_read_in_many_languages(
    headers: tuple[str, ...], expected: tuple[str | None, ...]
) -> None:
    found = fields(**dict.fromkeys(headers, "x"))
    for header, field in zip(headers, expected, strict=True):
        if field is not None:
            assert found[field] == (header,)


@pytest.mark.parametrize("header", ["Vendor No", "supplier_number", "Kreditoren-Nr.", "LIFNR"])
def test_a_vendor_s_number_names_its_record(header: str) -> None:
    assert guess(pl.DataFrame({header: ["100"], "Firma": ["Acme GmbH"]})).id == header


@pytest.mark.parametrize(
    ("given", "family"),
    [("Vorname", "Nachname"), ("first_name", "surname"), ("Prénom", "Nom"), ("Vorname", "Name")],
)
def test_parts_of_a_person_s_name_are_one_name(given: str, family: str) -> None:
    found = fields(**{given: "Anna", family: "Muster"})
    assert found == {"person_name": (given, family)}


def test_a_title_beside_a_description_is_what_a_product_is_called() -> None:
    assert fields(title="widget 12", description="a long text")["name"] == ("title",)


@pytest.mark.parametrize(
    "header", ["Lieferantennummer", "Vendor No.", "supplier_no", "Código proveedor", "Nr dostawcy"]
)
def test_a_column_that_numbers_the_records_is_their_id(header: str) -> None:
    table = {"Ort": ["Ulm", "Ulm"], header: ["7", "8"], "name": ["A", "B"]}
    assert guess(pl.DataFrame(table)).id == header


def test_a_header_that_only_sounds_like_an_id_counts_where_no_value_comes_twice() -> None:
    table = {"Ort": ["Ulm", "Ulm"], "name": ["A", "B"]}
    assert guess(pl.DataFrame(table | {"Kod": ["7", "8"]})).id == "Kod"
    assert guess(pl.DataFrame(table | {"Kod": ["7", "7"]})).id is None


@pytest.mark.parametrize("value", ["2024-05-17", "17.05.2024", "12345.67", "10045871"])
def test_dates_amounts_and_plain_numbers_are_no_phones(value: str) -> None:
    assert fields(name="Acme", x=value) == {"name": ("name",)}


@pytest.mark.parametrize("value", ["+49 30 123456", "(415) 555-2671", "0301234567", "415-555-2671"])
def test_phones_are_found_by_content(value: str) -> None:
    assert fields(name="Acme", x=value) == {"name": ("name",), "phone": ("x",)}
