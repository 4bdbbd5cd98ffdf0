"""The words that two names share, and those each has of its own, for many pairs at once."""

from __future__ import annotations

import numpy as np
import polars as pl

from matching.columns import Int64
from matching.table import Names


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
        self.own = self.ids >= 0
        """Which words the other side lacks."""
        self.bits = names.worth[at]
        """What those are worth."""

    def meet(self, other: Overlap) -> None:
        """Finds on both sides the words that the other side lacks, and what they are worth."""
        for mine in range(self.width):
            rows = np.flatnonzero(self.sizes > mine)
            for theirs in range(other.width):
                if theirs > 0:
                    rows = rows[other.sizes[rows] > theirs]
                same = rows[self.ids[mine, rows] == other.ids[theirs, rows]]
                worth = self.names.word_bits[self.ids[mine, same]]
                for side, place in ((self, mine), (other, theirs)):
                    side.own[place, same] = False
                    side.bits[same] -= worth

    def text(self, rows: Int64) -> pl.Series:
        """The words of their own of some of the pairs, which have one at least, joined."""
        owner, place = np.nonzero(self.own[:, rows].T)
        words = self.names.vocabulary.gather(self.ids[place, rows[owner]])
        sizes = np.bincount(owner, minlength=len(rows))
        begin = np.cumsum(sizes) - sizes
        told = words.gather(begin)
        # Few names have a second word of their own, fewer a third.
        for step in range(1, int(sizes.max(initial=0))):
            has = np.flatnonzero(sizes > step)
            told = told.scatter(has, told.gather(has) + words.gather(begin[has] + step))
        return told
