"""A record in compared form: what one record is turned into before it meets another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from matching import identifiers
from matching.hashing import mixed, signed
from matching.kinds import city, company_name, legal_form, person_name, postcode, street
from matching.rules import Rules
from matching.vocabulary import FREE_MAIL, PLACEHOLDER_WORDS
from matching.words import LONGEST, ascii_lower

T = TypeVar("T")
K = TypeVar("K", "Name", "Street")
Value = str | Sequence[str] | None
Row = Mapping[str, Value]
Make = Callable[[str, str, Rules], tuple[T, ...]]
"""What a value of a field is in compared form; nothing where it says nothing."""
MOST_VALUES = 12
"""Values of one field that are compared; a record with more is compared on the first ones."""
MOST_WORDS = 16
MOST_SEEN = 100_000
"""Values whose compared forms are remembered."""
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

    keys: Mapping[int, int]
    """Blocking keys, each with the number of its kind; none before they are asked for."""
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
    return tuple(dict.fromkeys(filter(None, told)))


def name_of(told: Iterable[str], whole: str, rules: Rules) -> Name:
    """A name from its own words, each once."""
    words = tuple(told)[:MOST_WORDS]
    hashes = tuple(map(rules.hasher.word, words))
    initials = "".join([word[0] for word in words])
    numbers = [each for each, word in zip(hashes, words, strict=True) if word[0].isdigit()]
    return Name(
        words,
        hashes,
        tuple(map(rules.word_bits, words)),
        "".join(words),
        in_any_order(hashes),
        in_any_order(numbers),
        initials if len(words) >= ACRONYM else "",
        whole,
    )


def in_any_order(hashes: Iterable[int]) -> int:
    """One hash of several, whatever their order; 0 of none."""
    return signed(sum([mixed(each, 1) for each in hashes]))


def _found(row: Row, field: str, make: Make[T], rules: Rules) -> tuple[T, ...]:
    """What `make` gives of a field's values, from memory where a value was met lately."""
    told = row.get(field)
    if not told:
        return ()
    if not isinstance(told, str):
        each = [_found({field: value}, field, make, rules) for value in told[:MOST_VALUES]]
        return tuple(chain.from_iterable(each))
    found: tuple[T, ...] | None = rules.seen.get((field, told))
    if found is None:
        found = make(told, field, rules)
        if len(rules.seen) >= MOST_SEEN:
            rules.seen.clear()
        rules.seen[field, told] = found
    return found


def _texts(row: Row, field: str, make: Make[str], rules: Rules) -> tuple[str, ...]:
    found = _found(row, field, make, rules)
    return found if len(found) <= 1 else once(found)


def _by_key(found: tuple[K, ...]) -> tuple[K, ...]:
    """The first of each key."""
    if len(found) <= 1:
        return found
    first: dict[int, K] = {}
    for each in found:
        first.setdefault(each.key, each)
    return tuple(first.values())


def _named(value: str, _field: str, rules: Rules) -> tuple[tuple[Name, str], ...]:
    """The names that a value tells, each with its class of legal form."""
    placeholders = rules.placeholders.get("name", frozenset())
    found = []
    for raw in company_name.raw_parts(company_name.text_of(value)):
        part = [company_name.word(each) for each in raw]
        own = [word.text for word in company_name.core(part)]
        if " ".join(own) not in placeholders and not PLACEHOLDER_WORDS.issuperset(own):
            name = name_of(own, "".join(raw), rules)
            found.append((name, company_name.form_class(part) or ""))
    return tuple(found)


def _legal(value: str, _field: str, _rules: Rules) -> tuple[str, ...]:
    return (legal_form.match_form(value, None),)


def _person(value: str, _field: str, rules: Rules) -> tuple[Name, ...]:
    own = list(dict.fromkeys(person_name.match_words(value)))
    listed = " ".join(own) in rules.placeholders.get("name", frozenset())
    if not own or listed or PLACEHOLDER_WORDS.issuperset(own):
        return ()
    return (name_of(own, "".join(own), rules),)


def _located(value: str, _field: str, rules: Rules) -> tuple[Street, ...]:
    """The street that a value tells; none where it is a placeholder."""
    told = street.parts(value)
    joined = "".join(told.words)
    if told.number or (joined and joined not in rules.placeholders.get("value", frozenset())):
        key = mixed(rules.hasher.word(told.number), rules.hasher.word(joined))
        return (Street(told.number, joined, key),)
    return ()


def _placed(value: str, _field: str, _rules: Rules) -> tuple[str, ...]:
    form = city.match_form(value, None)
    return (form,) if form else ()


def _land(value: str, _field: str, _rules: Rules) -> tuple[str, ...]:
    form = ascii_lower(value[:LONGEST]).strip()
    return (form,) if form else ()


def _known(value: str, field: str, rules: Rules) -> tuple[str, ...]:
    """A value that is looked up as it is, cleaned; none where it is a placeholder."""
    form = CLEANED[field](value)
    return (form,) if form and not nobodys(field, form, rules) else ()


def nobodys(field: str, form: str, rules: Rules) -> bool:
    """Whether the compared form of such a value is a placeholder: listed, or one character."""
    return form in rules.no_values[field] or identifiers.repeated(form)


def _postcode(value: str) -> str:
    return postcode.match_form(value, None)


CLEANED: Mapping[str, Callable[[str], str]] = {
    "postcode": _postcode,
    "vat_number": identifiers.vat,
    "tax_number": identifiers.code,
    "lei": identifiers.code,
    "iban": identifiers.code,
    "phone": identifiers.phone,
    "email": identifiers.email,
    "website": identifiers.host,
    "birth_date": identifiers.date,
}
"""How a value of each field that is looked up as it is gets its compared form."""


def form_of(row: Row, rules: Rules) -> Form:
    """The row in compared form, without blocking keys."""
    named = _found(row, "name", _named, rules)
    forms = [form for _name, form in named]
    emails = _texts(row, "email", _known, rules)
    hosts = _texts(row, "website", _known, rules)
    if emails:
        mail_hosts = [identifiers.mail_domain(told) for told in emails]
        hosts = once([*hosts, *(host for host in mail_hosts if host not in FREE_MAIL)])
    streets = _found(row, "street", _located, rules) + _found(row, "address", _located, rules)
    return Form(
        keys={},
        names=_by_key(tuple([name for name, _form in named])),
        persons=_by_key(_found(row, "person_name", _person, rules)),
        forms=once([*_found(row, "legal_form", _legal, rules), *forms]),
        streets=_by_key(streets),
        cities=_texts(row, "city", _placed, rules),
        postcodes=_texts(row, "postcode", _known, rules),
        countries=_texts(row, "country", _land, rules),
        vats=_texts(row, "vat_number", _known, rules),
        taxes=_texts(row, "tax_number", _known, rules),
        leis=_texts(row, "lei", _known, rules),
        ibans=_texts(row, "iban", _known, rules),
        phones=_texts(row, "phone", _known, rules),
        emails=emails,
        domains=hosts,
        dates=_texts(row, "birth_date", _known, rules),
    )
