"""Records in compared form, in columns: the twin of `forms.Form` for a batch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matching.columns import Int32, Int64


@dataclass(slots=True)
class Flat:
    """Values of a field: `start[row]` to `start[row + 1]` are those of a row."""

    start: Int32
    hashes: Int64
    text: pl.Series

    @property
    def rows(self) -> Int32:
        """The row of every value."""
        return np.repeat(np.arange(len(self.start) - 1, dtype=np.int32), np.diff(self.start))


@dataclass(slots=True)
class Names:
    """Names taken apart; a field of `forms.Name` is a column here."""

    start: Int32
    keys: Int64
    numbers: Int64
    joined: pl.Series
    lengths: Int32
    """Letters of the words, joined."""
    whole: NDArray[np.uint64]
    """Hash of the name as written; only equality within the batch is asked of it."""
    acronym: NDArray[np.uint64]
    """Hash of the initials; 0 where there are too few words."""
    joined_hash: NDArray[np.uint64]
    word_start: Int32
    word_ids: Int32
    """Numbers of the words of each name, in order, in the vocabulary below."""
    vocabulary: pl.Series
    word_hashes: Int64
    word_lengths: Int32
    word_initials: NDArray[np.uint8]
    word_bits: NDArray[np.int16]
    worth: NDArray[np.int64]
    """What the words of each name are worth together, in tenths of bits."""

    @property
    def rows(self) -> Int32:
        """The row of every name."""
        return np.repeat(np.arange(len(self.start) - 1, dtype=np.int32), np.diff(self.start))

    def within(self, chosen: NDArray[np.bool_]) -> Names:
        """The names of the chosen rows; the other rows have none."""
        stay = chosen[self.rows]
        owner = np.repeat(np.arange(len(self.keys), dtype=np.int32), np.diff(self.word_start))
        return replace(
            self,
            start=starts(self.rows[stay], len(chosen)),
            keys=self.keys[stay],
            numbers=self.numbers[stay],
            joined=self.joined.filter(pl.Series(stay)),
            lengths=self.lengths[stay],
            whole=self.whole[stay],
            acronym=self.acronym[stay],
            joined_hash=self.joined_hash[stay],
            word_start=kept_words(owner, self.word_ids, stay)[0],
            word_ids=kept_words(owner, self.word_ids, stay)[1],
            worth=self.worth[stay],
        )


@dataclass(slots=True)
class Streets:
    """Streets taken apart; a field of `forms.Street` is a column here."""

    start: Int32
    keys: Int64
    number_hashes: Int64
    numbered: NDArray[np.bool_]
    words: pl.Series
    word_hashes: Int64

    @property
    def rows(self) -> Int32:
        """The row of every street."""
        return np.repeat(np.arange(len(self.start) - 1, dtype=np.int32), np.diff(self.start))


@dataclass(slots=True)
class Table:
    """A batch in compared form."""

    rows: int
    names: Names
    persons: Names
    forms: Flat
    streets: Streets
    flats: dict[str, Flat]
    """Every other compared field by its name."""
    derived: dict[str, Any] = field(default_factory=dict, init=False)
    """What others derive from this table once; a changed table starts afresh."""


def starts(rows: Int32, count: int) -> Int32:
    """Where the values of each row begin, with the end of the last."""
    out = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(rows, minlength=count), out=out[1:])
    return out


def kept_words(owner: Int32, ids: Int32, valid: NDArray[np.bool_]) -> tuple[Int32, Int32]:
    """Where the words of the valid texts begin, and the words."""
    if not valid.all():
        stay = valid[owner]
        owner, ids = (np.cumsum(valid) - 1)[owner[stay]].astype(np.int32), ids[stay]
    return starts(owner, int(valid.sum())), ids
