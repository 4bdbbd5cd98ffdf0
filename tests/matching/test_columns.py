"""Columns of values are brought into compared form, grouped and numbered as one value is."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from matching.columns import grouped, numbered, spelled
from matching.kinds import company_name
from matching.name_columns import spellings
from matching.words import spelled as spelled_word

WORDS = st.lists(st.text("aeous0127z", min_size=1, max_size=9), max_size=30)


@given(st.lists(st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1), max_size=40))
def test_equal_codes_stand_side_by_side_in_order_even_where_codes_hardly_differ(
    told: list[int],
) -> None:
    codes = np.array(told, dtype=np.int64)
    order, begin = grouped(codes)
    groups = [each.tolist() for each in np.split(order, begin[1:])] if told else []
    expected = {value: [at for at, each in enumerate(told) if each == value] for value in told}
    assert sorted(groups) == sorted(expected.values())


@given(WORDS)
def test_distinct_values_are_numbered_as_they_first_come(words: list[str]) -> None:
    distinct, number = numbered(pl.Series(words, dtype=pl.String))
    assert distinct.to_list() == list(dict.fromkeys(words))
    assert [distinct[int(at)] for at in number] == words


@given(WORDS)
def test_a_column_of_words_is_spelled_as_each_word_is(words: list[str]) -> None:
    assert spelled(pl.Series(words, dtype=pl.String)).to_list() == [*map(spelled_word, words)]


def test_words_of_names_with_a_spelling_of_their_own_have_it_in_a_column_too() -> None:
    words = [*company_name.ABBREVIATIONS, *company_name.NUMBERS, "mueller", "007", "services"]
    told = spellings(pl.Series(words, dtype=pl.String))
    assert told.to_list() == [*map(company_name.spelling, words)]
