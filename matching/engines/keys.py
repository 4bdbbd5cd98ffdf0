"""Blocking keys and candidate pairs in columns: the twin of `blocking` for a batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from matching import blocking as kind
from matching.blocking import CITY_START, KEY_NAMES, LETTERS, LOW, PLACE_DIGITS, START_LETTERS
from matching.columns import Int32, Int64, grouped, hashed, mixed, sizes_of
from matching.engines.batch import OverCommon
from matching.rules import Rules
from matching.table import Flat, Names, Table
from matching.threads import side_by_side

KIND_BITS = 5
assert len(KEY_NAMES) <= 1 << KIND_BITS
Part = tuple[int, Int32, Int64]
"""Kind of key, rows, and what must be equal."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one kind: a key and the row that has it."""

    kind: int
    rows: Int32
    keys: Int64


def keys_of(table: Table, rules: Rules, threads: int = 1) -> list[Keys]:
    """The keys of every row, kind by kind; a row may have one twice."""
    told: dict[int, list[tuple[Int32, Int64]]] = {}
    tasks = [partial(seeded, some, rules) for some in parts(table, rules)]
    for made in side_by_side(tasks, threads):
        for number, rows, keys in made:
            told.setdefault(number, []).append((rows, keys))
    return [
        Keys(
            number,
            np.concatenate([rows for rows, _ in told[number]]),
            np.concatenate([keys for _, keys in told[number]]),
        )
        for number in sorted(told)
    ]


def seeded(parts: Iterator[Part], rules: Rules) -> list[Part]:
    """The keys made of what must be equal: equal parts of different kinds make different keys."""
    word = rules.hasher.word
    return [
        (number, rows, mixed(np.full(len(part), word(f"key {KEY_NAMES[number]}")), part))
        for number, rows, part in parts
    ]


def parts(table: Table, rules: Rules) -> list[Iterator[Part]]:
    """What must be equal, for every kind of key, in parts that need nothing of each other."""
    made: list[Iterator[Part]] = []
    for names in (table.names, persons_alone(table)):
        if len(names.keys):
            made += [each(names, table, rules) for each in (letter_parts, begin_parts, word_parts)]
    return [*made, street_parts(table), single_parts(table), person_parts(table)]


def single_parts(table: Table) -> Iterator[Part]:
    """The keys that are one value."""
    single = ("vat_number", "tax_number", "lei", "iban", "phone", "email")
    for number, field in enumerate(single):
        flat = table.flats[field]
        yield number, flat.rows, flat.hashes


def persons_alone(table: Table) -> Names:
    """The names of persons in rows that have no company name."""
    persons = table.persons
    if not len(persons.keys):
        return persons
    alone = np.diff(table.names.start) == 0
    return persons if alone.all() else persons.within(alone)


def cross(rows: Int32, start: Int32) -> tuple[Int64, Int64]:
    """Positions of every value with every value of the same row in another field.

    `rows`: the row of each value; `start`: where each row's values of the other field begin.
    """
    counts = (start[rows + 1] - start[rows]).astype(np.int64)
    one = np.repeat(np.arange(len(rows), dtype=np.int64), counts)
    begin = np.repeat(np.cumsum(counts) - counts, counts)
    return one, start[rows[one]] + (np.arange(len(one)) - begin)


def crossed(number: int, rows: Int32, values: Int64, flat: Flat, other: Int64) -> Part:
    """A key of a value and each of the row's values of a field, in that order."""
    one, with_ = cross(rows, flat.start)
    return number, rows[one], mixed(values[one], other[with_])


def letter_parts(names: Names, table: Table, rules: Rules) -> Iterator[Part]:
    """The keys made of the first letters of names and where they are."""
    rows, hasher, streets = names.rows, rules.hasher, table.streets
    letters = hashed(names.joined.str.slice(0, LETTERS), hasher)
    one, with_ = cross(rows, streets.start)
    told = streets.numbered[with_]
    one, with_ = one[told], with_[told]
    stems = hashed(streets.words.str.slice(0, kind.STREET_LETTERS), hasher)
    begin = mixed(streets.number_hashes[with_], stems[with_])
    yield kind.NUMBER_START, rows[one], mixed(begin, letters[one])
    if rules.wide:
        posts, cities = table.flats["postcode"], table.flats["city"]
        areas = hashed(posts.text.str.slice(0, PLACE_DIGITS), hasher)
        yield crossed(kind.LETTERS_POSTCODE, rows, letters, posts, areas)
        yield crossed(kind.LETTERS_CITY, rows, letters, cities, cities.hashes)


def begin_parts(names: Names, table: Table, rules: Rules) -> Iterator[Part]:
    """The keys made of how names begin."""
    rows, cities = names.rows, table.flats["city"]
    begins = hashed(names.joined.str.slice(0, CITY_START), rules.hasher)
    yield crossed(kind.START_CITY, rows, begins, cities, cities.hashes)
    yield kind.START, rows, hashed(names.joined.str.slice(0, START_LETTERS), rules.hasher)


def word_parts(names: Names, table: Table, rules: Rules) -> Iterator[Part]:
    """The keys made of the words of names that tell most."""
    rows, domains = names.rows, table.flats["website"]
    first, second = rarest(names)
    low, high = np.minimum(first & LOW, second & LOW), np.maximum(first & LOW, second & LOW)
    yield kind.RAREST_TWO, rows, mixed(low, high)
    if rules.wide:
        one, with_ = cross(rows, domains.start)
        yield kind.DOMAIN, rows[one], mixed(domains.hashes[with_], (first & LOW)[one])
        rare = first >> 48 >= kind.rare_enough(rules)
        yield kind.RAREST, rows[rare], (first & LOW)[rare]


def rarest(names: Names) -> tuple[Int64, Int64]:
    """`blocking.rarest` of every name."""
    words = names.vocabulary.arg_sort().to_numpy()
    place = np.empty(len(words), dtype=np.int64)
    place[words] = np.arange(1, len(words) + 1)
    bits = names.word_bits.astype(np.int64) << 48
    value = (bits | place)[names.word_ids]
    begin = names.word_start[:-1]
    first = np.maximum.reduceat(value, begin)
    sizes = np.diff(names.word_start)
    value[value == np.repeat(first, sizes)] = 0
    second = np.maximum.reduceat(value, begin)
    worth = np.concatenate([[0], (bits | (names.word_hashes & LOW))[words]])
    return worth[first & LOW], worth[second & LOW]


def street_parts(table: Table) -> Iterator[Part]:
    """The keys made of streets."""
    streets = table.streets
    told = streets.numbered & (streets.words != "").to_numpy()
    rows, keys = streets.rows[told], streets.keys[told]
    posts, cities = table.flats["postcode"], table.flats["city"]
    without = np.diff(cities.start)[rows] == 0
    yield kind.STREET, rows[without], keys[without]
    yield crossed(kind.STREET_PLACE, rows, keys, posts, posts.hashes)
    without = np.diff(posts.start)[rows] == 0
    yield crossed(kind.STREET_PLACE, rows[without], keys[without], cities, cities.hashes)


def person_parts(table: Table) -> Iterator[Part]:
    """The keys made of dates of birth and names of persons."""
    dates, posts, persons = table.flats["birth_date"], table.flats["postcode"], table.persons
    yield crossed(kind.BIRTH_POSTCODE, dates.rows, dates.hashes, posts, posts.hashes)
    owner = np.repeat(persons.rows, np.diff(persons.word_start))
    words = persons.word_hashes[persons.word_ids] if len(owner) else np.zeros(0, np.int64)
    one, with_ = cross(owner, dates.start)
    yield kind.BIRTH_NAME, owner[one], mixed(dates.hashes[with_], words[one])
    yield crossed(kind.NAME_POSTCODE, owner, words, posts, posts.hashes)


def candidates(keys: Keys, count: int, rules: Rules) -> tuple[NDArray[np.int64], list[OverCommon]]:
    """The pairs of rows that share a key of one kind, in no order: `pair_codes`."""
    at, first = grouped(keys.keys)
    sizes = sizes_of(first, len(at))
    over = over_common(keys, at, first, sizes, rules.key_cap)
    left, right = triangles(first, sizes, rules.key_cap)
    one, other = keys.rows[at[left]], keys.rows[at[right]]
    codes = pair_codes(one, other, count)
    codes <<= KIND_BITS
    codes |= keys.kind
    return codes[one != other], over


def pair_codes(one: Int32, other: Int32, count: int) -> Int64:
    """Pairs of rows as `low * count + high`; a candidate has the kind of its key below that."""
    codes = np.minimum(one, other).astype(np.int64)
    codes *= count
    codes += np.maximum(one, other)
    return codes


def distinct(candidates: Int64) -> tuple[Int64, NDArray[np.uint32]]:
    """The pairs among candidates, ascending, each once, and the kinds it was found by, a bit each.

    `np.unique` takes sixty times as long here.
    """
    if not len(candidates):
        return candidates, np.zeros(0, dtype=np.uint32)
    candidates.sort()
    kinds = np.left_shift(np.uint32(1), (candidates & ((1 << KIND_BITS) - 1)).astype(np.uint32))
    candidates >>= KIND_BITS
    first = np.flatnonzero(np.concatenate([[True], candidates[1:] != candidates[:-1]]))
    return candidates[first], np.bitwise_or.reduceat(kinds, first)


def triangles(first: Int64, sizes: Int64, cap: int) -> tuple[Int64, Int64]:
    """All pairs of positions within groups of 2 to `cap` members."""
    chosen = (sizes > 1) & (sizes <= cap)
    first, sizes = first[chosen], sizes[chosen]
    place = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    member = np.repeat(first, sizes) + place
    after = np.repeat(sizes, sizes) - place - 1
    left = np.repeat(member, after)
    step = np.arange(len(left)) - np.repeat(np.cumsum(after) - after, after)
    return left, left + 1 + step


def over_common(keys: Keys, at: Int64, first: Int64, sizes: Int64, cap: int) -> list[OverCommon]:
    """The keys that more rows have than may be compared."""
    return [
        OverCommon(
            KEY_NAMES[keys.kind],
            int(keys.keys[at[first[group]]]),
            int(sizes[group]),
            int(keys.rows[at[first[group]]]),
        )
        for group in np.flatnonzero(sizes > cap).tolist()
    ]
