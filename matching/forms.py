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
Value = str | Sequence[str] | None
Row = Mapping[str, Value]
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


def _remembered(rules: Rules, kind: str, value: str, make: Callable[[str, Rules], T]) -> T:
    """What `make` gives of a value, from memory where it was asked lately."""
    found: T | None = rules.seen.get((kind, value))
    if found is None:
        found = make(value, rules)
        _remember(rules, kind, value, found)
    return found


def _remember(rules: Rules, kind: str, value: str, made: object) -> None:
    if len(rules.seen) >= MOST_SEEN:
        rules.seen.clear()
    rules.seen[kind, value] = made


def _names(row: Row, rules: Rules) -> tuple[tuple[Name, ...], tuple[str, ...]]:
    forms: list[str] = []
    names: dict[int, Name] = {}
    for value in values(row, "name"):
        for name, form in _remembered(rules, "names", value, _named):
            names.setdefault(name.key, name)
            forms.append(form)
    told = (legal_form.match_form(value, None) for value in values(row, "legal_form"))
    return tuple(names.values()), once(chain(told, forms))


def _named(value: str, rules: Rules) -> tuple[tuple[Name, str], ...]:
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
        for each in _remembered(rules, "streets", value, _located):
            out.setdefault(each.key, each)
    return tuple(out.values())


def _located(value: str, rules: Rules) -> tuple[Street, ...]:
    """The street that a value tells; none where it is a placeholder."""
    told = street.parts(value)
    joined = "".join(told.words)
    if told.number or (joined and joined not in rules.placeholders.get("value", frozenset())):
        key = mixed(rules.hasher.word(told.number), rules.hasher.word(joined))
        return (Street(told.number, joined, key),)
    return ()


def _placed(value: str, _rules: Rules) -> str:
    return city.match_form(value, None)


def _land(value: str, _rules: Rules) -> str:
    return ascii_lower(value[:LONGEST]).strip()


def _known(row: Row, field: str, clean: Callable[[str], str], rules: Rules) -> tuple[str, ...]:
    """The compared forms of a field's values, each once: none empty, none a placeholder."""
    told = row.get(field)
    if not told:
        return ()
    if isinstance(told, str):
        found: tuple[str, ...] | None = rules.seen.get((field, told))
        return _cleaned((told,), field, clean, rules) if found is None else found
    return _cleaned(told, field, clean, rules)


def _cleaned(
    told: Sequence[str], field: str, clean: Callable[[str], str], rules: Rules
) -> tuple[str, ...]:
    no_values = rules.no_values[field]
    forms = once(clean(value) for value in told[:MOST_VALUES] if value)
    known = tuple(f for f in forms if f not in no_values and not identifiers.repeated(f))
    if len(told) == 1:
        _remember(rules, field, told[0], known)
    return known


def _postcode(value: str) -> str:
    return postcode.match_form(value, None)


def form_of(row: Row, rules: Rules) -> Form:
    """The row in compared form, without blocking keys."""
    names, forms = _names(row, rules)
    emails = _known(row, "email", identifiers.email, rules)
    hosts = _known(row, "website", identifiers.host, rules)
    if emails:
        mail_hosts = (identifiers.mail_domain(told) for told in emails)
        hosts = once(chain(hosts, (host for host in mail_hosts if host not in FREE_MAIL)))
    return Form(
        keys=(),
        names=names,
        persons=_persons(row, rules),
        forms=forms,
        streets=_streets(row, rules),
        cities=once(_remembered(rules, "city", v, _placed) for v in values(row, "city")),
        postcodes=_known(row, "postcode", _postcode, rules),
        countries=once(_remembered(rules, "country", v, _land) for v in values(row, "country")),
        vats=_known(row, "vat_number", identifiers.vat, rules),
        taxes=_known(row, "tax_number", identifiers.code, rules),
        leis=_known(row, "lei", identifiers.code, rules),
        ibans=_known(row, "iban", identifiers.code, rules),
        phones=_known(row, "phone", identifiers.phone, rules),
        emails=emails,
        domains=hosts,
        dates=_known(row, "birth_date", identifiers.date, rules),
    )
