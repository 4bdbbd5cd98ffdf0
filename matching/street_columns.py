"""Streets taken apart, a whole column at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matching import columns as col
from matching.columns import Int32, told
from matching.kinds import street
from matching.rules import Rules
from matching.split_words import INITIALS, Words, first_of_row, joined_words, split
from matching.table import Streets, starts
from matching.words import LONGEST


def streets(columns: pl.DataFrame, rules: Rules) -> Streets:
    """Streets taken apart."""
    count = len(columns)
    values = told(columns, "street").then(told(columns, "address"))
    texts = values.of(street_texts(values.values)) if len(values.rows) else values
    if not len(texts.rows):
        none = np.zeros(0, np.int64)
        empty = pl.Series([], dtype=pl.String)
        return Streets(
            np.zeros(count + 1, np.int32), none, none, np.zeros(0, np.bool_), empty, none
        )
    words = split(texts.values)
    known = [street.word(raw) for raw in words.known.to_list()]
    numbers, joined = street_parts(words, known, len(texts.rows))
    number_hashes = col.hashed(numbers, rules.hasher)
    word_hashes = col.hashed(joined, rules.hasher)
    keys = col.mixed(number_hashes, word_hashes)
    numbered = (numbers != "").to_numpy()
    blank = ["", *sorted(rules.placeholders.get("value", ()))]
    valid = numbered | ~joined.is_in(blank).to_numpy()
    if len(texts.rows) != count or not valid.all():
        valid &= first_of_row(texts.rows, keys, valid)
    return Streets(
        starts(texts.rows[valid], count),
        keys[valid],
        number_hashes[valid],
        numbered[valid],
        joined.filter(pl.Series(valid)),
        word_hashes[valid],
    )


def street_texts(values: pl.Series) -> pl.Series:
    """`words.words` of every value, joined by spaces."""
    text = col.plain(col.folded(values, LONGEST))
    return col.only(text, text.str.contains(INITIALS), initials_joined)


def initials_joined(texts: pl.Series) -> pl.Series:
    """The texts with every run of single letters made one word."""
    return col.untokened(col.joined_initials(col.tokens(texts)))


def street_parts(
    words: Words, known: Sequence[street.Word], count: int
) -> tuple[pl.Series, pl.Series]:
    """`street.parts` of every text: house number, and the words of the street joined."""
    far = np.int64(1 << 40)
    at = words.position.astype(np.int64)
    number = np.array([bool(each.number) for each in known])[words.number]
    room = np.array([each.room for each in known])[words.number]
    kind = np.array([each.type for each in known])[words.number]
    direction = np.array([each.direction for each in known])[words.number]
    first = np.minimum.reduceat(np.where(number, at, far), words.starts)
    rest = ~number & ~room & ~direction
    own = rest & ~kind
    has_own = np.logical_or.reduceat(own, words.starts)
    first_kind = np.minimum.reduceat(np.where(rest & kind, at, far), words.starts)
    kept = own | (~has_own[words.text] & (at == first_kind[words.text]))
    digits = pl.Series([each.number for each in known], dtype=pl.String)
    number_at = words.starts + np.where(first == far, 0, first)
    numbers = digits.gather(words.number[number_at])
    numbers = numbers.set(pl.Series(first == far), "")
    texts = pl.Series([each.text for each in known], dtype=pl.String)
    distinct, ids = col.numbered(texts)
    owner, told_ids = _each_once(words.text[kept], ids[words.number[kept]], len(distinct))
    joined = pl.Series([""], dtype=pl.String).new_from_index(0, count)
    if len(owner):
        whose = np.flatnonzero(np.bincount(owner, minlength=count))
        joined = joined.scatter(whose, joined_words(owner, told_ids, distinct, ""))
    return numbers, joined


def _each_once(
    owner: Int32, ids: NDArray[np.uint32], size: int
) -> tuple[Int32, NDArray[np.uint32]]:
    pair = owner.astype(np.int64) * size + ids
    order = np.argsort(pair, kind="stable")
    twice = order[1:][pair[order[1:]] == pair[order[:-1]]]
    keep = np.ones(len(owner), dtype=np.bool_)
    keep[twice] = False
    return owner[keep], ids[keep]
