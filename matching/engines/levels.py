"""Levels of agreement of many pairs at once: the twin of `score.levels`.

Whole numbers are compared first; letters only where the numbers leave a doubt, and each distinct
couple of texts once.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from matching import fields
from matching.columns import Int32, Int64, mixed
from matching.fields import NAMES, POSITION
from matching.rules import Rules
from matching.score import SHORTEST, SPELLING_SIMILARITY, UNTOLD
from matching.table import Flat, Names, Streets, Table

Levels = NDArray[np.int8]
Bools = NDArray[np.bool_]
CHUNK = 200_000
"""Pairs compared at a time: bounds the memory of a batch."""
WORTH_A_THREAD = 20_000
"""Pairs below which another thread takes longer to start than to compare."""


def levels(table: Table, left: Int32, right: Int32, rules: Rules, threads: int = 1) -> Levels:
    """The level of every field of every pair; -1 where it is not told."""
    # A column per field in memory: a field is written and read from one end to the other.
    out = np.full((len(NAMES), len(left)), -1, dtype=np.int8).T
    comparer = Comparer(table, rules)
    size = min(CHUNK, max(WORTH_A_THREAD, -(-len(left) // threads)))
    parts = [slice(start, start + size) for start in range(0, len(left), size)]
    if len(parts) < 2 or threads < 2:  # noqa: PLR2004 - one part, or one thread
        for part in parts:
            comparer.fill(out[part], left[part], right[part])
    else:
        with ThreadPoolExecutor(threads) as pool:
            told = [pool.submit(comparer.fill, out[p], left[p], right[p]) for p in parts]
            for each in told:
                each.result()
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

        def put(name: str, start: Int32, level: Callable[[Int64, Int64], Levels]) -> None:
            out[:, POSITION[name]] = best(self.facts.places[id(start)], left, right, level)

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
        for name in ("vat_number", "tax_number"):
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
        equal_ = self.rare(flat, name)

        def level(one: Int64, other: Int64) -> Levels:
            out = equal_(one, other)
            rest = np.flatnonzero(out == 0)
            out[out > 0] += 1
            left, right = flat.text.gather(one[rest]), flat.text.gather(other[rest])
            near, _ = couples(left, right)
            out[rest] = np.where(near, 1, np.where(same_shape(left, right), 0, UNTOLD))
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
        out[rest] = self.unequal(names, one[rest], other[rest])
        return out

    def unequal(self, names: Names, one: Int64, other: Int64) -> Levels:
        """The level of names that are not the same words."""
        left, right = Overlap(names, one), Overlap(names, other)
        left.meet(right)
        shared = names.worth[one] - left.bits
        further = left.bits + right.bits
        two = left.any & right.any
        out = np.where(further * 5 <= shared * 2, fields.LIGHT, fields.FURTHER).astype(np.int8)
        rows = np.flatnonzero(two)
        out[rows] = self.two_sided(left.text(rows), right.text(rows), shared[rows], further[rows])
        short = (names.acronym[one] != 0) & (names.acronym[one] == names.joined_hash[other])
        short |= (names.acronym[other] != 0) & (names.acronym[other] == names.joined_hash[one])
        out[short] = fields.LIGHT
        return out

    def two_sided(self, left: pl.Series, right: pl.Series, shared: Int64, own: Int64) -> Levels:
        """`score.two_sided`."""
        similar, begins = couples(left, right)
        out = np.where(
            shared * 2 >= own,
            fields.SISTER,
            np.where(shared > 0, fields.WEAK, fields.DIFFERENT),
        )
        out = np.where(begins, np.where(shared > 0, fields.SPELLING, fields.LIGHT), out)
        return np.where(similar, fields.SPELLING, out).astype(np.int8)


class Overlap:
    """One side of pairs of names: its words padded to a square, and which the other side lacks."""

    def __init__(self, names: Names, at: Int64) -> None:
        self.names = names
        begin = names.word_start[at]
        self.sizes = names.word_start[at + 1] - begin
        self.width = int(self.sizes.max(initial=0))
        self.ids = np.full((self.width, len(at)), -1, dtype=np.int32)
        for place in range(self.width):
            has = np.flatnonzero(self.sizes > place)
            self.ids[place, has] = names.word_ids[begin[has] + place]
        self.lacking = self.ids >= 0
        self.bits = np.zeros(len(at), dtype=np.int64)
        self.any = np.zeros(len(at), dtype=np.bool_)

    def meet(self, other: Overlap) -> None:
        """Finds on both sides the words that the other side lacks, and what they are worth."""
        for mine in range(self.width):
            rows = np.flatnonzero(self.sizes > mine)
            for theirs in range(other.width):
                if theirs > 0:
                    rows = rows[other.sizes[rows] > theirs]
                same = rows[self.ids[mine, rows] == other.ids[theirs, rows]]
                self.lacking[mine, same] = False
                other.lacking[theirs, same] = False
        for side in (self, other):
            for place in range(side.width):
                worth = side.names.word_bits[side.ids[place]].astype(np.int64)
                side.bits += np.where(side.lacking[place], worth, 0)
            side.any = np.asarray(side.lacking.any(axis=0))

    def text(self, rows: Int64) -> pl.Series:
        """The lacking words of some of the pairs, joined."""
        told = pl.Series([""], dtype=pl.String).new_from_index(0, len(rows))
        for place in range(self.width):
            has = np.flatnonzero(self.lacking[place, rows])
            if len(has):
                words = self.names.vocabulary.gather(self.ids[place, rows[has]])
                if len(has) < len(rows):
                    told = told.scatter(has, told.gather(has) + words)
                else:
                    told = told + words
        return told


@dataclass(frozen=True, slots=True)
class Places:
    """Where the values of each row stand."""

    start: Int64
    lone: Int64 | None
    """The place of each row's value, -1 for none, where no row has several; else None."""

    @classmethod
    def of(cls, start: Int32) -> Places:
        """Places from where each row's values begin."""
        begin = start.astype(np.int64)
        sizes = np.diff(begin)
        few = sizes.max(initial=0) <= 1
        return cls(begin, np.where(sizes == 1, begin[:-1], -1) if few else None)


def best(
    places: Places, left: Int32, right: Int32, level: Callable[[Int64, Int64], Levels]
) -> Levels:
    """`score.best`: the best level among all combinations of the two rows' values."""
    out = np.full(len(left), -1, dtype=np.int8)
    if not places.start[-1]:
        return out
    if places.lone is not None:
        one, other = places.lone[left], places.lone[right]
        told = np.flatnonzero((one >= 0) & (other >= 0))
        if len(told) == len(left):
            return level(one, other)
        out[told] = level(one[told], other[told])
        return out
    one, other = places.start[left], places.start[right]
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


def same_shape(left: pl.Series, right: pl.Series) -> Bools:
    """Whether two numbers have digits and letters at the same places."""
    same = (left.str.len_bytes() == right.str.len_bytes()).to_numpy().copy()
    # Most numbers are digits alone: their length says it all.
    lettered = left.str.contains("[a-z]") | right.str.contains("[a-z]")
    rows = np.flatnonzero(same & lettered.to_numpy())
    same[rows] = (shapes(left.gather(rows)) == shapes(right.gather(rows))).to_numpy()
    return np.asarray(same, dtype=np.bool_)


def shapes(texts: pl.Series) -> pl.Series:
    """`score.shape` of every text."""
    return texts.str.replace_all("[0-9]", "9").str.replace_all("[a-z]", "a")


def equal(flat: Flat) -> Callable[[Int64, Int64], Levels]:
    """`score.same_level` of a field."""
    return lambda one, other: (flat.hashes[one] == flat.hashes[other]).astype(np.int8)


def alike(texts: pl.Series, hashes: Int64, one: Int64, other: Int64) -> Bools:
    """Whether two texts are equal, one begins the other, or they are spelt alike."""
    out = hashes[one] == hashes[other]
    rest = np.flatnonzero(~out)
    if len(rest):
        similar, begins = couples(texts.gather(one[rest]), texts.gather(other[rest]))
        out[rest] = similar | begins
    return np.asarray(out, dtype=np.bool_)


def couples(left: pl.Series, right: pl.Series) -> tuple[Bools, Bools]:
    """Of columns of unequal texts: whether two are spelt alike, whether one begins the other."""
    size = len(left)
    if not size:
        return np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.bool_)
    both = pl.DataFrame({"one": left, "other": right})
    shorter = pl.min_horizontal(pl.col("one").str.len_bytes(), pl.col("other").str.len_bytes())
    longer = pl.max_horizontal(pl.col("one").str.len_bytes(), pl.col("other").str.len_bytes())
    told = both.select(
        begins=(shorter >= SHORTEST)
        & (
            pl.col("one").str.starts_with(pl.col("other"))
            | pl.col("other").str.starts_with(pl.col("one"))
        ),
        # A distance is at least the difference in length: most couples are told apart by that.
        possible=(longer - shorter) <= longer * (1.0 - SPELLING_SIMILARITY) + 1e-9,
    )
    similar = np.zeros(size, dtype=np.bool_)
    rows = np.flatnonzero(told["possible"].to_numpy())
    if len(rows):
        similarity = cpdist(
            left.gather(rows).to_list(),
            right.gather(rows).to_list(),
            scorer=OSA.normalized_similarity,
            dtype=np.float64,
        )
        similar[rows] = similarity >= SPELLING_SIMILARITY
    return similar, np.asarray(told["begins"].to_numpy(), dtype=np.bool_)
