"""The words that two names share, and those each has of its own, for many pairs at once."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

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
        self.length = names.lengths[at]
        """The letters of those."""

    def meet(self, other: Overlap) -> None:
        """Finds on both sides the words that the other side lacks, and what they are worth."""
        for mine in range(self.width):
            rows = np.flatnonzero(self.sizes > mine)
            for theirs in range(other.width):
                if theirs > 0:
                    rows = rows[other.sizes[rows] > theirs]
                same = rows[self.ids[mine, rows] == other.ids[theirs, rows]]
                words = self.ids[mine, same]
                for side, place in ((self, mine), (other, theirs)):
                    side.own[place, same] = False
                    side.bits[same] -= self.names.word_bits[words]
                    side.length[same] -= self.names.word_lengths[words]

    def initial(self, rows: Int64) -> NDArray[np.uint8]:
        """The first letter of the words of their own of some of the pairs, which have one."""
        place = self.own[:, rows].argmax(axis=0)
        return np.asarray(self.names.word_initials[self.ids[place, rows]])

    def text(self, rows: Int64) -> pl.Series:
        """The words of their own of some of the pairs, which have one at least, joined."""
        owner, place = np.nonzero(self.own[:, rows].T)
        words = self.names.vocabulary.gather(self.ids[place, rows[owner]])
        sizes = np.bincount(owner, minlength=len(rows))
        # Those with most words first: at each step some are done, and the others get one more.
        order = np.argsort(-sizes, kind="stable")
        begin = (np.cumsum(sizes) - sizes)[order]
        done = []
        texts = words.gather(begin)
        for step in range(1, int(sizes.max(initial=0)) + 1):
            more = int((sizes > step).sum())
            done.append(texts.slice(more))
            texts = texts.head(more) + words.gather(begin[:more] + step)
        back = np.empty(len(rows), dtype=np.int64)
        back[order] = np.arange(len(rows))
        return pl.concat([texts, *reversed(done)]).gather(back)
