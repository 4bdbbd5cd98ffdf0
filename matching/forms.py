"""A record in compared form: what one record is turned into before it meets another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from matching import identifiers
from matching.hashing import mixed, signed
from matching.kinds import city, company_name, legal_form, person_name, postcode, street
from matching.rules import Rules
from matching.vocabulary import FREE_MAIL, PLACEHOLDER_WORDS
from matching.words import LONGEST, ascii_lower

Value = str | Sequence[str] | None
Row = Mapping[str, Value]
MOST_VALUES = 12
"""Values of one field that are compared; a record with more is compared on the first ones."""
MOST_WORDS = 16
ACRONYM = 3
"""Words a name has at least for its first letters to be an acronym."""


@dataclass(slots=True)
class Name:
    """A name taken apart: its own words once each, in order, with what they are worth."""

    words: tuple[str, ...]
    hashes: tuple[int, ...]
    bits: tuple[int, ...]
    """Tenths of bits of each word."""
    joined: str
    """The words without spaces."""
    key: int
    """Hash of the words in any order."""
    numbers: int
    """Hash of the numbers among the words in any order; 0 where there are none."""
    initials: str
    """First letters of the words, where there are three or more."""
    whole: str
    """The name as written, legal form and all, without spaces."""


@dataclass(slots=True)
class Street:
    """A street taken apart."""

    number: str
    words: str
    """Words of the street, joined."""
    key: int
    """Hash of number and words."""


@dataclass(slots=True)
class Form:
    """A record in compared form; every tuple may be empty, none holds a value twice."""

    keys: tuple[int, ...]
    names: tuple[Name, ...]
    persons: tuple[Name, ...]
    forms: tuple[str, ...]
    streets: tuple[Street, ...]
    cities: tuple[str, ...]
    postcodes: tuple[str, ...]
    countries: tuple[str, ...]
    vats: tuple[str, ...]
    taxes: tuple[str, ...]
    leis: tuple[str, ...]
    ibans: tuple[str, ...]
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    domains: tuple[str, ...]
    dates: tuple[str, ...]


def values(row: Row, field: str) -> list[str]:
    """The values a row has in a field, none empty."""
    told = row.get(field)
    if told is None:
        return []
    listed = [told] if isinstance(told, str) else told
    return [value for value in listed[:MOST_VALUES] if value]


def once(told: Iterable[str]) -> tuple[str, ...]:
    """The values that say something, each once, in order."""
    return tuple(dict.fromkeys(value for value in told if value))


def name_of(told: Iterable[str], whole: str, rules: Rules) -> Name:
    """A name from its own words, each once."""
    words = tuple(told)[:MOST_WORDS]
    hashes = tuple(rules.hasher.word(word) for word in words)
    return Name(
        words,
        hashes,
        tuple(rules.word_bits(word) for word in words),
        "".join(words),
        in_any_order(hashes),
        in_any_order(each for each, word in zip(hashes, words, strict=True) if word[0].isdigit()),
        "".join(word[0] for word in words) if len(words) >= ACRONYM else "",
        whole,
    )


def in_any_order(hashes: Iterable[int]) -> int:
    """One hash of several, whatever their order; 0 of none."""
    return signed(sum(mixed(each, 1) for each in hashes))


def _names(row: Row, rules: Rules) -> tuple[tuple[Name, ...], tuple[str, ...]]:
    placeholders = rules.placeholders.get("name", frozenset())
    forms: list[str] = []
    names: dict[int, Name] = {}
    for value in values(row, "name"):
        for raw in company_name.raw_parts(company_name.text_of(value)):
            part = [company_name.word(each) for each in raw]
            own = [word.text for word in company_name.core(part)]
            if " ".join(own) not in placeholders and not PLACEHOLDER_WORDS.issuperset(own):
                name = name_of(own, "".join(raw), rules)
                names.setdefault(name.key, name)
                forms.append(company_name.form_class(part) or "")
    told = (legal_form.match_form(value, None) for value in values(row, "legal_form"))
    return tuple(names.values()), once(chain(told, forms))


def _persons(row: Row, rules: Rules) -> tuple[Name, ...]:
    names: dict[int, Name] = {}
    for value in values(row, "person_name"):
        own = list(dict.fromkeys(person_name.match_words(value)))
        listed = " ".join(own) in rules.placeholders.get("name", frozenset())
        if own and not listed and not PLACEHOLDER_WORDS.issuperset(own):
            name = name_of(own, "".join(own), rules)
            names.setdefault(name.key, name)
    return tuple(names.values())


def _streets(row: Row, rules: Rules) -> tuple[Street, ...]:
    out: dict[int, Street] = {}
    for value in chain(values(row, "street"), values(row, "address")):
        told = street.parts(value)
        joined = "".join(told.words)
        if told.number or (joined and joined not in rules.placeholders.get("value", frozenset())):
            key = mixed(rules.hasher.word(told.number), rules.hasher.word(joined))
            out.setdefault(key, Street(told.number, joined, key))
    return tuple(out.values())


def _known(told: Iterable[str], rules: Rules, field: str) -> tuple[str, ...]:
    """The values that are no placeholders."""
    any_field = rules.placeholders.get("value", frozenset())
    own = rules.placeholders.get(field, frozenset())
    return tuple(
        value
        for value in once(told)
        if value not in any_field and value not in own and not identifiers.repeated(value)
    )


def form_of(row: Row, rules: Rules) -> Form:
    """The row in compared form, without blocking keys."""
    names, forms = _names(row, rules)
    emails = _known(map(identifiers.email, values(row, "email")), rules, "email")
    hosts = _known(map(identifiers.host, values(row, "website")), rules, "website")
    mail_hosts = (identifiers.mail_domain(told) for told in emails)
    return Form(
        keys=(),
        names=names,
        persons=_persons(row, rules),
        forms=forms,
        streets=_streets(row, rules),
        cities=once(city.match_form(value, None) for value in values(row, "city")),
        postcodes=_known(
            (postcode.match_form(value, None) for value in values(row, "postcode")),
            rules,
            "postcode",
        ),
        countries=once(ascii_lower(value[:LONGEST]).strip() for value in values(row, "country")),
        vats=_known(map(identifiers.vat, values(row, "vat_number")), rules, "vat_number"),
        taxes=_known(map(identifiers.code, values(row, "tax_number")), rules, "tax_number"),
        leis=_known(map(identifiers.code, values(row, "lei")), rules, "lei"),
        ibans=_known(map(identifiers.code, values(row, "iban")), rules, "iban"),
        phones=_known(map(identifiers.phone, values(row, "phone")), rules, "phone"),
        emails=emails,
        domains=once(chain(hosts, (host for host in mail_hosts if host not in FREE_MAIL))),
        dates=_known(map(identifiers.date, values(row, "birth_date")), rules, "birth_date"),
    )
