"""How systems tell of a company: late, shortened, in capitals, with gaps and typos.

Shares follow what was measured in vendor masters: a third of VAT, IBAN, mail and phone missing,
names split at 35 characters, transliterated umlauts, legal forms missing or moved.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from mdm.samples.countries import City
from mdm.samples.numbers import Bank, bank_account, spoiled
from mdm.samples.words import (
    ABBREVIATIONS,
    FORM_SPELLINGS,
    PLACEHOLDER_NUMBERS,
    STREET_ABBREVIATIONS,
)
from mdm.samples.world import Company, chance, pick, postcode_of, stripped, transliterated

MISSING = 0.33


@dataclass(slots=True)
class Told:
    """A supplier as one system has it; "" is: not told."""

    entity: int
    company: Company
    name: str
    trading_name: str
    street: str
    house: str
    postcode: str
    city: str
    place: City
    vat: str
    tax: str
    bank: Bank | None
    phone: str
    email: str
    website: str
    terms: str
    status: str


TERMS = ("NT30", "NT30", "NT30", "NT14", "NT60", "NT00", "2D10", "NT45")


def _typo(text: str, rng: random.Random) -> str:
    """One slip of the fingers: two letters swapped, one dropped, one doubled."""
    if len(text) < 5:  # noqa: PLR2004 - a slip in a short word makes another word
        return text
    place, turn = 1 + int(rng.random() * (len(text) - 2)), rng.random()
    if turn < 0.4:  # noqa: PLR2004
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if turn < 0.7:  # noqa: PLR2004
        return text[:place] + text[place + 1 :]
    return text[:place] + text[place] + text[place:]


def _abbreviated(name: str, rng: random.Random) -> str:
    words = name.split(" ")
    short = [ABBREVIATIONS.get(word, word) for word in words]
    if short == words and chance(rng, 0.5):
        return name.replace(" & ", " + ") if chance(rng, 0.5) else name.replace("& ", "und ")
    return " ".join(short)


def _with_form(name: str, form: str, rng: random.Random) -> str:
    """The name with its legal form: spelled another way, left out, or in front."""
    if not form:
        return name
    turn = rng.random()
    if turn < 0.12:  # noqa: PLR2004 - shares of what happens to legal forms
        return name
    if turn < 0.30 and form in FORM_SPELLINGS:  # noqa: PLR2004
        form = pick(rng, FORM_SPELLINGS[form])
    elif turn < 0.33:  # noqa: PLR2004
        return f"{form} {name}"
    return f"{name} {form}"


def told_name(company: Company, rng: random.Random, mess: float) -> str:
    """The company's name as a clerk enters it; mess 0 is nearly as it is, 1 is careless."""
    name = company.name
    if company.given and chance(rng, 0.3):
        given, _, rest = name.partition(" ")
        name = f"{rest}, {given}" if chance(rng, 0.5) else f"{rest} {given}"
    if chance(rng, 0.22 * mess):
        name = _abbreviated(name, rng)
    if chance(rng, 0.09 * mess):
        name = _typo(name, rng)
    words = name.split(" ")
    if len(words) > 2 and chance(rng, 0.05 * mess):  # noqa: PLR2004 - the last word left off
        name = " ".join(words[:-1])
    name = _with_form(name, company.form, rng) if mess else f"{name} {company.form}".strip()
    turn = rng.random()
    if turn < 0.10:  # noqa: PLR2004 - how umlauts are keyed
        name = transliterated(name)
    elif turn < 0.15:  # noqa: PLR2004
        name = stripped(name)
    if chance(rng, 0.15):
        name = name.upper()
    return name


def _street(street: str, rng: random.Random, mess: float) -> str:
    if chance(rng, 0.3 * mess):
        for long, short in STREET_ABBREVIATIONS:
            if long in street:
                street = street.replace(long, short)
                break
    if chance(rng, 0.07 * mess):
        street = _typo(street, rng)
    return transliterated(street) if chance(rng, 0.1) else street


def _vat(company: Company, rng: random.Random) -> str:
    if not company.vat or chance(rng, MISSING):
        return ""
    turn, vat = rng.random(), company.vat
    if turn < 0.015:  # noqa: PLR2004 - mistyped
        return spoiled(vat, rng)
    if turn < 0.10:  # noqa: PLR2004 - in groups
        return f"{vat[:2]} {vat[2:5]} {vat[5:8]} {vat[8:]}".strip()
    if turn < 0.14 and company.country.code != "CH":  # noqa: PLR2004 - without its country
        return vat[2:]
    return vat


def _iban_spelled(bank: Bank, rng: random.Random) -> Bank:
    iban, turn = bank.iban, rng.random()
    if not iban:
        return bank
    if turn < 0.01:  # noqa: PLR2004 - mistyped
        iban = spoiled(iban, rng)
    elif turn < 0.15:  # noqa: PLR2004 - in groups of four, as printed
        iban = " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))
    else:
        return bank
    return Bank(bank.country, iban, bank.bank_code, bank.account, bank.bic)


def _bank(company: Company, rng: random.Random) -> Bank | None:
    if chance(rng, MISSING):
        return None
    if chance(rng, 0.03):
        return bank_account(company.country.code, rng)  # a second account
    return _iban_spelled(company.bank, rng)


def _phone(company: Company, rng: random.Random) -> str:
    if chance(rng, MISSING):
        return ""
    phone, dial = company.phone, company.country.dial
    national, turn = phone[1 + len(dial) :], rng.random()
    if turn < 0.4:  # noqa: PLR2004 - as stored by telephone systems
        return phone
    if turn < 0.6:  # noqa: PLR2004 - as printed on letters
        return f"+{dial} {national[:3]} {national[3:]}"
    if turn < 0.75:  # noqa: PLR2004 - dialled from abroad
        return f"00{dial}{national}"
    trunk = (
        ""
        if company.country.code in ("US", "IT", "ES", "PT", "DK", "NO", "PL", "CZ", "SG")
        else "0"
    )
    return f"{trunk}{national[:3]}-{national[3:]}"


def _email(company: Company, rng: random.Random) -> str:
    if chance(rng, MISSING):
        return ""
    if chance(rng, 0.04):
        return f"{company.domain.split('.')[0]}@{pick(rng, ('gmail.com', 'outlook.com', 'gmx.de'))}"
    mailbox = pick(rng, ("info", "accounts", "sales")) if chance(rng, 0.2) else company.mailbox
    return f"{mailbox}@{company.domain}"


def _website(company: Company, rng: random.Random) -> str:
    turn = rng.random()
    if turn < 0.5:  # noqa: PLR2004 - half of the systems do not keep it
        return ""
    return f"https://www.{company.domain}/" if turn < 0.75 else f"www.{company.domain}"  # noqa: PLR2004


def tell(entity: int, company: Company, rng: random.Random, mess: float) -> Told:
    """One system's record of the company."""
    street, house, city = company.street, company.house, company.city
    postcode = company.postcode
    if chance(rng, 0.08 * mess):  # an address the company has moved away from
        street, house = pick(rng, company.country.streets), str(1 + int(rng.random() * 120))
        if chance(rng, 0.4):
            city = pick(rng, company.country.cities)
        postcode = postcode_of(company.country, city, rng)
    city_name = transliterated(city.name) if chance(rng, 0.08) else city.name
    if chance(rng, 0.03 * mess):
        city_name = _typo(city_name, rng)
    told = Told(
        entity=entity,
        company=company,
        name=told_name(company, rng, mess),
        trading_name=company.trading_name if chance(rng, 0.6) else "",
        street=_street(street, rng, mess),
        house=house,
        postcode="" if chance(rng, 0.03) else postcode,
        city=city_name,
        place=city,
        vat=_vat(company, rng),
        tax="" if chance(rng, MISSING) else company.tax,
        bank=_bank(company, rng),
        phone=_phone(company, rng),
        email=_email(company, rng),
        website=_website(company, rng),
        terms=pick(rng, TERMS),
        status="active" if chance(rng, 0.95) else "blocked",
    )
    return _nobody(told, rng) if company.one_time else told


def _nobody(told: Told, rng: random.Random) -> Told:
    """What is entered for a one-time vendor: whatever the screen insists on."""
    told.name = told.name if chance(rng, 0.8) else told.name.upper()
    told.vat = pick(rng, PLACEHOLDER_NUMBERS) if chance(rng, 0.7) else ""
    told.street, told.house = ("n/a", "") if chance(rng, 0.5) else ("-", "")
    told.postcode, told.phone = "00000", "0000000000" if chance(rng, 0.5) else ""
    told.email, told.website, told.bank = "noreply@example.com", "", None
    told.tax = ""
    return told


CLUSTER_SIZES = ((0.832, 1), (0.952, 2), (0.984, 3), (0.995, 4), (1.0, 5))


def cluster_size(rng: random.Random) -> int:
    """How many records tell of one company: 1 to 5, so that 19 % of all records are duplicates."""
    turn = rng.random()
    return next(size for reach, size in CLUSTER_SIZES if turn < reach)


def street_line(told: Told) -> str:
    """Street and house number as the country writes them."""
    if not told.house:
        return told.street
    return told.company.country.street.format(street=told.street, house=told.house)
