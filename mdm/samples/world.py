"""A made-up world of companies: what is true, before any system has written it down.

Besides single companies there are families that look alike and are not the same: sisters that
share a domain or a bank account, VAT groups, franchise branches, tenants of one business centre,
sole traders of one surname, and the vendors that stand for nobody.
"""

from __future__ import annotations

import random
import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TypeVar

from mdm.samples.countries import COUNTRIES, City, Country
from mdm.samples.numbers import VAT, Bank, bank_account, digits, tax_number
from mdm.samples.words import ENDS, MIDDLES, PLACEHOLDER_NAMES, STARTS, STEMS

T = TypeVar("T")


@dataclass(slots=True)
class Company:
    """One supplier as it really is."""

    country: Country
    name: str
    """Without its legal form."""
    form: str
    trading_name: str
    given: str
    """Given name of a natural person, else empty."""
    street: str
    house: str
    city: City
    postcode: str
    vat: str
    tax: str
    bank: Bank
    phone: str
    """E.164."""
    domain: str
    mailbox: str
    one_time: bool = False


def chance(rng: random.Random, probability: float) -> bool:
    """True this often."""
    return rng.random() < probability


def pick(rng: random.Random, items: Sequence[T]) -> T:
    """One of the items, each as likely; several times as fast as random.choice."""
    return items[int(rng.random() * len(items))]


_REACH = list(accumulate(country.weight for country in COUNTRIES))

_PLAIN = str.maketrans(
    {
        **dict(
            zip(
                "àáâãåąçćčďéèêëęěíìîïłñńňóòôõőřśšťúùûůýźżž",
                "aaaaaacccdeeeeeeiiiilnnnooooorsstuuuuyzzz",
                strict=True,
            )
        ),
        **dict(
            zip(
                "ÀÁÂÃÅĄÇĆČĎÉÈÊËĘĚÍÌÎÏŁÑŃŇÓÒÔÕŐŘŚŠŤÚÙÛŮÝŹŻŽ",
                "AAAAAACCCDEEEEEEIIIILNNNOOOOORSSTUUUUYZZZ",
                strict=True,
            )
        ),
    }
)
_SPELLED = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "ø": "oe",
        "Ø": "Oe",
        "æ": "ae",
        "Æ": "Ae",
    }
)
_BARE = str.maketrans(
    {
        "ä": "a",
        "ö": "o",
        "ü": "u",
        "ß": "s",
        "Ä": "A",
        "Ö": "O",
        "Ü": "U",
        "ø": "o",
        "Ø": "O",
        "æ": "a",
        "Æ": "A",
    }
)


def transliterated(text: str) -> str:
    """Umlauts spelled out, accents dropped: "Müller" -> "Mueller"."""
    return text if text.isascii() else text.translate(_SPELLED).translate(_PLAIN)


def stripped(text: str) -> str:
    """Every mark dropped: "Müller" -> "Muller"."""
    return text if text.isascii() else text.translate(_BARE).translate(_PLAIN)


def country_of(rng: random.Random) -> Country:
    """A country, the big ones more often."""
    return COUNTRIES[bisect(_REACH, rng.random() * _REACH[-1])]


def _coined(rng: random.Random) -> str:
    word = pick(rng, STARTS)
    if chance(rng, 0.6):
        word += pick(rng, MIDDLES)
    return word + pick(rng, ENDS)


def _surname(country: Country, rng: random.Random) -> str:
    """A surname: one in three is common."""
    if chance(rng, 0.33):
        return pick(rng, country.surnames)
    return pick(rng, STEMS) + pick(rng, country.trades.endings)


def _company_name(country: Country, city: City, rng: random.Random) -> str:  # noqa: PLR0911 - a line per kind of name
    trades, turn = country.trades, rng.random()
    trade = pick(rng, trades.trades)
    if turn < 0.34:  # noqa: PLR2004 - shares of the kinds of names
        return f"{_coined(rng)} {trade}"
    if turn < 0.52:  # noqa: PLR2004
        return f"{_surname(country, rng)} {trade} {city.name}"
    if turn < 0.66:  # noqa: PLR2004
        return f"{_surname(country, rng)} {pick(rng, trades.heirs)} {trade}"
    if turn < 0.78:  # noqa: PLR2004
        return f"{_coined(rng)} {trade} {pick(rng, trades.extras)}"
    if turn < 0.88:  # noqa: PLR2004
        return f"{_coined(rng)} {pick(rng, trades.trades)} {trade} {pick(rng, trades.extras)}"
    if turn < 0.95:  # noqa: PLR2004
        return f"{pick(rng, country.surnames)}-{_surname(country, rng)} {trade}"
    return f"{city.name} {trade} {pick(rng, trades.extras)}"


_LETTERS = "ABCDEFGHJKLMNPRSTUWXY"


def postcode_of(country: Country, city: City, rng: random.Random) -> str:
    """A postcode of the city, in the country's mask."""
    known, out = city.postcode, []
    for char in country.postcode[len(known) :]:
        if char == "9":
            out.append(str(int(rng.random() * 10)))
        else:
            out.append(pick(rng, _LETTERS) if char == "A" else char)
    return known + "".join(out)


_PHONE_DIGITS = {
    "DE": 10, "AT": 10, "CH": 9, "FR": 9, "BE": 8, "NL": 9, "IT": 10, "ES": 9, "PT": 9, "GB": 10,
    "IE": 8, "PL": 9, "CZ": 9, "SE": 9, "DK": 8, "NO": 8, "FI": 9, "SG": 8, "AU": 9, "US": 10,
}  # fmt: skip
"""How long national numbers are, area code included."""


def _phone(country: Country, city: City, rng: random.Random) -> str:
    area = city.dial if country.code == "IT" else city.dial.lstrip("0")
    first = 2 + int(rng.random() * 7)
    rest = digits(rng, _PHONE_DIGITS[country.code] - len(area) - 1)
    return f"+{country.dial}{area}{first}{rest}"


_WORD = re.compile(r"[^\W_]+")
_ENDINGS = {"GB": "co.uk", "US": "com", "AU": "com.au", "SG": "com.sg", "IE": "ie"}
_MAILBOXES = ("info", "accounts", "invoice", "office", "billing", "contact", "ar", "kontakt")


def _domain(name: str, country: Country, rng: random.Random) -> str:
    words = _WORD.findall(transliterated(name).lower())
    label = words[0] if len(words) == 1 else f"{words[0]}-{words[1]}"
    if chance(rng, 0.3):
        label += str(int(rng.random() * 90))
    return f"{label}.{_ENDINGS.get(country.code) or country.code.lower()}"


def company(rng: random.Random, country: Country | None = None) -> Company:
    """A company that is related to no other, with valid numbers."""
    country = country or country_of(rng)
    city = pick(rng, country.cities)
    given = pick(rng, country.given) if chance(rng, 0.05) else ""
    name = _surname(country, rng) if given else _company_name(country, city, rng)
    vat = VAT[country.code](rng) if country.code in VAT else ""
    return Company(
        country=country,
        name=f"{given} {name}" if given else name,
        form="" if given else pick(rng, country.forms),
        trading_name=_coined(rng) if chance(rng, 0.06) else "",
        given=given,
        street=pick(rng, country.streets),
        house=str(1 + int(rng.random() ** 2 * 220)),
        city=city,
        postcode=postcode_of(country, city, rng),
        vat=vat,
        tax=tax_number(country.code, vat, rng),
        bank=bank_account(country.code, rng),
        phone=_phone(country, city, rng),
        domain=_domain(name, country, rng),
        mailbox=pick(rng, _MAILBOXES),
    )


def _sister(first: Company, rng: random.Random) -> Company:
    """Another company of the same owner: same mail domain, often one bank account or street."""
    other, trades = company(rng, first.country), first.country.trades
    head = first.name.split()[0]
    ending = (
        pick(rng, trades.trades)
        if chance(rng, 0.7)
        else f"{pick(rng, trades.trades)} {pick(rng, trades.extras)}"
    )
    sister = replace(
        other, name=f"{head} {ending}", given="", domain=first.domain, mailbox=first.mailbox
    )
    sister.form = first.form or pick(rng, first.country.forms)
    if chance(rng, 0.35):
        sister.bank = first.bank
    if chance(rng, 0.5):
        sister.street, sister.house = first.street, first.house
        sister.city, sister.postcode = first.city, first.postcode
    if chance(rng, 0.1):
        sister.vat = first.vat  # a VAT group: one number, several companies
    return sister


def _branches(first: Company, rng: random.Random) -> list[Company]:
    """Franchise branches: one brand, other owners, other numbers."""
    brand, shop = first.name.split()[0], first.country.trades.shop
    branches = []
    for _ in range(2 + int(rng.random() * 3)):
        branch = company(rng, first.country)
        mark = f"{shop} {2 + int(rng.random() * 80)}" if chance(rng, 0.6) else branch.city.name
        branch.name, branch.given, branch.trading_name = f"{brand} {mark}", "", ""
        branch.form, branch.domain = first.form, first.domain
        branches.append(branch)
    return branches


def _tenants(first: Company, rng: random.Random) -> list[Company]:
    """Companies that have nothing in common but a business centre."""
    tenants = [company(rng, first.country) for _ in range(2 + int(rng.random() * 4))]
    for tenant in tenants:
        tenant.street, tenant.house = first.street, first.house
        tenant.city, tenant.postcode = first.city, first.postcode
    return tenants


def _namesake(first: Company, rng: random.Random) -> Company:
    """A sole trader of a common name in another place."""
    other = company(rng, first.country)
    other.given = first.given or pick(rng, first.country.given)
    surname = first.name.split()[-1] if first.given else pick(rng, first.country.surnames)
    other.name, other.form, other.trading_name = f"{other.given} {surname}", "", ""
    return other


def _placeholder(rng: random.Random) -> Company:
    """A one-time vendor: stands for anybody."""
    nobody = company(rng)
    nobody.name, nobody.form, nobody.trading_name = pick(rng, PLACEHOLDER_NAMES), "", ""
    nobody.given, nobody.one_time = "", True
    return nobody


def companies(rng: random.Random) -> Iterator[Company]:
    """Companies without end; about one in five belongs to a family of look-alikes."""
    while True:
        first = company(rng)
        turn = rng.random()
        yield first
        if turn < 0.03:  # noqa: PLR2004 - shares of the kinds of families
            for _ in range(1 + int(rng.random() * 3)):
                yield _sister(first, rng)
        elif turn < 0.045:  # noqa: PLR2004
            yield from _branches(first, rng)
        elif turn < 0.06:  # noqa: PLR2004
            yield from _tenants(first, rng)
        elif turn < 0.08:  # noqa: PLR2004
            yield _namesake(first, rng)
        elif turn < 0.083:  # noqa: PLR2004
            yield _placeholder(rng)
