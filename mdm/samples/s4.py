"""S/4HANA exports as OData V2 answers them: business partners with deep inserts, projects."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from mdm.samples.numbers import Bank
from mdm.samples.reference import LEGAL_ENTITIES, LegalEntity, Project
from mdm.samples.telling import Told
from mdm.samples.world import chance, pick

NAME_PART = 35
"""Old releases cut names here; the field holds 40."""
OPEN_END = "/Date(253402214400000+0000)/"
_TAX_TYPES = {"US": "US2", "SG": "SG0", "AU": "AU0", "FR": "FR2"}


def odata_date(day: str) -> str:
    """ "2026-01-31" -> "/Date(1769817600000)/"."""
    instant = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return f"/Date({int(instant.timestamp()) * 1000})/"


def split_name(name: str, part: int = NAME_PART) -> list[str]:
    """A long name over four fields, cut wherever the field ends: the blank at a cut is lost."""
    return [name[start : start + part].strip() for start in range(0, part * 4, part)]


def _guid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def companies_for(told: Told, rng: random.Random) -> list[LegalEntity]:
    """The companies of the group that buy from this supplier: its own country's first."""
    near = [e for e in LEGAL_ENTITIES if e.country == told.company.country.code]
    first = near[-1] if near else pick(rng, LEGAL_ENTITIES)
    found = {first.code: first}
    while chance(rng, 0.25):
        more = pick(rng, LEGAL_ENTITIES)
        found[more.code] = more
    return list(found.values())


def _meta(kind: str, **keys: str) -> dict[str, str]:
    key = ",".join(f"{name}='{value}'" for name, value in keys.items())
    uri = f"https://s4.example.com/sap/opu/odata/sap/API_BUSINESS_PARTNER/{kind}({key})"
    return {"id": uri, "uri": uri, "type": f"API_BUSINESS_PARTNER.{kind}Type"}


def _results(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"results": rows}


def _address(number: str, told: Told, rng: random.Random) -> dict[str, Any]:
    address = str(int(number) + 20000)
    phone, email, site = told.phone, told.email, told.website
    ordinal = {"AddressID": address, "Person": "", "OrdinalNumber": "1"}
    return {
        "__metadata": _meta("A_BusinessPartnerAddress", BusinessPartner=number, AddressID=address),
        "BusinessPartner": number,
        "AddressID": address,
        "ValidityStartDate": "/Date(1518393600000+0000)/",
        "ValidityEndDate": OPEN_END,
        "AddressUUID": _guid(rng),
        "AddressTimeZone": "CET",
        "CareOfName": "",
        "CityName": told.city,
        "Country": told.company.country.code,
        "District": "",
        "HouseNumber": told.house,
        "Language": told.company.country.language.upper(),
        "POBox": "",
        "PostalCode": told.postcode,
        "Region": told.place.region if chance(rng, 0.7) else "",
        "StreetName": told.street,
        "to_AddressUsage": _results(
            [{"BusinessPartner": number, "AddressID": address, "AddressUsage": "XXDEFAULT"}]
        ),
        "to_EmailAddress": _results(
            [{**ordinal, "IsDefaultEmailAddress": True, "EmailAddress": email}] if email else []
        ),
        "to_PhoneNumber": _results(
            [{**ordinal, "IsDefaultPhoneNumber": True, "PhoneNumber": phone}] if phone else []
        ),
        "to_URLAddress": _results(
            [{**ordinal, "IsDefaultURLAddress": True, "WebsiteURL": site}] if site else []
        ),
    }


def _taxes(number: str, told: Told) -> list[dict[str, Any]]:
    country = told.company.country.code
    rows = []
    for kind, value in (
        (f"{country}0", told.vat),
        (_TAX_TYPES.get(country, f"{country}1"), told.tax),
    ):
        if value:
            rows.append({
                "__metadata": _meta(
                    "A_BusinessPartnerTaxNumber", BusinessPartner=number, BPTaxType=kind
                ),
                "BusinessPartner": number, "BPTaxType": kind, "BPTaxNumber": value[:20],
                "BPTaxLongNumber": "", "AuthorizationGroup": "",
            })  # fmt: skip
    return rows


def _bank(number: str, bank: Bank, holder: str) -> dict[str, Any]:
    return {
        "__metadata": _meta(
            "A_BusinessPartnerBank", BusinessPartner=number, BankIdentification="0001"
        ),
        "BusinessPartner": number, "BankIdentification": "0001", "BankCountryKey": bank.country,
        "BankName": "", "BankNumber": bank.bank_code[:15], "SWIFTCode": bank.bic,
        "BankControlKey": "",
        "BankAccountHolderName": holder[:60], "BankAccountName": "",
        "ValidityStartDate": "/Date(-62135596800000+0000)/", "ValidityEndDate": OPEN_END,
        "IBAN": bank.iban.replace(" ", ""), "IBANValidityStartDate": None,
        "BankAccount": bank.account[:18], "BankAccountReferenceText": "",
        "CollectionAuthInd": False,
        "CityName": "", "AuthorizationGroup": "",
    }  # fmt: skip


def _company_rows(
    number: str, told: Told, rng: random.Random, entities: list[LegalEntity]
) -> list[dict[str, Any]]:
    return [
        {
            "__metadata": _meta("A_SupplierCompany", Supplier=number, CompanyCode=entity.code),
            "Supplier": number, "CompanyCode": entity.code, "CompanyCodeName": entity.name[:25],
            "PaymentBlockingReason": "A" if chance(rng, 0.02) else "",
            "SupplierIsBlockedForPosting": told.status == "blocked" and chance(rng, 0.5),
            "PaymentMethodsList": "CT" if entity.region == "US" else "TU",
            "PaymentTerms": told.terms,
            "ReconciliationAccount": "21100000", "LayoutSortingRule": "",
            "DeletionIndicator": False,
            "IsToBeCheckedForDuplicates": True, "SupplierAccountGroup": "SUPL",
        }
        for entity in entities
    ]  # fmt: skip


def _supplier(number: str, told: Told, rng: random.Random) -> dict[str, Any]:
    entities = companies_for(told, rng)
    return {
        "__metadata": _meta("A_Supplier", Supplier=number),
        "Supplier": number, "AlternativePayeeAccountNumber": "", "AuthorizationGroup": "",
        "CreatedByUser": "CONVERSION", "CreationDate": "/Date(1518393600000)/",
        "PaymentIsBlockedForSupplier": False, "PostingIsBlocked": told.status == "blocked",
        "PurchasingIsBlocked": told.status == "blocked",
        "SupplierAccountGroup": "CPD" if told.company.one_time else "SUPL",
        "SupplierFullName": told.name[:220], "SupplierName": told.name[:80],
        "VATRegistration": told.vat.replace(" ", "")[:20], "DeletionIndicator": chance(rng, 0.01),
        "TaxNumber1": told.tax[:16], "TaxNumber2": "", "SupplierProcurementBlock": "",
        "to_SupplierCompany": _results(_company_rows(number, told, rng, entities)),
        "to_SupplierPurchasingOrg": _results([
            {"Supplier": number, "PurchasingOrganization": entities[0].code,
             "PaymentTerms": told.terms,
             "PurchaseOrderCurrency": told.company.country.currency, "DeletionIndicator": False,
             "PurchasingIsBlockedForSupplier": False, "IncotermsClassification": ""}
        ]),
    }  # fmt: skip


def business_partner(number: str, told: Told, rng: random.Random) -> dict[str, Any]:
    """One A_BusinessPartner with its supplier, addresses, tax numbers and bank accounts."""
    person = bool(told.company.given)
    parts = split_name(told.name) if chance(rng, 0.5) else split_name(told.name, 40)
    given, _, last = told.company.name.partition(" ")
    changed = f"2026-{1 + int(rng.random() * 11):02d}-{1 + int(rng.random() * 20):02d}"
    return {
        "__metadata": _meta("A_BusinessPartner", BusinessPartner=number),
        "BusinessPartner": number, "Customer": "", "Supplier": number, "AcademicTitle": "",
        "BusinessPartnerCategory": "1" if person else "2",
        "BusinessPartnerFullName": told.name[:81], "BusinessPartnerGrouping": "BP02",
        "BusinessPartnerName": told.name[:81], "BusinessPartnerUUID": _guid(rng),
        "CorrespondenceLanguage": told.company.country.language.upper(),
        "CreatedByUser": "CONVERSION", "CreationDate": "/Date(1518393600000)/",
        "CreationTime": "PT17H49M05S", "FirstName": given if person else "",
        "IsNaturalPerson": "X" if person else "", "Language": told.company.country.language.upper(),
        "LastChangeDate": odata_date(changed) if chance(rng, 0.6) else None,
        "LastChangeTime": "PT09H15M00S", "LastChangedByUser": "",
        "LastName": last if person else "",
        "LegalForm": "", "OrganizationBPName1": "" if person else parts[0],
        "OrganizationBPName2": "" if person else parts[1],
        "OrganizationBPName3": "" if person else parts[2],
        "OrganizationBPName4": "" if person else parts[3], "OrganizationFoundationDate": None,
        "SearchTerm1": told.name.upper()[:20], "BusinessPartnerIsBlocked": False,
        "ETag": "CONVERSION20180212174905", "IsMarkedForArchiving": False,
        "to_BusinessPartnerAddress": _results([_address(number, told, rng)]),
        "to_BusinessPartnerTax": _results(_taxes(number, told)),
        "to_BusinessPartnerBank": _results(
            [_bank(number, told.bank, told.name)] if told.bank else []
        ),
        "to_Supplier": _supplier(number, told, rng),
    }  # fmt: skip


def project_row(project: Project, rng: random.Random) -> dict[str, Any]:
    """One A_EnterpriseProject with its blocking functions."""
    guid = _guid(rng)
    return {
        "ProjectUUID": guid, "ProjectInternalID": f"{rng.getrandbits(24):08d}",
        "Project": project.code,
        "ProjectDescription": project.name, "EnterpriseProjectType": "OV",
        "ProjectStartDate": odata_date(project.first_day),
        "ProjectEndDate": odata_date(project.last_day),
        "ProcessingStatus": "10", "ResponsibleCostCenter": project.cost_center, "ProfitCenter": "",
        "CompanyCode": project.entity.code, "ControllingArea": project.area,
        "ProjectCurrency": project.entity.currency,
        "LastChangeDateTime": "/Date(1767225600000+0000)/",
        "to_EntProjBlkFunc": {
            "ProjectUUID": guid, "EntProjStaffExpensePostgIsBlkd": project.blocked,
            "EntProjPurchasingIsBlkd": False,
        },
    }  # fmt: skip


def odata_v2(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Rows as an OData V2 answer."""
    return {"d": {"results": list(rows)}}
