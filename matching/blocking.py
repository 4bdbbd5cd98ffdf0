"""Blocking keys: records are compared only where they share one.

Each kind of key is a line of the table below: the values that must be equal for two records to
meet. A key that too many records have makes no pairs; it is reported by name and count.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from matching.forms import Form, Name
from matching.hashing import Hasher, mixed
from matching.rules import Rules

KEY_NAMES: tuple[str, ...] = (
    "VAT number",
    "tax number",
    "LEI",
    "bank account",
    "phone",
    "mail address",
    "web domain and rarest word of the name",
    "first letters of the name and postal code",
    "first letters of the name and city",
    "start of the name and city",
    "two rarest words of the name",
    "rarest word of the name",
    "start of the name",
    "house number, start of the street and start of the name",
    "house number, street and place",
    "house number and street",
    "date of birth and postal code",
    "date of birth and a name",
    "a name and postal code",
)
(
    VAT,
    TAX,
    LEI,
    IBAN,
    PHONE,
    EMAIL,
    DOMAIN,
    LETTERS_POSTCODE,
    LETTERS_CITY,
    START_CITY,
    RAREST_TWO,
    RAREST,
    START,
    NUMBER_START,
    STREET_PLACE,
    STREET,
    BIRTH_POSTCODE,
    BIRTH_NAME,
    NAME_POSTCODE,
) = range(len(KEY_NAMES))
KEY_FIELDS: tuple[tuple[str, ...], ...] = (
    ("vat_number",),
    ("tax_number",),
    ("lei",),
    ("iban",),
    ("phone",),
    ("email", "website"),
    ("website", "name"),
    ("name", "postcode"),
    ("name", "city"),
    ("name", "city"),
    ("name",),
    ("name",),
    ("name",),
    ("street", "name"),
    ("street", "city", "postcode"),
    ("street",),
    ("birth_date", "postcode"),
    ("birth_date", "person_name"),
    ("person_name", "postcode"),
)  # fmt: skip
"""The fields whose values each kind of key is made of."""
LETTERS = 5
CITY_START = 7
START_LETTERS = 10
PLACE_DIGITS = 4
STREET_LETTERS = 2
RAREST_BITS = 60
"""Tenths of bits a word must be worth to be a key of its own."""
RAREST_BELOW = 40
"""And no more than this below the rarest: a word that sixteen have, however many records."""
LOW = (1 << 48) - 1
NO_WORD = (0, "", 0)


def keys_of(form: Form, rules: Rules) -> dict[int, int]:
    """The record's keys, each with the number of its name."""
    seeds = _seeds(rules.hasher)
    return {mixed(seeds[kind], part): kind for kind, part in _parts(form, rules)}


@lru_cache(maxsize=16)
def _seeds(hasher: Hasher) -> tuple[int, ...]:
    return tuple(hasher.word(f"key {name}") for name in KEY_NAMES)


def _parts(form: Form, rules: Rules) -> Iterator[tuple[int, int]]:
    text, word = rules.hasher.text, rules.hasher.word
    single = (form.vats, form.taxes, form.leis, form.ibans, form.phones, form.emails)
    for kind, told in enumerate(single):
        for value in told:
            yield kind, text(value)
    for name in form.names or form.persons:
        yield from _name_parts(name, form, rules)
        if rules.wide:
            yield from _wide_parts(name, form, rules)
    yield from _street_parts(form, rules)
    postcodes = [word(value) for value in form.postcodes]
    for date in map(word, form.dates):
        for postcode in postcodes:
            yield BIRTH_POSTCODE, mixed(date, postcode)
        for each in _person_words(form):
            yield BIRTH_NAME, mixed(date, each)
    for each in _person_words(form):
        for postcode in postcodes:
            yield NAME_POSTCODE, mixed(each, postcode)


def _person_words(form: Form) -> set[int]:
    return {each for person in form.persons for each in person.hashes}


def rarest(name: Name) -> tuple[int, int]:
    """Worth and hash, in one number, of the rarest and the second rarest word; 0 for none.

    Of equally rare words the last in the alphabet: their hashes hang on the secret, and two hubs
    must agree.
    """
    ranked = sorted(zip(name.bits, name.words, name.hashes, strict=True), reverse=True)
    first, second = [(bits << 48) | (each & LOW) for bits, _word, each in (*ranked, NO_WORD)[:2]]
    return first, second


def _name_parts(name: Name, form: Form, rules: Rules) -> Iterator[tuple[int, int]]:
    word = rules.hasher.word
    first, second = rarest(name)
    begin = word(name.joined[:CITY_START])
    for city in form.cities:
        yield START_CITY, mixed(begin, word(city))
    low, high = sorted((first & LOW, second & LOW))
    yield RAREST_TWO, mixed(low, high)
    yield START, word(name.joined[:START_LETTERS])
    letters = word(name.joined[:LETTERS])
    for street in form.streets:
        if street.number:
            place = mixed(word(street.number), word(street.words[:STREET_LETTERS]))
            yield NUMBER_START, mixed(place, letters)


def _wide_parts(name: Name, form: Form, rules: Rules) -> Iterator[tuple[int, int]]:
    # These find a few more duplicates among many more pairs: for bodies that are not large.
    word = rules.hasher.word
    first, _second = rarest(name)
    letters = word(name.joined[:LETTERS])
    for domain in form.domains:
        yield DOMAIN, mixed(word(domain), first & LOW)
    for postcode in form.postcodes:
        yield LETTERS_POSTCODE, mixed(letters, word(postcode[:PLACE_DIGITS]))
    for city in form.cities:
        yield LETTERS_CITY, mixed(letters, word(city))
    if first >> 48 >= rare_enough(rules):
        yield RAREST, first & LOW


def rare_enough(rules: Rules) -> int:
    """Tenths of bits from which a word is a key of its own."""
    return max(RAREST_BITS, rules.rare_word - RAREST_BELOW)


def _street_parts(form: Form, rules: Rules) -> Iterator[tuple[int, int]]:
    word = rules.hasher.word
    # A street without a place is a key where no city is told; a city where no postal code is.
    places = [word(value) for value in form.postcodes or form.cities]
    for street in form.streets:
        if street.number and street.words:
            if not form.cities:
                yield STREET, street.key
            for place in places:
                yield STREET_PLACE, mixed(street.key, place)
