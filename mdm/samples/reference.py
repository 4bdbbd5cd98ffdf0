"""The group that buys from the suppliers: its companies, cost centers, projects and tax codes."""

# ruff: noqa: E501 - a table of words and figures reads by its rows

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from mdm.samples.world import pick


@dataclass(frozen=True, slots=True)
class LegalEntity:
    """A company of the group, and what the systems call it."""

    code: str
    name: str
    country: str
    currency: str
    region: str
    timezone: str
    lei: str
    vat: str
    parent: str


LEGAL_ENTITIES: tuple[LegalEntity, ...] = (
    LegalEntity(
        "1000",
        "Orbanis Holding AG",
        "DE",
        "EUR",
        "EU",
        "Europe/Berlin",
        "529900ORBANIS0HOLD04",
        "DE136695976",
        "",
    ),
    LegalEntity(
        "1010",
        "Orbanis Deutschland GmbH",
        "DE",
        "EUR",
        "EU",
        "Europe/Berlin",
        "529900ORBANIS0DEUT81",
        "DE129274202",
        "1000",
    ),
    LegalEntity(
        "1020",
        "Orbanis Österreich GmbH",
        "AT",
        "EUR",
        "EU",
        "Europe/Vienna",
        "",
        "ATU13585627",
        "1010",
    ),
    LegalEntity(
        "1030", "Orbanis France SAS", "FR", "EUR", "EU", "Europe/Paris", "", "FR40303265045", "1000"
    ),
    LegalEntity(
        "1040", "Orbanis UK Ltd", "GB", "GBP", "EU", "Europe/London", "", "GB980780684", "1000"
    ),
    LegalEntity(
        "1050",
        "Orbanis Polska Sp. z o.o.",
        "PL",
        "PLN",
        "EU",
        "Europe/Warsaw",
        "",
        "PL8567346215",
        "1010",
    ),
    LegalEntity("1710", "Orbanis Inc.", "US", "USD", "US", "America/New_York", "", "", "1000"),
    LegalEntity(
        "1720", "Orbanis West LLC", "US", "USD", "US", "America/Los_Angeles", "", "", "1710"
    ),
    LegalEntity(
        "3000", "Orbanis Asia Pte. Ltd.", "SG", "SGD", "APAC", "Asia/Singapore", "", "", "1000"
    ),
    LegalEntity(
        "3010", "Orbanis Australia Pty Ltd", "AU", "AUD", "APAC", "Australia/Sydney", "", "", "3000"
    ),
)
LEGAL_ENTITY_COLUMNS = (
    "code",
    "name",
    "country",
    "currency",
    "region",
    "timezone",
    "lei",
    "vat_number",
    "parent",
    "status",
    "valid_from",
    "valid_to",
)
COST_CENTER_COLUMNS = (
    "code",
    "controlling_area",
    "name",
    "description",
    "legal_entity",
    "profit_center",
    "responsible",
    "category",
    "hierarchy_area",
    "blocked",
    "valid_from",
    "valid_to",
)
PROJECT_COLUMNS = (
    "code",
    "scope",
    "name",
    "description",
    "legal_entity",
    "cost_center",
    "controlling_area",
    "currency",
    "blocked",
    "status",
    "valid_from",
    "valid_to",
)
TAX_CODE_COLUMNS = (
    "code",
    "scope",
    "country",
    "name",
    "rate",
    "tax_type",
    "status",
    "valid_from",
    "valid_to",
)


def legal_entity_rows() -> list[tuple[str, ...]]:
    """legal_entities.csv; each valid since the group was founded."""
    return [
        (e.code, e.name, e.country, e.currency, e.region, e.timezone, e.lei, e.vat, e.parent,
         "active", "2015-01-01", "")
        for e in LEGAL_ENTITIES
    ]  # fmt: skip


_RATES: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "DE",
        "standard",
        (
            ("19", "2007-01-01", "2020-07-01"),
            ("16", "2020-07-01", "2021-01-01"),
            ("19", "2021-01-01", ""),
        ),
    ),
    (
        "DE",
        "reduced",
        (
            ("7", "2007-01-01", "2020-07-01"),
            ("5", "2020-07-01", "2021-01-01"),
            ("7", "2021-01-01", ""),
        ),
    ),
    ("AT", "standard", (("20", "1984-01-01", ""),)),
    ("CH", "standard", (("7.7", "2018-01-01", "2024-01-01"), ("8.1", "2024-01-01", ""))),
    ("FR", "standard", (("19.6", "2000-04-01", "2014-01-01"), ("20", "2014-01-01", ""))),
    ("BE", "standard", (("21", "1996-01-01", ""),)),
    ("NL", "standard", (("19", "2001-01-01", "2012-10-01"), ("21", "2012-10-01", ""))),
    ("IT", "standard", (("21", "2011-09-17", "2013-10-01"), ("22", "2013-10-01", ""))),
    ("ES", "standard", (("18", "2010-07-01", "2012-09-01"), ("21", "2012-09-01", ""))),
    ("PT", "standard", (("23", "2011-01-01", ""),)),
    ("GB", "standard", (("17.5", "2010-01-01", "2011-01-04"), ("20", "2011-01-04", ""))),
    (
        "IE",
        "standard",
        (
            ("23", "2012-01-01", "2020-09-01"),
            ("21", "2020-09-01", "2021-03-01"),
            ("23", "2021-03-01", ""),
        ),
    ),
    ("PL", "standard", (("22", "1993-07-05", "2011-01-01"), ("23", "2011-01-01", ""))),
    ("CZ", "standard", (("20", "2010-01-01", "2013-01-01"), ("21", "2013-01-01", ""))),
    ("SE", "standard", (("25", "1990-07-01", ""),)),
    ("DK", "standard", (("25", "1992-01-01", ""),)),
    ("NO", "standard", (("25", "2005-01-01", ""),)),
    ("FI", "standard", (("24", "2013-01-01", "2024-09-01"), ("25.5", "2024-09-01", ""))),
    (
        "SG",
        "standard",
        (
            ("7", "2007-07-01", "2023-01-01"),
            ("8", "2023-01-01", "2024-01-01"),
            ("9", "2024-01-01", ""),
        ),
    ),
    ("AU", "standard", (("10", "2000-07-01", ""),)),
    ("US", "exempt", (("0", "2000-01-01", ""),)),
)


def tax_code_rows() -> list[tuple[str, ...]]:
    """tax_codes.csv: a row per period of a rate; `valid_to` is the first day it no longer holds."""
    rows: list[tuple[str, ...]] = []
    for country, kind, periods in _RATES:
        codes = {"standard": ("V1", "A1"), "reduced": ("V2", "A2"), "exempt": ("I0", "O0")}[kind]
        for code, direction in zip(codes, ("input", "output"), strict=True):
            name = f"{'Input' if direction == 'input' else 'Output'} tax {kind} {country}"
            rows += [
                (code, country, country, name, rate, direction, "active", start, end)
                for rate, start, end in periods
            ]
    return rows


@dataclass(frozen=True, slots=True)
class CostCenter:
    """One validity period of a cost center; `last_day` is the last day it holds, open "9999-12-31"."""

    code: str
    area: str
    name: str
    description: str
    german: str
    legal_entity: str
    responsible: str
    first_day: str
    last_day: str
    blocked: bool


_DEPARTMENTS: tuple[tuple[str, str, str], ...] = (
    ("Finance", "Finance and controlling", "Finanzen"), ("HR", "Human resources", "Personal"),
    ("IT", "Information technology", "Informatik"), ("Sales", "Sales and customer care", "Vertrieb"),
    ("Marketing", "Marketing and events", "Marketing"), ("Purchasing", "Strategic purchasing", "Einkauf"),
    ("Legal", "Legal and compliance", "Recht"), ("R&D", "Research and development", "Entwicklung"),
    ("Production", "Production line", "Fertigung"), ("Warehouse", "Warehouse and shipping", "Lager"),
    ("Quality", "Quality assurance", "Qualität"), ("Facilities", "Facilities", "Gebäude"),
)  # fmt: skip
_PEOPLE = (
    "A. Brandt",
    "C. Moreau",
    "J. Walsh",
    "M. Nowak",
    "S. Lim",
    "T. Berg",
    "L. Rossi",
    "K. Ito",
)


def cost_centers(
    rng: random.Random, entities: Sequence[LegalEntity], area: str
) -> list[CostCenter]:
    """The cost centers of these companies in one controlling area; some have two periods."""
    found = []
    for entity in entities:
        for number, (name, description, german) in enumerate(_DEPARTMENTS, start=1):
            code = f"{entity.code}{number:02d}{int(rng.random() * 4)}"
            common = (f"{description} {entity.country}", german, entity.code, pick(rng, _PEOPLE))
            blocked = rng.random() < 0.05  # noqa: PLR2004 - a few are blocked
            if rng.random() < 0.2:  # noqa: PLR2004 - a fifth was renamed once
                found.append(
                    CostCenter(
                        code, area, f"{name} old", *common, "2018-01-01", "2022-12-31", False
                    )
                )
                found.append(
                    CostCenter(code, area, name, *common, "2023-01-01", "9999-12-31", blocked)
                )
            else:
                last = "2027-03-31" if rng.random() < 0.06 else "9999-12-31"  # noqa: PLR2004 - will end
                found.append(CostCenter(code, area, name, *common, "2018-01-01", last, blocked))
    return found


@dataclass(frozen=True, slots=True)
class Project:
    """A project of one company."""

    code: str
    name: str
    entity: LegalEntity
    cost_center: str
    area: str
    first_day: str
    last_day: str
    blocked: bool


_UNDERTAKINGS = (
    "ERP rollout",
    "Warehouse automation",
    "Office move",
    "Product launch",
    "Solar roof",
    "CRM renewal",
    "ISO 27001",
    "Fleet electrification",
    "Data platform",
    "Trade fair",
    "Plant extension",
    "Rebranding",
)


def projects(rng: random.Random, centers: Sequence[CostCenter], count: int) -> list[Project]:
    """Projects, each with a responsible cost center that is open."""
    entities = {entity.code: entity for entity in LEGAL_ENTITIES}
    current = [center for center in centers if center.last_day == "9999-12-31"]
    found = []
    for number in range(1, count + 1):
        center, year = pick(rng, current), 2021 + int(rng.random() * 6)
        found.append(
            Project(
                f"P-{year % 100}-{number:04d}", f"{pick(rng, _UNDERTAKINGS)} {year}",
                entities[center.legal_entity], center.code, center.area,
                f"{year}-0{1 + int(rng.random() * 9)}-01", f"{year + 1 + int(rng.random() * 3)}-12-31",
                rng.random() < 0.08,  # noqa: PLR2004 - a few are closed for expenses
            )
        )  # fmt: skip
    return found
