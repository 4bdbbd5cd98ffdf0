"""Records brought into compared form, a whole batch at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matching import columns as col
from matching.columns import Int32, Told, told
from matching.kinds import city, legal_form
from matching.name_columns import company_names, person_names
from matching.rules import Rules
from matching.street_columns import streets
from matching.table import Flat, Table, starts
from matching.threads import side_by_side
from matching.vocabulary import FREE_MAIL
from matching.words import LONGEST

CODED: Mapping[str, Callable[[pl.Series], pl.Series]] = {
    "vat_number": col.vat,
    "tax_number": col.code,
    "lei": col.code,
    "iban": col.code,
    "phone": col.phone,
    "birth_date": col.date,
    "postcode": col.postcode,
}
"""Fields of numbers and codes, and how each is brought into compared form."""


def table(columns: pl.DataFrame, rules: Rules, threads: int = 1) -> Table:
    """The rows in compared form."""
    tasks: list[Callable[[], Any]] = [
        lambda: company_names(columns, rules),
        lambda: streets(columns, rules),
        lambda: person_names(columns, rules),
        *(partial(flats, columns, rules) for flats in (web_flats, place_flats)),
        *(partial(coded_flat, name, columns, rules) for name in CODED),
    ]
    (names, forms), addresses, persons, *plain = side_by_side(tasks, threads)
    legal = col.told(columns, "legal_form")
    legal = legal.of(col.mapped(legal.values, lambda value: legal_form.match_form(value, None)))
    known = flat(legal.then(forms), len(columns), rules, repeated=True)
    flats = {name: each for told in plain for name, each in told.items()}
    return Table(len(columns), names, persons, known, addresses, flats)


def coded_flat(name: str, columns: pl.DataFrame, rules: Rules) -> dict[str, Flat]:
    """A field of numbers or codes."""
    values = told(columns, name)
    values = known(values.of(CODED[name](values.values)), name, rules)
    return {name: flat(values, len(columns), rules, repeated=name == "postcode")}


def place_flats(columns: pl.DataFrame, rules: Rules) -> dict[str, Flat]:
    """Cities and countries."""
    places = told(columns, "city")
    places = places.of(col.mapped(places.values, lambda value: city.match_form(value, None)))
    lands = told(columns, "country")
    lands = lands.of(col.folded(lands.values, LONGEST).str.strip_chars())
    return {
        "city": flat(places, len(columns), rules, repeated=True),
        "country": flat(lands, len(columns), rules, repeated=True),
    }


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
    """The plain fields under rules that list more placeholders of some fields."""
    out = dict(told)
    for name in fields:
        have = told[name]
        keep = ~have.text.is_in(sorted(rules.placeholders[name])).to_numpy()
        if name == "email":
            # A web domain comes from a mail address too: these rows tell theirs anew.
            rows = np.unique(have.rows[~keep])
            formed = web_flats(columns[rows], rules)["website"]
            out["website"] = renewed(told["website"], rows, formed)
        out[name] = chosen(have, keep)
    return out


def chosen(told: Flat, keep: NDArray[np.bool_]) -> Flat:
    """Those of the values that are kept."""
    begin = starts(told.rows[keep], len(told.start) - 1)
    return Flat(begin, told.hashes[keep], told.text.filter(pl.Series(keep)))


def renewed(told: Flat, rows: Int32, formed: Flat) -> Flat:
    """The values, those of some rows as they are formed anew."""
    other = np.ones(len(told.start) - 1, dtype=np.bool_)
    other[rows] = False
    stay = chosen(told, other[told.rows])
    whose = np.concatenate([stay.rows, rows[formed.rows]])
    order = np.argsort(whose, kind="stable")
    hashes = np.concatenate([stay.hashes, formed.hashes])
    return Flat(
        starts(whose, len(other)), hashes[order], stay.text.append(formed.text).gather(order)
    )
