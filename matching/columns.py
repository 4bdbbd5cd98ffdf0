"""Columns of values in compared form: for millions of rows, the twin of the functions of a value.

What is said once per distinct word or value is said by the scalar functions themselves; only
cutting, folding and hashing are written a second time here, and held equal by a property test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from secrets import randbits
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matching.forms import MOST_VALUES
from matching.hashing import BLOCK, LONGEST, Hasher
from matching.identifiers import LOCAL_DIGITS, PHONE_DIGITS
from matching.identifiers import LONGEST as LONGEST_IDENTIFIER
from matching.kinds.postcode import LONGEST as LONGEST_POSTCODE
from matching.rules import Rules
from matching.vocabulary import NO_MAILBOX
from matching.words import APOSTROPHES, DOTTED, NOT_A_WORD, PLURAL_FROM, ascii_lower

Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
SEED = randbits(64)
SLICE = 1 << 17
PREFIX, PREFIXED = 2, 8
"""Letters of a country before a VAT number, and what is long enough to have them."""
LONG_ZIP = 9


def mixed(left: Int64, right: Int64 | int) -> Int64:
    """`hashing.mixed` of whole columns."""
    other = np.asarray(right, dtype=np.int64).view(np.uint64)
    value = (left.view(np.uint64) ^ (other * _MULTIPLIER)) * _MULTIPLIER
    value ^= value >> np.uint64(29)
    value *= _MULTIPLIER
    value ^= value >> np.uint64(32)
    return value.view(np.int64)


def hashes(values: pl.Series, hasher: Hasher) -> Int64:
    """`Hasher.text` of every value (ASCII, as compared forms are)."""
    out = np.zeros(len(values), dtype=np.int64)
    lengths = values.str.len_bytes().to_numpy()
    for blocks in range(1, (LONGEST + 2) // BLOCK + 1):
        at = np.flatnonzero((lengths + 1) // BLOCK + 1 == blocks)
        at = at[lengths[at] <= LONGEST]
        for start in range(0, len(at), SLICE):
            part = at[start : start + SLICE]
            out[part] = _hashes(values.gather(part), lengths[part], blocks, hasher)
    for row in np.flatnonzero(lengths > LONGEST).tolist():
        out[row] = hasher.text(values[row])
    return out


def _hashes(values: pl.Series, lengths: NDArray[np.uint32], blocks: int, hasher: Hasher) -> Int64:
    width = blocks * BLOCK - 2
    text = values.str.pad_end(width, "\0").str.join("").item().encode("ascii")
    data = np.zeros((len(values), blocks * BLOCK), dtype=np.uint8)
    data[:, 0] = lengths
    data[:, 2:] = np.frombuffer(text, dtype=np.uint8).reshape(len(values), width)
    halves = data.view(np.int64).reshape(len(values), blocks, 2)
    state = np.zeros((len(values), 2), dtype=np.int64)
    for at in range(blocks):
        coded = hasher.encryptor.update((state ^ halves[:, at]).tobytes())
        state = np.frombuffer(coded, dtype=np.int64).reshape(-1, 2)
    return state[:, 0]


def grouped(codes: Int64 | NDArray[np.uint64]) -> tuple[Int64, Int64]:
    """The places of codes, equal ones side by side and in order; and where each group begins.

    Sorted as one machine word each, the code above and its place below: that takes a quarter of
    the time of sorting places by their codes.
    """
    width = np.uint64(max(len(codes) - 1, 1).bit_length())
    below = (np.uint64(1) << width) - np.uint64(1)
    packed = (codes.view(np.uint64) & ~below) | np.arange(len(codes), dtype=np.uint64)
    packed.sort()
    order = (packed & below).astype(np.int64)
    fresh = np.ones(len(codes), dtype=np.bool_)
    ordered = codes[order]
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    packed >>= width
    if (fresh[1:] & (packed[1:] == packed[:-1])).any():
        # Codes that differ only in the bits cut off may stand mixed.
        order = np.argsort(codes, kind="stable")
        ordered = codes[order]
        np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    return order, np.flatnonzero(fresh)


def sizes_of(begin: Int64, count: int) -> Int64:
    """How many stand from each beginning to the next."""
    return np.diff(np.append(begin, count))


def numbered(values: pl.Series) -> tuple[pl.Series, NDArray[np.uint32]]:
    """The distinct values as they first come, and the number of each value among them.

    Told apart by 64 bits, as by the hashes that stand for them ever after, of a seed nobody knows.
    """
    order, begin = grouped(values.hash(SEED).to_numpy())
    first = np.zeros(len(values), dtype=np.bool_)
    first[order[begin]] = True
    place = np.cumsum(first, dtype=np.uint32) - np.uint32(1)
    number = np.empty(len(values), dtype=np.uint32)
    number[order] = np.repeat(place[order[begin]], sizes_of(begin, len(values)))
    return values.filter(pl.Series(first)), number


def mapped(values: pl.Series, function: Callable[[str], str]) -> pl.Series:
    """The function of every value, called once per distinct value."""
    distinct, number = numbered(values)
    told = pl.Series([function(value) for value in distinct.to_list()], dtype=pl.String)
    return told.gather(number)


def hashed(values: pl.Series, hasher: Hasher) -> Int64:
    """`hashes` of values of which many are equal."""
    distinct, number = numbered(values)
    return hashes(distinct, hasher)[number]


def folded(values: pl.Series, longest: int) -> pl.Series:
    """`ascii_lower` of the beginning of every value."""
    values = values.str.slice(0, longest)
    foreign = values.str.len_bytes() != values.str.len_chars()
    return only(values, foreign, transliterated).str.to_lowercase()


def transliterated(values: pl.Series) -> pl.Series:
    """Every value in ASCII; each distinct character is looked up once."""
    told = sorted(set(values.str.join("").str.replace_all("[[:ascii:]]+", "").item()))
    return values.str.replace_many(told, [ascii_lower(letter) for letter in told])


def only(
    values: pl.Series, which: pl.Series, function: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """The values, of some of them what a function gives: most values need no slow pattern."""
    rows = which.arg_true()
    if not len(rows):
        return values
    if len(rows) == len(values):
        return function(values)
    return values.scatter(rows, function(values.gather(rows)))


def plain(values: pl.Series) -> pl.Series:
    """`words.plain` of every value."""
    odd = values.str.contains("[^a-z0-9 ]|  ")
    return only(values, odd, in_words).str.strip_chars(" ")


def in_words(values: pl.Series) -> pl.Series:
    """The words of values between single spaces."""
    values = values.str.replace_all(APOSTROPHES, "")
    dotted = values.str.contains(".", literal=True)
    values = only(values, dotted, lambda some: some.str.replace_all(DOTTED, "$1"))
    values = values.str.replace_many(["&", "+"], [" and ", " and "])
    return values.str.replace_all(NOT_A_WORD, " ")


def spelled(words: pl.Series) -> pl.Series:
    """`words.spelled` of every word."""
    told = words.str.replace_many(["ae", "oe", "ue"], ["a", "o", "u"])
    told = told.str.replace_many(["aa"], ["a"])
    plural = told.str.contains("[^s]s$") & (told.str.len_bytes() > PLURAL_FROM)
    told = only(told, plural, lambda some: some.str.head(-1))
    return only(told, words.str.contains("^[0-9]+$"), without_zeros)


def without_zeros(digits: pl.Series) -> pl.Series:
    """Whole numbers as they are written, without zeros before them."""
    return digits.str.replace("^0+([0-9])", "$1")


def looked_up(values: pl.Series, table: Mapping[str, int], otherwise: int) -> Int64:
    """The number that stands for each value in a table."""
    keys = pl.Series(list(table), dtype=pl.String)
    numbers = pl.Series(list(table.values()), dtype=pl.Int64)
    return values.replace_strict(keys, numbers, default=otherwise).to_numpy()


def words_bits(words: pl.Series, rules: Rules) -> NDArray[np.int16]:
    """`Rules.word_bits` of every word."""
    return looked_up(words, rules.words, rules.rare_word).astype(np.int16)


def tokens(values: pl.Series) -> pl.Series:
    """Words between single spaces as tokens that each have spaces of their own."""
    return " " + values.str.replace_all(" ", "  ", literal=True) + " "


def untokened(values: pl.Series) -> pl.Series:
    """Tokens as words between single spaces."""
    return values.str.strip_chars(" ").str.replace_all(" +", " ")


def joined_initials(values: pl.Series) -> pl.Series:
    """`words.joined_initials` of tokens."""
    marked = values.str.replace_all(" ([a-z]) ", " <$1> ")
    joined = marked.str.replace_all(">  <", "", literal=True)
    return joined.str.replace_many(["<", ">"], ["", ""])


@dataclass(slots=True)
class Told:
    """Values with the row each belongs to, in the order of rows; a row may have several."""

    rows: Int32
    values: pl.Series

    def where(self, keep: NDArray[np.bool_]) -> Told:
        """Those of the values that are kept."""
        if keep.all():
            return self
        return Told(self.rows[keep], self.values.filter(pl.Series(keep)))

    def of(self, values: pl.Series) -> Told:
        """Other values for the same rows; those that say nothing are dropped."""
        return Told(self.rows, values).where((values != "").to_numpy())

    def once(self) -> Told:
        """Each value of a row once, in order."""
        if len(self.rows) < 2 or (np.diff(self.rows) > 0).all():  # noqa: PLR2004 - a lone value
            return self
        table = pl.DataFrame({"row": self.rows, "value": self.values})
        kept = table.unique(maintain_order=True, keep="first")
        return Told(kept["row"].to_numpy(), kept["value"])

    def then(self, other: Told) -> Told:
        """Both, row by row, these values first."""
        if not len(other.rows):
            return self
        rows = np.concatenate([self.rows, other.rows])
        order = np.argsort(rows, kind="stable")
        values = pl.concat([self.values, other.values]) if len(self.rows) else other.values
        return Told(rows[order], values.gather(order))


def told(columns: pl.DataFrame, field: str) -> Told:
    """The values of a column that are not empty; a list column may tell several per row."""
    if field not in columns.columns:
        return Told(np.zeros(0, dtype=np.int32), pl.Series([], dtype=pl.String))
    column = columns[field]
    rows = np.arange(len(column), dtype=np.int32)
    if isinstance(column.dtype, pl.List):
        column = column.list.head(MOST_VALUES)
        rows = np.repeat(rows, column.list.len().fill_null(0).to_numpy())
        column = column.filter(column.list.len().fill_null(0) > 0).explode()
    values = column.cast(pl.String).alias("value")
    return Told(rows, values).where((values != "").fill_null(False).to_numpy())


def code(values: pl.Series) -> pl.Series:
    """`identifiers.code` of every value."""
    return folded(values, LONGEST_IDENTIFIER).str.replace_all("[^a-z0-9]+", "")


def vat(values: pl.Series) -> pl.Series:
    """`identifiers.vat` of every value."""
    codes = code(values)
    prefixed = codes.str.contains("^[a-z]{2}") & (codes.str.len_bytes() >= PREFIXED)
    return codes.str.slice(PREFIX).zip_with(prefixed, codes)


def phone(values: pl.Series) -> pl.Series:
    """`identifiers.phone` of every value."""
    digits = date(values)
    short = digits.str.len_bytes() < LOCAL_DIGITS - 1
    return digits.str.tail(PHONE_DIGITS).set(short, "")


def postcode(values: pl.Series) -> pl.Series:
    """`postcode.match_form` of every value."""
    text = folded(values, LONGEST_POSTCODE).str.strip_chars()
    odd = text.str.contains("[^a-z0-9]") | (text.str.len_bytes() >= LONG_ZIP)
    return only(text, odd, _odd_postcode)


def _odd_postcode(text: pl.Series) -> pl.Series:
    text = text.str.replace("^[a-z]{1,2}-([0-9])", "$1")
    return text.str.replace("^([0-9]{5})-?[0-9]{4}$", "$1").str.replace_all("[^a-z0-9]+", "")


def email(values: pl.Series) -> pl.Series:
    """`identifiers.email` of every value."""
    text = folded(values, LONGEST_IDENTIFIER).str.strip_chars()
    nobody = text.str.contains(f"^(?:{'|'.join(map(re.escape, sorted(NO_MAILBOX)))})@")
    return text.set(~text.str.contains("@", literal=True) | nobody, "")


def mail_domain(forms: pl.Series) -> pl.Series:
    """`identifiers.mail_domain` of every value."""
    return forms.str.replace("(?s)^.*@", "")


def host(values: pl.Series) -> pl.Series:
    """`identifiers.host` of every value."""
    # Two patterns that cut take half the time of one that extracts.
    text = folded(values, LONGEST_IDENTIFIER).str.strip_chars()
    text = text.str.replace(r"^(?:[a-z]+://)?(?:www\d?\.)?", "").str.replace("(?s)[/:?#].*$", "")
    return text.set(~text.str.contains(".", literal=True), "")


def date(values: pl.Series) -> pl.Series:
    """`identifiers.date` of every value."""
    return values.str.slice(0, LONGEST_IDENTIFIER).str.replace_all("[^0-9]+", "")


def known(values: Told, placeholders: Iterable[str]) -> Told:
    """The values that are no placeholders: not listed, not one character over and over."""
    if not len(values.rows):
        return values
    first = pl.col("value").str.slice(0, 1)
    tests = (
        values.values.alias("value")
        .to_frame()
        .select(
            repeated=pl.col("value").str.strip_chars(first) == "",
            listed=pl.col("value").is_in(sorted(placeholders)),
        )
    )
    drop = cast("NDArray[np.bool_]", (tests["repeated"] | tests["listed"]).to_numpy())
    return values.where(~drop)
