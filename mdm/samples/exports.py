"""Writes the exports of five systems that tell, each in its own way, of the same world."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from mdm.samples import idocs, plain, reference, s4, saas
from mdm.samples.telling import Told, cluster_size, tell
from mdm.samples.world import companies

SHARES = (("s4", 0.35), ("d365", 0.55), ("netsuite", 0.70), ("coupa", 0.85), ("csv", 1.0))
"""Up to which random number a record is the system's."""
CHANGED = 0.03
"""Share of S/4 suppliers that a change IDoc tells of again."""


@dataclass(frozen=True, slots=True)
class SampleSet:
    """What was written: files by source, the truth, and how much it is."""

    folder: Path
    files: dict[str, tuple[Path, ...]]
    truth: Path
    records: int
    """Supplier records, all sources together."""
    entities: int
    """Suppliers there really are."""


@dataclass(frozen=True, slots=True)
class Export:
    """The records of one source, each with its source key."""

    source: str
    keys: list[str]
    told: list[Told]


def write_exports(folder: Path, *, suppliers: int = 5000, seed: int = 7) -> SampleSet:
    """Exports of five systems with about 19 % duplicates, and truth.csv beside them.

    The same seed gives the same bytes. Folders are named after the sources.
    """
    rng = random.Random(f"{seed}:exports")
    told = list(_told(rng, suppliers))
    exports = _distributed(rng, told)
    files = {
        "s4": (
            *_write_s4(folder / "s4", exports["s4"], rng),
            *_write_s4_reference(folder / "s4", rng),
        ),
        "netsuite": (_write_netsuite(folder / "netsuite", exports["netsuite"], rng),),
        "d365": (_write_d365(folder / "d365", exports["d365"], rng),),
        "coupa": (_write_coupa(folder / "coupa", exports["coupa"], rng),),
        "csv": (
            _write_suppliers(folder / "csv", exports["csv"], rng),
            *_write_reference(folder / "csv", rng),
        ),
    }
    truth = plain.write_csv(
        folder / "truth.csv",
        ("source", "source_key", "entity"),
        (
            (export.source, key, str(one.entity))
            for export in exports.values()
            for key, one in zip(export.keys, export.told, strict=True)
        ),
    )
    return SampleSet(folder, files, truth, len(told), len({one.entity for one in told}))


def _told(rng: random.Random, suppliers: int) -> Iterator[Told]:
    """So many records; the first of each company is tidy, the others less so."""
    left = suppliers
    for entity, company in zip(count(1), companies(rng), strict=False):
        for copy in range(min(cluster_size(rng), left)):
            yield tell(entity, company, rng, 1.0 if copy else 0.5)
            left -= 1
        if not left:
            return


def _distributed(rng: random.Random, told: list[Told]) -> dict[str, Export]:
    exports = {source: Export(source, [], []) for source, _ in SHARES}
    for one in told:
        turn = rng.random()
        exports[next(source for source, reach in SHARES if turn < reach)].told.append(one)
    for export in exports.values():
        rng.shuffle(export.told)
        export.keys.extend(_keys(export, rng))
    return exports


def _keys(export: Export, rng: random.Random) -> Iterator[str]:
    """The source keys, as the mappings make them from what the rows hold."""
    first = {"s4": 100000, "netsuite": 107, "d365": 1000, "coupa": 2200, "csv": 1}[export.source]
    for number, one in enumerate(export.told, start=first):
        if export.source == "d365":
            entity = s4.companies_for(one, rng)[0]
            yield f"{saas.data_area(entity)}/V-{number:06d}"
        else:
            yield str(number)


def _write_json(path: Path, documents: Iterable[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for document in documents:
            json.dump(document, file, ensure_ascii=False, separators=(",", ":"))
            file.write("\n")
    return path


def _write_s4(folder: Path, export: Export, rng: random.Random) -> tuple[Path, Path]:
    """Most suppliers by OData, every tenth by IDoc, and changes by IDoc."""
    by_odata: list[dict[str, Any]] = []
    new: list[str] = []
    changes: list[str] = []
    for place, (key, one) in enumerate(zip(export.keys, export.told, strict=True)):
        if place % 10 == 0:
            new.append(idocs.supplier_idoc(key, one, rng, len(new) + 1))
            continue
        by_odata.append(s4.business_partner(key, one, rng))
        if rng.random() < CHANGED:
            again = tell(one.entity, one.company, rng, 1.0)
            changes.append(idocs.change_idoc(key, again, rng, 40_000 + len(changes)))
    path = folder / "cremas.xml"
    partners = _write_json(folder / "business_partners.json", [s4.odata_v2(by_odata)])
    path.write_text(idocs.message("CREMAS05", new + changes), encoding="utf-8", newline="\n")
    return partners, path


def _write_s4_reference(folder: Path, rng: random.Random) -> tuple[Path, Path]:
    """Cost centers of the group's German, Austrian and French companies, and their projects."""
    centers = reference.cost_centers(rng, reference.LEGAL_ENTITIES[:6], "A000")
    path = folder / "cosmas.xml"
    text = idocs.message(
        "COSMAS01", [idocs.cost_center_idoc(c, n) for n, c in enumerate(centers, start=9000)]
    )
    path.write_text(text, encoding="utf-8", newline="\n")
    rows = [s4.project_row(project, rng) for project in reference.projects(rng, centers, 60)]
    return path, _write_json(folder / "projects.json", [s4.odata_v2(rows)])


def _write_netsuite(folder: Path, export: Export, rng: random.Random) -> Path:
    rows = [
        saas.netsuite_vendor(k, one, rng) for k, one in zip(export.keys, export.told, strict=True)
    ]
    return _write_json(folder / "vendors.json", saas.netsuite_pages(rows))


def _write_d365(folder: Path, export: Export, rng: random.Random) -> Path:
    areas = {saas.data_area(entity): entity for entity in reference.LEGAL_ENTITIES}
    rows = []
    for key, one in zip(export.keys, export.told, strict=True):
        area, _, account = key.partition("/")
        rows.append(saas.d365_vendor(account, one, areas[area], rng))
    return _write_json(folder / "vendors.json", [saas.d365_page(rows)])


def _write_coupa(folder: Path, export: Export, rng: random.Random) -> Path:
    rows = [
        saas.coupa_supplier(k, one, rng) for k, one in zip(export.keys, export.told, strict=True)
    ]
    return _write_json(folder / "suppliers.json", [rows])


def _write_suppliers(folder: Path, export: Export, rng: random.Random) -> Path:
    rows = (
        plain.supplier_row(key, one, s4.companies_for(one, rng)[0].code)
        for key, one in zip(export.keys, export.told, strict=True)
    )
    return plain.write_csv(folder / "suppliers.csv", plain.SUPPLIER_COLUMNS, rows)


def _write_reference(folder: Path, rng: random.Random) -> Sequence[Path]:
    """The domains that S/4 does not tell, and the other companies' cost centers and projects."""
    centers = reference.cost_centers(rng, reference.LEGAL_ENTITIES[6:], "B000")
    some = reference.projects(rng, centers, 40)
    return (
        plain.write_csv(
            folder / "legal_entities.csv",
            reference.LEGAL_ENTITY_COLUMNS,
            reference.legal_entity_rows(),
        ),
        plain.write_csv(
            folder / "tax_codes.csv", reference.TAX_CODE_COLUMNS, reference.tax_code_rows()
        ),
        plain.write_csv(
            folder / "cost_centers.csv", reference.COST_CENTER_COLUMNS, map(_center_row, centers)
        ),
        plain.write_csv(
            folder / "projects.csv", reference.PROJECT_COLUMNS, map(_project_row, some)
        ),
    )


_EXCLUSIVE = {"9999-12-31": "", "2022-12-31": "2023-01-01", "2027-03-31": "2027-04-01"}


def _center_row(center: reference.CostCenter) -> tuple[str, ...]:
    return (
        center.code, center.area, center.name, center.description, center.legal_entity, "",
        center.responsible, "E", f"{center.area}-STD", "true" if center.blocked else "false",
        center.first_day, _EXCLUSIVE[center.last_day],
    )  # fmt: skip


def _project_row(project: reference.Project) -> tuple[str, ...]:
    return (
        project.code, project.entity.code, project.name, "", project.entity.code,
        project.cost_center,
        project.area, project.entity.currency, "true" if project.blocked else "false", "active",
        project.first_day, f"{int(project.last_day[:4]) + 1}-01-01",
    )  # fmt: skip
