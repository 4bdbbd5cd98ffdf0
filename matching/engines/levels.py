"""Levels of agreement of many pairs at once: the twin of `score.levels`.

Whole numbers are compared first; letters only where the numbers leave a doubt, and each distinct
couple of texts once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matching import fields
from matching.columns import Int32, Int64, mixed
from matching.engines.couples import Bools, alike, close, couples
from matching.engines.overlap import Overlap
from matching.fields import NAMES, POSITION
from matching.rules import Rules
from matching.score import UNTOLD
from matching.table import Flat, Names, Streets, Table
from matching.threads import side_by_side

Levels = NDArray[np.int8]
CHUNK = 200_000
"""Pairs compared at a time: bounds the memory of a batch."""
OFFICIAL = ("vat_number", "tax_number")
WORTH_A_THREAD = 5_000
"""Pairs below which another thread takes longer to start than to compare."""


def levels(table: Table, left: Int32, right: Int32, rules: Rules, threads: int = 1) -> Levels:
    """The level of every field of every pair; -1 where it is not told."""
    # A column per field in memory: a field is written and read from one end to the other.
    out = np.full((len(NAMES), len(left)), -1, dtype=np.int8).T
    comparer = Comparer(table, rules)
    size = min(CHUNK, max(WORTH_A_THREAD, -(-len(left) // threads)))
    parts = [slice(start, start + size) for start in range(0, len(left), size)]
    side_by_side([partial(comparer.fill, out[p], left[p], right[p]) for p in parts], threads)
    return out


@dataclass(frozen=True, slots=True)
class Facts:
    """What comparing needs of a table, whatever the rules."""

    places: dict[int, Places]
    """Where the values of each row stand, by the identity of the array of their starts."""
    local: NDArray[np.uint64]
    """Hashes of the last digits of phone numbers."""
    area: NDArray[np.uint64]
    """Hashes of the first characters of postcodes."""
    shapes: dict[str, NDArray[np.uint64]]
    """Hashes of where official numbers have digits and where letters, by field."""

    @classmethod
    def of(cls, table: Table) -> Facts:
        """The facts of a table, which must keep its arrays for as long as they are used."""
        flats = table.flats
        kept = [table.names.start, table.persons.start, table.forms.start, table.streets.start]
        kept += [flat.start for flat in flats.values()]
        return cls(
            {id(start): Places.of(start) for start in kept},
            flats["phone"].text.str.tail(7).hash(1).to_numpy(),
            flats["postcode"].text.str.slice(0, 3).hash(1).to_numpy(),
            {name: shapes(flats[name].text) for name in OFFICIAL},
        )


class Comparer:
    """Compares pairs of one table under one set of rules."""

    def __init__(self, table: Table, rules: Rules) -> None:
        self.table = table
        self.common = np.sort(np.fromiter(rules.common, dtype=np.int64, count=len(rules.common)))
        self.seeds = {name: rules.hasher.word(f"value {name}") for name in NAMES}
        told = table.derived.get("facts")
        self.facts: Facts = told or table.derived.setdefault("facts", Facts.of(table))

    def fill(self, out: Levels, left: Int32, right: Int32) -> None:
        """Writes the levels of the pairs, a row each."""
        table = self.table
        # What finds a place in an array is a whole machine word: else each use makes it one.
        one, other = left.astype(np.int64), right.astype(np.int64)

        def put(name: str, start: Int32, level: Callable[[Int64, Int64], Levels]) -> None:
            out[:, POSITION[name]] = best(self.facts.places[id(start)], one, other, level)

        for name, names in (("name", table.names), ("person_name", table.persons)):
            put(name, names.start, partial(self.names, names))
        numbers = table.names.numbers
        put("number", table.names.start, lambda one, other: number_levels(numbers, one, other))
        put("legal_form", table.forms.start, equal(table.forms))
        put(
            "street",
            table.streets.start,
            lambda one, other: self.streets(table.streets, one, other),
        )
        put("city", table.flats["city"].start, lambda a, b: self.cities(table.flats["city"], a, b))
        put("postcode", table.flats["postcode"].start, self.postcodes(table.flats["postcode"]))
        put("country", table.flats["country"].start, equal(table.flats["country"]))
        for name in OFFICIAL:
            put(name, table.flats[name].start, self.official(table.flats[name], name))
        for name in ("lei", "iban", "email", "website", "birth_date"):
            put(name, table.flats[name].start, self.rare(table.flats[name], name))
        put("phone", table.flats["phone"].start, self.phones(table.flats["phone"]))

    def is_common(self, keys: Int64) -> Bools:
        """Whether many records hold the value with this hash."""
        if not len(self.common):
            return np.zeros(len(keys), dtype=np.bool_)
        at = np.minimum(np.searchsorted(self.common, keys), len(self.common) - 1)
        return np.asarray(self.common[at] == keys)

    def rare(self, flat: Flat, name: str) -> Callable[[Int64, Int64], Levels]:
        """`score.equal_level` of a field."""
        seed = self.seeds[name]

        def level(one: Int64, other: Int64) -> Levels:
            out = np.zeros(len(one), dtype=np.int8)
            same = np.flatnonzero(flat.hashes[one] == flat.hashes[other])
            hashes = flat.hashes[one[same]]
            held = self.is_common(mixed(np.full(len(same), seed, dtype=np.int64), hashes))
            out[same] = np.where(held, 1, 2)
            return out

        return level

    def official(self, flat: Flat, name: str) -> Callable[[Int64, Int64], Levels]:
        """`score.official_level` of a field."""
        shape = self.facts.shapes[name]
        equal_ = self.rare(flat, name)

        def level(one: Int64, other: Int64) -> Levels:
            out = equal_(one, other)
            rest = np.flatnonzero(out == 0)
            out[out > 0] += 1
            one, other = one[rest], other[rest]
            near, _ = couples(flat.text.gather(one), flat.text.gather(other))
            out[rest] = np.where(near, 1, np.where(shape[one] == shape[other], 0, UNTOLD))
            return out

        return level

    def phones(self, flat: Flat) -> Callable[[Int64, Int64], Levels]:
        """`score.phone_level`."""
        local = self.facts.local
        equal_ = self.rare(flat, "phone")

        def level(one: Int64, other: Int64) -> Levels:
            out = equal_(one, other)
            out[out > 0] += 1
            out[(out == 0) & (local[one] == local[other])] = 1
            return out

        return level

    def postcodes(self, flat: Flat) -> Callable[[Int64, Int64], Levels]:
        """`score.postcode_level`."""
        area = self.facts.area

        def level(one: Int64, other: Int64) -> Levels:
            same = flat.hashes[one] == flat.hashes[other]
            return np.where(same, 2, area[one] == area[other]).astype(np.int8)

        return level

    def cities(self, flat: Flat, one: Int64, other: Int64) -> Levels:
        """`score.city_level`."""
        out = np.full(len(one), 2, dtype=np.int8)
        unequal = np.flatnonzero(flat.hashes[one] != flat.hashes[other])
        near = alike(flat.text, flat.hashes, one[unequal], other[unequal])
        out[unequal] = near
        return out

    def streets(self, streets: Streets, one: Int64, other: Int64) -> Levels:
        """`score.street_level`."""
        out = np.zeros(len(one), dtype=np.int8)
        told_one, told_other = streets.numbered[one], streets.numbered[other]
        same_number = told_one & (streets.number_hashes[one] == streets.number_hashes[other])
        equal_ = streets.keys[one] == streets.keys[other]
        rest = np.flatnonzero(~equal_)
        near = alike(streets.words, streets.word_hashes, one[rest], other[rest])
        out[rest] = np.where(
            same_number[rest],
            np.where(near, 4, 1),
            np.where(near, np.where((told_one & told_other)[rest], 2, 3), 0),
        )
        same = np.flatnonzero(equal_)
        held = self.is_common(streets.keys[one[same]])
        out[same] = np.where(told_one[same], np.where(held, 5, 6), 3)
        return out

    def names(self, names: Names, one: Int64, other: Int64) -> Levels:
        """`score.name_level`."""
        out = np.zeros(len(one), dtype=np.int8)
        equal_ = names.keys[one] == names.keys[other]
        same = np.flatnonzero(equal_)
        told = names.worth[one[same]] >= fields.TELLING_BITS
        telling = told & ~self.is_common(names.keys[one[same]])
        out[same] = np.where(telling, fields.EQUAL, fields.EQUAL_COMMON)
        whole = (names.whole[one] == names.whole[other]) | (
            names.joined_hash[one] == names.joined_hash[other]
        )
        out[~equal_ & whole] = fields.SPELLING
        rest = np.flatnonzero(~equal_ & ~whole)
        if len(rest):
            out[rest] = self.unequal(names, one[rest], other[rest])
        return out

    def unequal(self, names: Names, one: Int64, other: Int64) -> Levels:
        """The level of names that are not the same words."""
        left, right = Overlap(names, one), Overlap(names, other)
        left.meet(right)
        shared = names.worth[one] - left.bits
        further = left.bits + right.bits
        out = np.where(further * 5 <= shared * 2, fields.LIGHT, fields.FURTHER).astype(np.int8)
        rows = np.flatnonzero(left.own.any(axis=0) & right.own.any(axis=0))
        out[rows] = two_sided(
            left, right, rows, shared[rows] * 2 >= further[rows], shared[rows] > 0
        )
        short = (names.acronym[one] != 0) & (names.acronym[one] == names.joined_hash[other])
        short |= (names.acronym[other] != 0) & (names.acronym[other] == names.joined_hash[one])
        out[short] = fields.LIGHT
        return out


def two_sided(left: Overlap, right: Overlap, rows: Int64, much: Bools, any_: Bools) -> Levels:
    """`score.two_sided` of some pairs; whether they share as much as they do not, and anything."""
    out = np.where(much, fields.SISTER, np.where(any_, fields.WEAK, fields.DIFFERENT))
    # Most texts cannot be alike, and are not put together: their lengths say it.
    near = np.flatnonzero(
        close(left.length[rows], right.length[rows]) | (left.initial(rows) == right.initial(rows))
    )
    similar, begins = couples(left.text(rows[near]), right.text(rows[near]))
    level = np.where(begins, np.where(any_[near], fields.SPELLING, fields.LIGHT), out[near])
    out[near] = np.where(similar, fields.SPELLING, level)
    return out.astype(np.int8)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the values of each row stand."""

    start: Int32
    lone: Int32 | None
    """The place of each row's value, -1 for none, where no row has several; else None."""

    @classmethod
    def of(cls, start: Int32) -> Places:
        """Places from where each row's values begin."""
        sizes = np.diff(start)
        few = sizes.max(initial=0) <= 1
        return cls(start, np.where(sizes == 1, start[:-1], np.int32(-1)) if few else None)


def best(
    places: Places, left: Int64, right: Int64, level: Callable[[Int64, Int64], Levels]
) -> Levels:
    """`score.best`: the best level among all combinations of the two rows' values."""
    out = np.full(len(left), -1, dtype=np.int8)
    if not places.start[-1]:
        return out
    if places.lone is not None:
        one, other = places.lone[left].astype(np.int64), places.lone[right].astype(np.int64)
        told = np.flatnonzero((one >= 0) & (other >= 0))
        if len(told) == len(left):
            return level(one, other)
        out[told] = level(one[told], other[told])
        return out
    one, other = places.start[left].astype(np.int64), places.start[right].astype(np.int64)
    ones, others = places.start[left + 1] - one, places.start[right + 1] - other
    single = np.flatnonzero((ones == 1) & (others == 1))
    out[single] = level(one[single], other[single])
    several = np.flatnonzero((ones > 0) & (others > 0) & (ones * others > 1))
    if len(several):
        counts = ones[several] * others[several]
        begin = np.cumsum(counts) - counts
        step = np.arange(int(counts.sum())) - np.repeat(begin, counts)
        across = np.repeat(others[several], counts)
        lefts = np.repeat(one[several], counts) + step // across
        rights = np.repeat(other[several], counts) + step % across
        out[several] = np.maximum.reduceat(level(lefts, rights), begin)
    return out


def number_levels(numbers: Int64, one: Int64, other: Int64) -> Levels:
    """`score.number_level` of single names; -1 where neither has a number."""
    left, right = numbers[one], numbers[other]
    out = np.where(left == right, 2, np.where((left != 0) & (right != 0), 0, 1))
    return np.where((left == 0) & (right == 0), -1, out).astype(np.int8)


def shapes(numbers: pl.Series) -> NDArray[np.uint64]:
    """One number for each `score.shape` of numbers."""
    told = numbers.str.len_bytes().to_numpy().astype(np.uint64)
    # Most are digits alone: their length says it all.
    lettered = numbers.str.contains("[a-z]").arg_true()
    texts = numbers.gather(lettered).str.replace_all("[0-9]", "9").str.replace_all("[a-z]", "a")
    told[lettered.to_numpy()] = texts.hash(1).to_numpy()
    return told


def equal(flat: Flat) -> Callable[[Int64, Int64], Levels]:
    """`score.same_level` of a field."""
    return lambda one, other: (flat.hashes[one] == flat.hashes[other]).astype(np.int8)
