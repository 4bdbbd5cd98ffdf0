"""Records brought into compared form, a whole batch at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl

from matching import columns as col
from matching.columns import Told, told
from matching.kinds import city, legal_form
from matching.name_columns import company_names, person_names
from matching.rules import Rules
from matching.street_columns import streets
from matching.table import Flat, Table, starts
from matching.vocabulary import FREE_MAIL
from matching.words import LONGEST


def table(columns: pl.DataFrame, rules: Rules, threads: int = 1) -> Table:
    """The rows in compared form."""
    parts: tuple[Callable[[], Any], ...] = (
        lambda: company_names(columns, rules),
        lambda: flats(columns, rules),
        lambda: streets(columns, rules),
        lambda: person_names(columns, rules),
    )
    if threads < 2:  # noqa: PLR2004 - one thread
        told = [part() for part in parts]
    else:
        with ThreadPoolExecutor(threads) as pool:
            told = [each.result() for each in [pool.submit(part) for part in parts]]
    (names, forms), plain, addresses, persons = told
    legal = col.told(columns, "legal_form")
    legal = legal.of(col.mapped(legal.values, lambda value: legal_form.match_form(value, None)))
    known = flat(legal.then(forms), len(columns), rules, repeated=True)
    return Table(len(columns), names, persons, known, addresses, plain)


def flats(columns: pl.DataFrame, rules: Rules) -> dict[str, Flat]:
    """The fields that are plain values."""
    count = len(columns)
    out: dict[str, Flat] = {}
    codes = {"vat_number": col.vat, "tax_number": col.code, "lei": col.code, "iban": col.code}
    others = {"phone": col.phone, "birth_date": col.date}
    for name, form in (codes | others).items():
        values = told(columns, name)
        values = known(values.of(form(values.values)), name, rules)
        out[name] = flat(values, count, rules, repeated=False)
    out |= web_flats(columns, rules)
    places = told(columns, "city")
    places = places.of(col.mapped(places.values, lambda value: city.match_form(value, None)))
    out["city"] = flat(places, count, rules, repeated=True)
    posts = told(columns, "postcode")
    posts = known(posts.of(col.postcode(posts.values)), "postcode", rules)
    out["postcode"] = flat(posts, count, rules, repeated=True)
    lands = told(columns, "country")
    lands = lands.of(col.folded(lands.values, LONGEST).str.strip_chars())
    out["country"] = flat(lands, count, rules, repeated=True)
    return out


def web_flats(columns: pl.DataFrame, rules: Rules) -> dict[str, Flat]:
    """Mail addresses, and the web domains that are told or stand in them."""
    count = len(columns)
    mails = told(columns, "email")
    mails = known(mails.of(col.email(mails.values)), "email", rules)
    sites = told(columns, "website")
    sites = known(sites.of(col.host(sites.values)), "website", rules)
    kept = mails.once()
    domains = kept.of(col.mail_domain(kept.values))
    domains = domains.where(~domains.values.is_in(sorted(FREE_MAIL)).to_numpy())
    return {
        "email": flat(mails, count, rules, repeated=False),
        "website": flat(sites.once().then(domains), count, rules, repeated=True),
    }


def flat(values: Told, count: int, rules: Rules, *, repeated: bool) -> Flat:
    """Values of a field with their hashes; `repeated`: few distinct ones."""
    values = values.once()
    hashes = (col.hashed if repeated else col.hashes)(values.values, rules.hasher)
    return Flat(starts(values.rows, count), hashes, values.values)


def known(values: Told, field: str, rules: Rules) -> Told:
    """The values of a field that are no placeholders."""
    general = rules.placeholders.get("value", frozenset())
    return col.known(values, general | rules.placeholders.get(field, frozenset()))


def without(
    told: dict[str, Flat], columns: pl.DataFrame, rules: Rules, fields: Collection[str]
) -> dict[str, Flat]:
    """The fields of `flats` under rules that list more placeholders of some fields."""
    out = dict(told)
    for name in fields:
        if name == "email":  # a domain comes from a mail address too
            out |= web_flats(columns, rules)
            continue
        have = told[name]
        keep = ~have.text.is_in(sorted(rules.placeholders[name]))
        at = keep.to_numpy()
        rows = have.rows[at]
        out[name] = Flat(starts(rows, len(have.start) - 1), have.hashes[at], have.text.filter(keep))
    return out
