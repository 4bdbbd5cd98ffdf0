"""Plain CSV files: one per domain, and the truth."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from mdm.samples.telling import Told, street_line

SUPPLIER_COLUMNS = (
    "id",
    "name",
    "trading_name",
    "street",
    "city",
    "postcode",
    "country",
    "vat_number",
    "tax_number",
    "iban",
    "bic",
    "phone",
    "email",
    "website",
    "payment_terms",
    "currency",
    "legal_entity",
    "status",
)


def supplier_row(key: str, told: Told, legal_entity: str) -> tuple[str, ...]:
    """The cells of suppliers.csv, in the order of its columns."""
    country, bank = told.company.country, told.bank
    return (
        key,
        told.name,
        told.trading_name,
        street_line(told),
        told.city,
        told.postcode,
        country.code,
        told.vat,
        told.tax,
        bank.iban if bank else "",
        bank.bic if bank and bank.iban else "",
        told.phone,
        told.email,
        told.website,
        told.terms,
        country.currency,
        legal_entity,
        told.status,
    )


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    """UTF-8, comma, quotes where needed, line feed: the same bytes on every machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    return path
