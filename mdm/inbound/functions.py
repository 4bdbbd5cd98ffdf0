"""The functions that mapping expressions may use beyond JMESPath's own.

Each takes what a source says and answers plain JSON; None and empty text stay None. A value that
cannot be read raises Unreadable, which refuses the row with its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, TypeVar

from jmespath import functions

from matching.kinds import country

Function = Callable[..., Any]
Made = TypeVar("Made", bound=Callable[..., Any])
ENDS_OF_TIME = {"9999", "4712", "2154"}
"""Years that SAP, Oracle and Dynamics write for "no end"."""
NO_DATE = {"", "00000000", "0000-00-00", "1900-01-01", "0001-01-01"}
"""What systems write where a date is empty."""

_MS = re.compile(r"^/Date\((-?\d+)([+-]\d{1,4})?\)/$")
_DIGITS8 = re.compile(r"^\d{8}$")
_ISO = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$")
_DOTTED = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$")
_SLASHED = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_CLOCK = re.compile(r"^(?:PT(\d+)H(\d+)M(\d+)S|(\d\d):(\d\d):(\d\d))$")
_STAMP = re.compile(r"^\d{14}$")


class Unreadable(ValueError):
    """A value that is there but cannot be read as what the field holds."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


FUNCTIONS: dict[str, Function] = {}


def mapping_function(made: Made) -> Made:
    """Makes a function callable from mapping expressions, under its own name."""
    FUNCTIONS[made.__name__] = made
    return made


def unreadable_date(value: object) -> Unreadable:
    """The refusal of a date, with how to write it."""
    return Unreadable(
        "unreadable_date", f"{value!r} is not a date we can read; write it as 2026-01-31."
    )


@mapping_function
def day(value: Any) -> str | None:
    """An ISO date from an ISO date or instant, YYYYMMDD, DD.MM.YYYY or /Date(ms)/.

    Ends of time (9999-12-31, 4712-12-31, 2154-12-31) and empty dates are None. Slashes are not
    read, for nobody can tell a day from a month; use us_date or eu_date.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise unreadable_date(value)
    return _day(value)


@lru_cache(maxsize=16384)
def _day(value: str) -> str | None:
    text = value.strip()
    if text in NO_DATE:
        return None
    if found := _ISO.match(text):
        return _known_date(value, found[1])
    if _DIGITS8.match(text):
        return _known_date(value, f"{text[:4]}-{text[4:6]}-{text[6:]}")
    if found := _DOTTED.match(text):
        return _known_date(value, f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}")
    if found := _MS.match(text):
        return _known_date(value, _ms_instant(found).date().isoformat())
    raise unreadable_date(value)


def _known_date(value: str, iso: str) -> str | None:
    if iso in NO_DATE:
        return None
    try:
        date.fromisoformat(iso)
    except ValueError as error:
        raise unreadable_date(value) from error
    return None if iso[:4] in ENDS_OF_TIME else iso


def _ms_instant(found: re.Match[str]) -> datetime:
    # OData V2: milliseconds since 1970 in UTC; the offset, in minutes, is where the clock stood.
    zone = timezone(timedelta(minutes=int(found[2]))) if found[2] else UTC
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(found[1]))
    return instant.astimezone(zone) if instant.year < 9999 else instant  # noqa: PLR2004


@mapping_function
def us_date(value: Any) -> str | None:
    """An ISO date from M/D/YYYY (NetSuite's accounts in the United States), or as day() reads."""
    return _slashed(value, month_first=True)


@mapping_function
def eu_date(value: Any) -> str | None:
    """An ISO date from D/M/YYYY, or as day() reads."""
    return _slashed(value, month_first=False)


def _slashed(value: Any, *, month_first: bool) -> str | None:
    found = _SLASHED.match(value.split(" ")[0].strip()) if isinstance(value, str) else None
    if found is None:
        iso: str | None = day(value)
        return iso
    first, second = found[1].zfill(2), found[2].zfill(2)
    month, number = (first, second) if month_first else (second, first)
    return _known_date(str(value), f"{found[3]}-{month}-{number}")


@mapping_function
def next_day(value: Any) -> str | None:
    """The day after a last day: where a source says "valid to 31 December, inclusive"."""
    last = day(value)
    return _after(last) if last else None


@lru_cache(maxsize=16384)
def _after(last: str) -> str:
    return (date.fromisoformat(last) + timedelta(days=1)).isoformat()


@mapping_function
def instant(value: Any) -> str | None:
    """A sortable UTC instant from /Date(ms)/, YYYYMMDDHHMMSS, or RFC 3339 (no zone: UTC)."""
    if not isinstance(value, str) or not value.strip("0 -:/"):
        return None
    text = value.strip()
    if found := _MS.match(text):
        return _utc(_ms_instant(found))
    if _STAMP.match(text):
        text = f"{text[:8]}T{text[8:]}"
    try:
        return _utc(datetime.fromisoformat(text))
    except ValueError as error:
        raise unreadable_date(value) from error


@mapping_function
def sap_instant(on: Any, at: Any) -> str | None:
    """A sortable instant from SAP's date and time of day (PT17H49M05S; in OData V4 17:49:05)."""
    date_text = day(on)
    if date_text is None:
        return None
    found = _CLOCK.match(at) if isinstance(at, str) else None
    clock = ":".join(part.zfill(2) for part in found.groups() if part) if found else "00:00:00"
    return f"{date_text}T{clock}.000000Z"


def _utc(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@mapping_function
def alpha(value: Any) -> str | None:
    """SAP's number without its padding: leading zeros go if all are digits, else it stays."""
    if value is None:
        return None
    text = str(value).strip()
    return (text.lstrip("0") or None) if text.isdigit() else (text or None)


TRUE = {"x", "t", "y", "yes", "true", "1", "ja", "oui", "si", "on"}
FALSE = {"", "-", "f", "n", "no", "false", "0", "nein", "non", "off"}


@mapping_function
def flag(value: Any) -> bool | None:
    """A truth from X, T, Y, Yes, true, 1 and their opposites; blank is false, null is null."""
    if value is None or isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    raise Unreadable("unreadable_flag", f"{value!r} is neither yes nor no.")


@mapping_function
def many(value: Any) -> list[Any]:
    """The value as a list: XML says one child and a list of them differently."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


@mapping_function
def first_with(items: Any, name: Any, wanted: Any) -> Any:
    """The first of the items whose field of that name holds the wanted value; else None."""
    held = (item for item in many(items) if isinstance(item, dict) and item.get(name) == wanted)
    return next(held, None)


@mapping_function
def others(items: Any, known: Any) -> list[Any] | None:
    """The items other than one that is told already; None where there is no list at all."""
    return None if items is None else [item for item in many(items) if item != known]


@mapping_function
def joined(parts: Any) -> str | None:
    """The parts that say something, with a blank between them."""
    said = [str(part).strip() for part in many(parts) if part is not None]
    return " ".join(part for part in said if part) or None


@mapping_function
def unsplit(parts: Any) -> str | None:
    """A name that was cut over fields of 35 or 40 characters: after a full one comes no blank."""
    name = last = ""
    for part in many(parts):
        text = str(part).strip() if part is not None else ""
        if text:
            name += text if not name or len(last) in FULL_FIELDS else f" {text}"
            last = text
    return name or None


FULL_FIELDS = (35, 40)
"""Lengths of SAP's name fields: the older and the newer."""


@mapping_function
def phone_of(told: Any) -> Any:
    """Coupa's phone: its full number, or its country code, area code and number; a text as it is.

    An extension is no part of the number that others can call.
    """
    if not isinstance(told, dict):
        return told
    code = str(told.get("country-code") or "").strip().lstrip("+")
    said = [f"+{code}" if code else None, told.get("area-code"), told.get("number")]
    return told.get("full-number") or (joined(said) if told.get("number") else None)


@mapping_function
def start(value: Any, count: Any) -> str | None:
    """The first characters of a text: the country in a tax type such as DE0."""
    return str(value)[: int(count)] if value not in (None, "") else None


@mapping_function
def idoc_order(control: Any) -> str | None:
    """Where an IDoc stands in its sender's order: its SERIAL or time of creation, then DOCNUM."""
    if not isinstance(control, dict):
        return None
    stamp = control.get("SERIAL") or f"{control.get('CREDAT', '')}{control.get('CRETIM', '')}"
    number = control.get("DOCNUM") or ""
    sent = instant(stamp) if _STAMP.match(stamp) else None
    return f"{sent or stamp}/{number:0>16}" if stamp or number else None


@mapping_function
def prefixed(prefix: Any, value: Any) -> str | None:
    """The value behind a prefix; None where there is no value."""
    return f"{prefix}{value}" if value not in (None, "") else None


SAP_LANGUAGES = {
    "A": "ar", "B": "he", "C": "cs", "D": "de", "E": "en", "F": "fr", "G": "el", "H": "hu",
    "I": "it", "J": "ja", "K": "da", "L": "pl", "M": "zh", "N": "nl", "O": "no", "P": "pt",
    "Q": "sk", "R": "ru", "S": "es", "T": "tr", "U": "fi", "V": "sv", "W": "bg", "X": "lt",
    "Y": "lv", "Z": "zh", "0": "sr", "1": "zh", "2": "th", "3": "ko", "4": "ro", "5": "sl",
    "6": "hr", "7": "ms", "8": "uk", "9": "et", "a": "af", "b": "is", "c": "ca", "d": "sh",
    "i": "id", "h": "hi",
}  # fmt: skip


@mapping_function
def sap_language(value: Any) -> str | None:
    """ISO 639-1 from SAP's one letter (E is English) or from the ISO code itself."""
    text = str(value or "").strip()
    if not text:
        return None
    return SAP_LANGUAGES.get(text, text.lower()) if len(text) == 1 else text.lower()


@mapping_function
def iso_country(value: Any) -> str | None:
    """ISO 3166 alpha-2 of a country's code or name; what is no country stays as told."""
    return country.clean(str(value)) if value not in (None, "") else None


def _library() -> functions.Functions:
    """JMESPath's functions and ours, for the library's own interpreter."""
    members: dict[str, object] = {}
    for name, made in FUNCTIONS.items():
        members[f"_func_{name}"] = _method(made)
    kind = type("MappingFunctions", (functions.Functions,), members)
    made_functions: functions.Functions = kind()
    return made_functions


def _method(made: Function) -> Function:
    def call(_self: object, *arguments: Any) -> Any:
        return made(*arguments)

    takes = made.__code__.co_argcount
    anything: list[Any] = [{"types": []} for _ in range(takes)]
    signed: Function = functions.signature(*anything)(call)
    return signed


LIBRARY = _library()
