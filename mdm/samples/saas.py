"""NetSuite, Dynamics 365 F&O and Coupa exports, each as its API answers."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from mdm.samples.reference import LEGAL_ENTITIES, LegalEntity
from mdm.samples.s4 import companies_for
from mdm.samples.telling import Told, street_line
from mdm.samples.world import chance

PAGE = 1000
_D365_AREA = {
    "1000": "deho",
    "1010": "demf",
    "1020": "atmf",
    "1030": "frrt",
    "1040": "gbsi",
    "1050": "plmf",
    "1710": "usmf",
    "1720": "uswe",
    "3000": "sgmf",
    "3010": "aumf",
}
"""What Dynamics calls the companies of the group (dataAreaId)."""
SUBSIDIARIES = {entity.code: str(place) for place, entity in enumerate(LEGAL_ENTITIES, start=1)}
"""What NetSuite calls them: internal ids."""
_TERMS = {
    "NT30": ("Net 30", "Net30"),
    "NT14": ("Net 14", "Net14"),
    "NT60": ("Net 60", "Net60"),
    "NT00": ("Due on receipt", "Net0"),
    "2D10": ("2% 10 Net 30", "2D10N30"),
    "NT45": ("Net 45", "Net45"),
}


def data_area(entity: LegalEntity) -> str:
    """The dataAreaId of a company."""
    return _D365_AREA[entity.code]


def _us_date(rng: random.Random) -> str:
    return f"{1 + int(rng.random() * 11)}/{1 + int(rng.random() * 20)}/2026"


def _iso_date(rng: random.Random) -> str:
    return f"2026-{1 + int(rng.random() * 11):02d}-{1 + int(rng.random() * 20):02d}"


def netsuite_vendor(key: str, told: Told, rng: random.Random) -> dict[str, Any]:
    """One row of a SuiteQL answer; columns that are null are left out, as SuiteQL does."""
    person, country = bool(told.company.given), told.company.country
    given, _, last = told.company.name.partition(" ")
    row = {
        "links": [],
        "id": key,
        "entityid": f"V-{key}",
        "isperson": "T" if person else "F",
        "companyname": "" if person else told.name,
        "legalname": "" if person or chance(rng, 0.6) else told.name,
        "firstname": given if person else "",
        "lastname": last if person else "",
        "isinactive": "T" if told.status == "blocked" else "F",
        "subsidiary": SUBSIDIARIES[companies_for(told, rng)[0].code],
        "currency": country.currency,
        "terms": _TERMS[told.terms][0],
        "vatregnumber": told.vat,
        "taxidnum": told.tax,
        "email": told.email,
        "phone": told.phone,
        "url": told.website,
        "billaddr1": street_line(told),
        "billcity": told.city,
        "billstate": told.place.region if country.code in ("US", "AU") else "",
        "billzip": told.postcode,
        "billcountry": country.code,
        "iban": told.bank.iban if told.bank else "",
        "bic": told.bank.bic if told.bank and told.bank.iban else "",
        "datecreated": "2/12/2018",
        "lastmodifieddate": _us_date(rng),
    }
    return {column: value for column, value in row.items() if value != ""}


def netsuite_pages(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pages SuiteQL answers, 1000 rows each."""
    url = "https://1234567.suitetalk.api.netsuite.com/services/rest/query/v1/suiteql"
    pages = []
    for offset in range(0, max(len(rows), 1), PAGE):
        items = list(rows[offset : offset + PAGE])
        pages.append({
            "links": [{"rel": "self", "href": f"{url}?limit={PAGE}&offset={offset}"}],
            "count": len(items), "hasMore": offset + PAGE < len(rows), "items": items,
            "offset": offset, "totalResults": len(rows),
        })  # fmt: skip
    return pages


_HOLDS = ("All", "Invoice", "Payment")
EMPTY_DATE = "1900-01-01T12:00:00Z"


def d365_vendor(
    account: str, told: Told, entity: LegalEntity, rng: random.Random
) -> dict[str, Any]:
    """One VendorsV3 row."""
    person, country = bool(told.company.given), told.company.country
    given, _, last = told.company.name.partition(" ")
    hold = _HOLDS[int(rng.random() * 3)] if told.status == "blocked" else "No"
    return {
        "@odata.etag": f'W/"{rng.getrandbits(48):x}"',
        "dataAreaId": data_area(entity), "VendorAccountNumber": account,
        "VendorPartyType": "Person" if person else "Organization",
        "VendorOrganizationName": "" if person else told.name,
        "PersonFirstName": given if person else "", "PersonLastName": last if person else "",
        "VendorKnownAsName": told.trading_name, "VendorSearchName": told.name[:20],
        "VendorGroupId": "40", "LanguageId": country.language, "CurrencyCode": country.currency,
        "AddressStreet": told.street, "AddressStreetNumber": told.house, "AddressCity": told.city,
        "AddressZipCode": told.postcode, "AddressStateId": told.place.region,
        "AddressCountryRegionId": country.iso3, "AddressCountryRegionISOCode": country.code,
        "AddressValidFrom": EMPTY_DATE, "AddressValidTo": "2154-12-31T23:59:59Z",
        "TaxExemptNumber": told.vat,
        "Tax1099FederalTaxId": told.tax if country.code == "US" else "",
        "OrganizationNumber": told.tax if country.code != "US" else "",
        "BankAccountId": "", "PrimaryEmailAddress": told.email, "PrimaryPhoneNumber": told.phone,
        "PrimaryURL": told.website, "DefaultPaymentTermsName": _TERMS[told.terms][1],
        "DefaultVendorPaymentMethodName": "SEPA CT" if entity.currency == "EUR" else "CHECK",
        "OnHoldStatus": hold, "VendorHoldReleaseDate": EMPTY_DATE,
        "IsOneTimeVendor": "Yes" if told.company.one_time else "No", "IsForeignEntity": "No",
        "DUNSNumber": "", "Notes": "",
    }  # fmt: skip


def d365_page(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Rows as an OData V4 answer across companies."""
    return {
        "@odata.context": "https://orbanis.operations.dynamics.com/data/$metadata#VendorsV3",
        "value": list(rows),
    }


def coupa_supplier(key: str, told: Told, rng: random.Random) -> dict[str, Any]:
    """One supplier as Coupa's API answers it."""
    company, country = told.company, told.company.country
    given, _, last = company.name.partition(" ")
    address = {
        "id": int(key) + 50000,
        "name": None,
        "street1": street_line(told),
        "street2": "",
        "city": told.city,
        "state": told.place.region if chance(rng, 0.5) else None,
        "postal-code": told.postcode,
        "attention": None,
        "country": {"id": 200 + len(country.forms), "code": country.code},
        "vat-number": told.vat or None,
        "local-tax-number": told.tax or None,
    }
    contact = {
        "id": int(key) + 90000,
        "email": told.email,
        "name-given": given if company.given else "",
        "name-family": last if company.given else "",
        "phone-work": told.phone or None,
    }
    return {
        "id": int(key), "created-at": "2019-05-02T10:00:00+02:00",
        "updated-at": f"{_iso_date(rng)}T08:30:00+01:00",
        "name": told.name[:100], "display-name": told.trading_name or told.name[:100],
        "number": f"C{key}", "status": "active" if told.status == "active" else "inactive",
        "tax-id": told.vat or told.tax or None, "tax-code": None, "website": told.website or None,
        "corporate-url": None, "po-email": told.email or None,
        "one-time-supplier": company.one_time,
        "on-hold": False, "duns": None, "account-number": None,
        "payment-term": {"id": 3, "code": told.terms, "description": _TERMS[told.terms][0]},
        "invoice-matching-level": "3-way", "primary-address": address,
        "supplier-addresses": [address],
        "primary-contact": contact, "contacts": [contact] if told.email or told.phone else [],
        "cxml-secret": "********", "coupa-connect-secret": "********",
    }  # fmt: skip
