"""Blocking keys: records are compared only where they share one.

Each kind of key is a line of the table below: the values that must be equal for two records to
meet. A key that too many records have makes no pairs; it is reported by name and count.
"""

from __future__ import annotations

from collections.abc import Iterator

from matching.forms import Form, Name
from matching.hashing import mixed
from matching.rules import Rules

KEY_NAMES: tuple[str, ...] = (
    "VAT number",
    "tax number",
    "LEI",
    "bank account",
    "phone",
    "mail address",
    "web domain and a word of the name",
    "name, words in any order",
    "name without spaces",
    "start of the name and postal code",
    "start of the name and city",
    "two rarest words of the name",
    "rarest word of the name",
    "house number, street and place",
    "house number and start of the name",
    "person, names in any order",
    "start of the names of a person and date of birth",
    "start of the person's name and place",
    "start of the name",
)
START = 5
LONG_START = 9
RAREST_BITS = 60
"""Tenths of bits a word must be worth to be a key of its own."""


def keys_of(form: Form, rules: Rules) -> tuple[int, ...]:
    """The record's keys, each once."""
    return tuple(dict.fromkeys(key for _, key in named_keys(form, rules)))


def named_keys(form: Form, rules: Rules) -> Iterator[tuple[int, int]]:
    """The record's keys, each with the number of its name."""
    seeds = [rules.hasher.word(f"key {name}") for name in KEY_NAMES]
    return ((kind, mixed(seeds[kind], part)) for kind, part in _parts(form, rules))


def _parts(form: Form, rules: Rules) -> Iterator[tuple[int, int]]:
    text, word = rules.hasher.text, rules.hasher.word
    single = (form.vats, form.taxes, form.leis, form.ibans, form.phones, form.emails)
    for kind, told in enumerate(single):
        for value in told:
            yield kind, text(value)
    places = [word(value) for value in (*form.postcodes, *form.cities)]
    for name in form.names:
        yield from _name_parts(name, form, rules)
    for street in form.streets:
        if street.number and street.words:
            for place in places or [0]:
                yield 13, mixed(street.key, place)
        if street.number:
            for name in form.names:
                yield 14, mixed(word(street.number), word(name.joined[:START]))
    for person in form.persons:
        yield 15, person.key
        starts = sorted(each[:3] for each in person.words)
        for date in form.dates:
            yield 16, mixed(word("".join(starts)), word(date))
        for place in places:
            yield 17, mixed(word(person.joined[:START]), place)


def _name_parts(name: Name, form: Form, rules: Rules) -> Iterator[tuple[int, int]]:
    word = rules.hasher.word
    start = word(name.joined[:START])
    ranked = sorted(zip(name.bits, name.hashes, strict=True), key=lambda pair: (-pair[0], pair[1]))
    for domain in form.domains:
        yield 6, mixed(word(domain), ranked[0][1])
    yield 7, name.key
    yield 8, word(name.joined)
    for postcode in form.postcodes:
        yield 9, mixed(start, word(postcode[:4]))
    for city in form.cities:
        yield 10, mixed(start, word(city))
    if len(ranked) > 1:
        first, second = sorted((ranked[0][1], ranked[1][1]))
        yield 11, mixed(first, second)
    if ranked[0][0] >= RAREST_BITS:
        yield 12, ranked[0][1]
    if len(name.joined) >= LONG_START:
        yield 18, word(name.joined[:LONG_START])
