"""S/4 IDocs as XML: CREMAS05 (suppliers, new and changed) and COSMAS01 (cost centers)."""

from __future__ import annotations

import random
from xml.sax.saxutils import escape

from mdm.samples.reference import LEGAL_ENTITIES, CostCenter, LegalEntity
from mdm.samples.s4 import companies_for, split_name
from mdm.samples.telling import Told, street_line
from mdm.samples.world import chance

_SAP_LANGUAGE = {
    "en": "E",
    "de": "D",
    "fr": "F",
    "it": "I",
    "es": "S",
    "nl": "N",
    "pt": "P",
    "pl": "L",
}
_MSGFN = {"new": "009", "change": "005"}


def _segment(name: str, fields: dict[str, str], inside: str = "") -> str:
    cells = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in fields.items() if value)
    return f'<{name} SEGMENT="1">{cells}{inside}</{name}>'


def _control(kind: str, message: str, number: int) -> str:
    clock = f"{number // 3600 % 24:02d}{number // 60 % 60:02d}{number % 60:02d}"
    serial = f"202611{1 + number // 86400:02d}{clock}"
    fields = {
        "TABNAM": "EDI_DC40", "MANDT": "100", "DOCNUM": f"{64000000 + number:016d}",
        "DOCREL": "756",
        "STATUS": "30", "DIRECT": "1", "OUTMOD": "4", "IDOCTYP": kind, "MESTYP": message,
        "SNDPOR": "SAPS4H", "SNDPRT": "LS", "SNDPRN": "S4HCLNT100", "RCVPOR": "MDMHUB",
        "RCVPRT": "LS", "RCVPRN": "MDMHUB", "CREDAT": serial[:8], "CRETIM": serial[8:],
        "SERIAL": serial,
    }  # fmt: skip
    return _segment("EDI_DC40", fields)


def _companies(told: Told, rng: random.Random, entities: list[LegalEntity]) -> str:
    return "".join(
        _segment("E1LFB1M", {
            "MSGFN": "005", "BUKRS": entity.code, "AKONT": "0021100000", "ZTERM": told.terms,
            "ZAHLS": "A" if chance(rng, 0.02) else "",
            "SPERR": "X" if told.status == "blocked" else "",
        })
        for entity in entities
    )  # fmt: skip


def _bank(told: Told) -> str:
    if told.bank is None:
        return ""
    return _segment("E1LFBKM", {
        "MSGFN": "005", "BANKS": told.bank.country, "BANKL": told.bank.bank_code[:15],
        "BANKN": told.bank.account[:18], "SWIFT": told.bank.bic, "KOINH": told.name[:60],
        "IBAN": told.bank.iban.replace(" ", ""),
    })  # fmt: skip


def _head(number: str, told: Told, kind: str) -> dict[str, str]:
    country = told.company.country
    parts = split_name(told.name)
    return {
        "MSGFN": _MSGFN[kind], "LIFNR": number.zfill(10), "BBBNR": "0000000", "ERDAT": "20180212",
        "ERNAM": "CONVERSION", "KTOKK": "CPD" if told.company.one_time else "SUPL",
        "LAND1": country.code, "NAME1": parts[0], "NAME2": parts[1], "NAME3": parts[2],
        "ORT01": told.city[:35], "PSTLZ": told.postcode, "REGIO": told.place.region[:3],
        "SORTL": told.name.upper()[:10], "SPRAS": _SAP_LANGUAGE.get(country.language, "E"),
        "STRAS": street_line(told)[:35], "STCD1": told.tax[:16],
        "STCEG": told.vat.replace(" ", "")[:20], "STKZN": "X" if told.company.given else "",
        "TELF1": told.phone[:16], "XCPDK": "X" if told.company.one_time else "",
        "GBDAT": "00000000",
        "SPERR": "X" if told.status == "blocked" else "",
    }  # fmt: skip


def supplier_idoc(number: str, told: Told, rng: random.Random, serial: int) -> str:
    """A whole supplier, as it is sent when it is new."""
    entities = companies_for(told, rng)
    purchasing = _segment("E1LFM1M", {
        "MSGFN": "005", "EKORG": entities[0].code, "WAERS": told.company.country.currency,
        "ZTERM": told.terms,
    })  # fmt: skip
    inside = _companies(told, rng, entities) + purchasing + _bank(told)
    body = _segment("E1LFA1M", _head(number, told, "new"), inside)
    return f'<IDOC BEGIN="1">{_control("CREMAS05", "CREMAS", serial)}{body}</IDOC>'


def change_idoc(number: str, told: Told, rng: random.Random, serial: int) -> str:
    """A change that carries what changed and leaves the other fields and segments out."""
    head = _head(number, told, "change")
    kept = {key: head[key] for key in ("MSGFN", "LIFNR", "KTOKK", "LAND1")}
    turn = int(rng.random() * 4)
    if turn == 0:
        kept |= {key: head[key] for key in ("ORT01", "PSTLZ", "STRAS")}
    elif turn == 1:
        kept |= {"NAME1": head["NAME1"], "NAME2": head["NAME2"], "TELF1": head["TELF1"]}
    elif turn == 2:  # noqa: PLR2004 - the third of four kinds of change
        kept |= {"LOEVM": "X"}
    inside = _companies(told, rng, [LEGAL_ENTITIES[1]]) if turn == 3 else ""  # noqa: PLR2004 - the fourth
    body = _segment("E1LFA1M", kept, inside)
    return f'<IDOC BEGIN="1">{_control("CREMAS05", "CREMAS", serial)}{body}</IDOC>'


def cost_center_idoc(center: CostCenter, serial: int) -> str:
    """One validity period of a cost center with its texts; DATBI is the last day."""
    texts = _segment(
        "E1CSKTM", {"SPRAS_ISO": "EN", "KTEXT": center.name[:20], "LTEXT": center.description[:40]}
    )
    texts += _segment(
        "E1CSKTM", {"SPRAS_ISO": "DE", "KTEXT": center.german[:20], "LTEXT": center.german[:40]}
    )
    fields = {
        "KOKRS": center.area, "KOSTL": center.code.zfill(10), "BUKRS": center.legal_entity,
        "DATAB": center.first_day.replace("-", ""), "DATBI": center.last_day.replace("-", ""),
        "KOSAR": "E", "VERAK": center.responsible, "KHINR": f"{center.area}-STD", "PRCTR": "",
        "BKZKP": "X" if center.blocked else "",
    }  # fmt: skip
    body = _segment("E1CSKSM", fields, texts)
    return f'<IDOC BEGIN="1">{_control("COSMAS01", "COSMAS", serial)}{body}</IDOC>'


def message(kind: str, idocs: list[str]) -> str:
    """One XML file of IDocs."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind}>\n' + "\n".join(idocs) + f"\n</{kind}>\n"
    )
