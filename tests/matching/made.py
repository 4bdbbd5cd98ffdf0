"""Suppliers made up with their truth: errors, sister companies, branches, shared desks."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import polars as pl

COUNTRIES = {
    "DE": ("GmbH", "AG", "GmbH & Co. KG", "e.K."),
    "FR": ("SARL", "SA", "SAS"),
    "GB": ("Ltd", "Limited", "PLC"),
    "US": ("Inc.", "LLC", "Corp."),
    "IT": ("S.r.l.", "S.p.A."),
    "ES": ("S.L.", "S.A."),
    "NL": ("B.V.", "N.V."),
    "PL": ("Sp. z o.o.", "S.A."),
    "AT": ("GmbH", "AG"),
    "CH": ("AG", "GmbH", "SA"),
    "SE": ("AB",),
    "DK": ("A/S", "ApS"),
    "CZ": ("s.r.o.", "a.s."),
    "BE": ("NV", "BVBA"),
}
LONG = {
    "GmbH": "Gesellschaft mit beschränkter Haftung",
    "AG": "Aktiengesellschaft",
    "Ltd": "Limited",
    "Inc.": "Incorporated",
    "LLC": "Limited Liability Company",
    "Corp.": "Corporation",
    "SARL": "Société à responsabilité limitée",
    "B.V.": "BV",
    "S.r.l.": "SRL",
    "S.p.A.": "SPA",
    "Sp. z o.o.": "Spółka z o.o.",
    "A/S": "AS",
    "s.r.o.": "spol. s r.o.",
}
TRADES = (
    "Logistics Services Consulting Engineering Maschinenbau Technik Handel Systems Solutions "
    "Software Transport Bau "
    "Elektro Energie Pharma Chemie Metall Print Media Design Marketing Catering Facility "
    "Cleaning Security Trading "
    "Industries Automation Electronics Plastics Packaging Food Medical Dental Optics Tools "
    "Werkzeuge Immobilien"
).split()
SURNAMES = (
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Rossi Russo "
    "Ferrari Bianchi Garcia "
    "Martinez Lopez Sanchez Smith Jones Taylor Brown Williams Martin Bernard Dubois Petit Durand "
    "Nowak Kowalski "
    "Jansen Bakker Nilsson Andersson Hansen Jensen Novák Svoboda Peeters Janssens Gruber Huber "
    "Köhler Jäger Größl"
).split()
FIRST = (
    "Hans Peter Anna Maria John Mary Paul Pierre Luc Marco Giulia Jan Eva Lars Karin José "
    "Carmen Jean Sofie"
).split()
SYLLABLES = (
    "ka lo mi ter ran vex so lan dor bri qua zen tri mon fel gar hul nor pra sti ul ver wan xi "
    "yor zu bal cen del "
    "fen gor hav ist jor kel lum mar nex ost pel rud sal tam und vol wes dyn tec alp eur ome sig "
    "nov ger"
).split()
STREETS = (
    "Haupt Bahnhof Garten Schul Berg Linden Kirch Wald Ring Industrie Park Mozart Goethe "
    "Markt Feld Rosen"
).split()
CITIES = (
    "München Köln Düsseldorf Lyon Paris Marseille London Leeds Boston Austin Milano Roma "
    "Madrid Utrecht Kraków Wien Zürich Göteborg Århus Brno Gent"
).split()
ENDINGS = {"DE": "straße", "AT": "gasse", "CH": "strasse", "NL": "straat", "SE": "gatan"}


@dataclass(frozen=True)
class Maker:
    """A company as it is, before any system has written it down."""

    brand: str
    trade: str
    form: str
    country: str
    street: str
    number: int
    city: str
    postcode: str
    vat: str
    iban: str
    phone: str
    domain: str
    person: bool


def brand(dice: random.Random) -> str:
    """A made-up brand; sometimes a surname that many share."""
    if dice.random() < 0.25:
        return dice.choice(SURNAMES)
    return "".join(dice.choice(SYLLABLES) for _ in range(dice.randint(2, 4))).capitalize()


def company(dice: random.Random) -> Maker:
    """A new company."""
    country = dice.choice(list(COUNTRIES))
    name = brand(dice)
    stem = dice.choice(STREETS) if dice.random() < 0.5 else brand(dice)
    end = ENDINGS.get(country)
    place = dice.choice(CITIES)
    person = dice.random() < 0.08
    return Maker(
        f"{dice.choice(FIRST)} {dice.choice(SURNAMES)}" if person else name,
        dice.choice(TRADES),
        "" if person else dice.choice(COUNTRIES[country]),
        country,
        f"{stem}{end}" if end else f"{stem} Street",
        dice.randint(1, 180),
        place,
        f"{dice.randint(10000, 99999)}",
        f"{country}{dice.randint(10**8, 10**9 - 1)}",
        f"{country}{dice.randint(10**17, 10**18 - 1)}",
        f"+{dice.randint(30, 49)}{dice.randint(10**8, 10**9 - 1)}",
        f"{name.lower()}{dice.randint(1, 99)}.com",
        person,
    )


def relative(base: Maker, dice: random.Random) -> Maker:
    """A hard non-duplicate: a sister company, a branch, or a neighbour at the same desk."""
    new = company(dice)
    kind = dice.random()
    if kind < 0.4:
        return replace(
            new,
            brand=base.brand,
            country=base.country,
            form=base.form,
            domain=base.domain,
            street=base.street,
            number=base.number,
            city=base.city,
            postcode=base.postcode,
            person=False,
            iban=base.iban if dice.random() < 0.3 else new.iban,
        )
    if kind < 0.7:
        return replace(
            base,
            street=new.street,
            number=new.number,
            city=new.city,
            postcode=new.postcode,
            vat=new.vat,
            phone=new.phone,
            iban=new.iban,
            trade=f"{base.trade} {new.city}",
        )
    return replace(
        new,
        country=base.country,
        street=base.street,
        number=base.number,
        city=base.city,
        postcode=base.postcode,
    )


def typo(text: str, dice: random.Random) -> str:
    """One letter lost, doubled or exchanged."""
    if len(text) < 4:
        return text
    at = dice.randrange(1, len(text) - 1)
    kind = dice.random()
    if kind < 0.4:
        return text[:at] + text[at + 1 :]
    if kind < 0.7:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + text[at] + text[at:]


def written(base: Maker, dice: random.Random) -> dict[str, str | None]:
    """The company as one system has it."""
    form = LONG.get(base.form, base.form) if dice.random() < 0.2 else base.form
    form = "" if dice.random() < 0.12 else form
    trade = base.trade if not base.person else ""
    if dice.random() < 0.06:
        trade = ""
    brand_ = typo(base.brand, dice) if dice.random() < 0.08 else base.brand
    name = " ".join(part for part in (brand_, trade, form) if part)
    if dice.random() < 0.15:
        name = name.upper()
    if dice.random() < 0.2:
        name = name.replace("ü", "ue").replace("ö", "oe").replace("ä", "ae")
    street = base.street.replace("straße", "str.") if dice.random() < 0.4 else base.street
    moved = dice.random() < 0.05

    def keep(value: str) -> str | None:
        return value if dice.random() < 0.67 else None

    return {
        "name": name[:35],
        "street": f"{dice.choice(SURNAMES)}weg {dice.randint(1, 99)}"
        if moved
        else f"{street} {base.number}",
        "city": None if dice.random() < 0.05 else (dice.choice(CITIES) if moved else base.city),
        "postcode": None
        if dice.random() < 0.1
        else (str(dice.randint(10000, 99999)) if moved else base.postcode),
        "country": base.country,
        "vat_number": keep(base.vat if dice.random() < 0.8 else base.vat[2:]),
        "iban": keep(
            base.iban if dice.random() < 0.95 else f"{base.country}{dice.randint(10**17, 10**18)}"
        ),
        "phone": keep(base.phone if dice.random() < 0.85 else f"+49{dice.randint(10**8, 10**9)}"),
        "email": keep(f"{dice.choice(('info', 'sales', 'office', 'ap'))}@{base.domain}"),
    }


def suppliers(count: int, seed: int = 1) -> pl.DataFrame:
    """`count` supplier rows with `id` and `cluster_id`, in random order."""
    dice = random.Random(seed)
    rows: list[dict[str, str | None]] = []
    base: Maker | None = None
    cluster = 0
    while len(rows) < count:
        base = relative(base, dice) if base is not None and dice.random() < 0.3 else company(dice)
        cluster += 1
        copies = dice.choices((1, 2, 3, 4, 5), (82, 12, 4, 1.5, 0.5))[0]
        rows.extend({"cluster_id": f"c{cluster}", **written(base, dice)} for _ in range(copies))
    rows = rows[:count]
    dice.shuffle(rows)
    return pl.DataFrame([{"id": f"r{at}", **row} for at, row in enumerate(rows)])
