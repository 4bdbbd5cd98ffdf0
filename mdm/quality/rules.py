"""Rules on combinations of fields, a line each; `find` tells what is wrong with one record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from matching.kinds import iban, vat_number
from matching.kinds.country import name as country_name
from matching.kinds.vat_number import country_of
from mdm import clock
from mdm.records import Document, Finding

Find = Callable[[Document], Iterable[Finding]]

PLACEHOLDERS = frozenset(
    "tbd|tba|todo|n/a|na|none|null|nil|unknown|unbekannt|dummy|test|testing|test vendor"
    "|test supplier|do not use|nicht verwenden|xxx|xxxx|???|...|---|name|vendor|supplier"
    "|one time vendor|one-time vendor|cpd|various|diverse|divers|sundry|misc|miscellaneous"
    "|to be defined|to be determined|not applicable|keine angabe|k.a.|inconnu|sconosciuto".split(
        "|"
    )
)
"""Names that are typed in where there is none; they stand for many, so they match nobody."""
HIGHEST_RATE = 100
TERRITORIES = {
    "FR": frozenset({"MC", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "NC", "PF", "WF"}),
    "GB": frozenset({"JE", "GG", "IM", "XI"}),
    "FI": frozenset({"AX"}),
    "IT": frozenset({"SM", "VA"}),
    "CH": frozenset({"LI"}),
    "US": frozenset({"PR", "GU", "VI", "AS", "MP"}),
}
"""Territories served under another country's codes."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule on a combination of fields; `domains` empty: of every domain."""

    code: str
    meaning: str
    needs: str
    """The field or child that must be told for the rule to find anything; "": none."""
    find: Find
    domains: tuple[str, ...] = ()


def is_placeholder(text: str) -> bool:
    """Whether a name is one that people type in where there is none."""
    said = " ".join(text.lower().split())
    return said in PLACEHOLDERS or (len(said) > 1 and said == said[0] * len(said))


def _placeholder_name(record: Document) -> Iterator[Finding]:
    told = record.get("name")
    if isinstance(told, str) and told and is_placeholder(told):
        said = f"{told!r} is a placeholder, not a name; it is never matched with others."
        yield Finding("placeholder_name", "name", said, told)


def _period(record: Document) -> Iterator[Finding]:
    start, end = record.get("valid_from"), record.get("valid_to")
    if start and end and end <= start:
        said = f"It ends on {end}, before or on the day it starts, {start}; it is never valid."
        yield Finding("period_inverted", "valid_to", said, end)


def _last_day(record: Document) -> Iterator[Finding]:
    start, end = str(record.get("valid_from") or ""), str(record.get("valid_to") or "")
    if start.endswith("-01") and _ends_month(end):
        said = (
            f"{end} is told as the first day on which it no longer holds; if it is the last day on"
            " which it does, name the column valid_through."
        )
        yield Finding("period_last_day", "valid_to", said, end)


def _ends_month(day: str) -> bool:
    try:
        return (date.fromisoformat(day) + timedelta(days=1)).day == 1
    except (ValueError, OverflowError):
        return False


def _same_country(one: str, other: str) -> bool:
    return one == other or other in TERRITORIES.get(one, ()) or one in TERRITORIES.get(other, ())


def _vat_country(record: Document) -> Iterator[Finding]:
    for number, held in enumerate(record.get("tax_registrations") or ()):
        told = held.get("number")
        where = held.get("country")
        if held.get("kind") != "vat" or not told or not where:
            continue
        if told.startswith(where):
            continue
        prefix = country_of(vat_number.clean(told, where))
        if prefix is not None and not _same_country(prefix, where):
            said = (
                f"The VAT number {told} is one of {country_name(prefix)}, but the registration"
                f" is one of {country_name(where)}."
            )
            yield Finding("vat_country", f"tax_registrations[{number}].number", said, told)


def _iban_country(record: Document) -> Iterator[Finding]:
    for number, held in enumerate(record.get("bank_accounts") or ()):
        where = held.get("country")
        shown = _iban_of(held) if where else None
        if shown and where and not _same_country(shown, where):
            said = (
                f"The IBAN is one of {country_name(shown)}, but the bank is told to be in"
                f" {country_name(where)}."
            )
            yield Finding("iban_country", f"bank_accounts[{number}].account", said)


def _iban_of(held: Document) -> str | None:
    """The country of an account that is an IBAN; masked, it still shows its country."""
    account = held.get("account")
    if isinstance(account, dict):
        shown = str(account.get("masked", ""))[:2]
        return shown if shown.isalpha() else None
    return str(account)[:2] if account and iban.is_like(str(account)) else None


def _bic_country(record: Document) -> Iterator[Finding]:
    for number, held in enumerate(record.get("bank_accounts") or ()):
        bic = held.get("bic") or ""
        where = _iban_of(held) or held.get("country")
        if len(bic) in (8, 11) and where and not _same_country(bic[4:6], where):
            said = (
                f"The BIC {bic} is one of a bank in {country_name(bic[4:6])}, the account is one"
                f" in {country_name(where)}."
            )
            yield Finding("bic_country", f"bank_accounts[{number}].bic", said, bic)


def _legal_address(record: Document) -> Iterator[Finding]:
    seat = record.get("country")
    for number, held in enumerate(record.get("addresses") or ()):
        where = held.get("country")
        if held.get("usage") == "legal" and seat and where and not _same_country(seat, where):
            said = (
                f"The legal address is in {country_name(where)}, the supplier's seat in"
                f" {country_name(seat)}."
            )
            yield Finding("legal_address_abroad", f"addresses[{number}].country", said, where)


def _repeated_account(record: Document) -> Iterator[Finding]:
    told = record.get("bank_accounts") or ()
    if len(told) == 1:
        return
    seen: set[str] = set()
    for number, held in enumerate(told):
        account = held.get("account")
        mark = account.get("fingerprint") if isinstance(account, dict) else account
        if mark and mark in seen:
            said = "The bank account is told twice."
            yield Finding("account_repeated", f"bank_accounts[{number}].account", said)
        elif mark:
            seen.add(mark)


def _text_missing(record: Document) -> Iterator[Finding]:
    if not record.get("name") and not record.get("texts"):
        said = "It has no name in any language: nobody who books on it can tell what it is."
        yield Finding("text_missing", "name", said)


def _rate(record: Document) -> Iterator[Finding]:
    told = record.get("rate")
    if told is None:
        return
    try:
        rate = Decimal(str(told))
    except InvalidOperation:
        yield Finding("rate_unreadable", "rate", f"The rate {told!r} is no number.", str(told))
        return
    if not 0 <= rate <= HIGHEST_RATE:
        said = f"The rate is {told} percent; a rate lies between 0 and {HIGHEST_RATE}."
        yield Finding("rate_out_of_range", "rate", said, str(told))
    elif 0 < rate < 1:
        # A workbook that shows 19 % holds 0.19.
        said = f"The rate is {told} percent; write 19 for 19 %, or is it a fraction of one?"
        yield Finding("rate_fraction", "rate", said, str(told))


def _own_parent(record: Document) -> Iterator[Finding]:
    if record.get("parent") and record.get("parent") == record.get("code"):
        said = f"Legal entity {record['code']} is told to own itself."
        yield Finding("own_parent", "parent", said, record["code"])


def _time_zone(record: Document) -> Iterator[Finding]:
    told = record.get("timezone")
    if told and not clock.is_zone(str(told)):
        said = f"{told!r} is no IANA time zone such as Europe/Berlin; today is taken in UTC."
        yield Finding("unknown_time_zone", "timezone", said, str(told))


CODED = ("cost_center", "project", "tax_code")
RULES: tuple[Rule, ...] = (
    Rule("placeholder_name", "A name must be one, not a placeholder.", "name", _placeholder_name),
    Rule("period_last_day", "A period ends on the day after its last.", "valid_to", _last_day),
    Rule("period_inverted", "A period ends after it starts.", "valid_to", _period),
    Rule(
        "vat_country",
        "A VAT number carries the prefix of the country of its registration.",
        "tax_registrations",
        _vat_country,
        ("supplier",),
    ),
    Rule(
        "iban_country",
        "An IBAN begins with the country of the bank.",
        "bank_accounts",
        _iban_country,
        ("supplier",),
    ),
    Rule(
        "bic_country",
        "A BIC names the country of the account.",
        "bank_accounts",
        _bic_country,
        ("supplier",),
    ),
    Rule(
        "account_repeated",
        "An account is told once.",
        "bank_accounts",
        _repeated_account,
        ("supplier",),
    ),
    Rule(
        "legal_address_abroad",
        "The legal address lies in the country of the seat.",
        "addresses",
        _legal_address,
        ("supplier",),
    ),
    Rule("text_missing", "A code has a name in at least one language.", "", _text_missing, CODED),
    Rule(
        "rate_out_of_range",
        "A tax rate lies between 0 and 100 percent.",
        "rate",
        _rate,
        ("tax_code",),
    ),
    Rule(
        "own_parent",
        "A legal entity does not own itself.",
        "parent",
        _own_parent,
        ("legal_entity",),
    ),
    Rule(
        "unknown_time_zone",
        "A time zone is one of IANA's.",
        "timezone",
        _time_zone,
        ("legal_entity",),
    ),
)
