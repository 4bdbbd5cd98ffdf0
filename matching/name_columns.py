"""Names of companies and persons taken apart, a whole column at once."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matching import columns as col
from matching.columns import Int64, Told, told
from matching.forms import ACRONYM
from matching.kinds import company_name, legal_form, person_name
from matching.rules import Rules
from matching.split_words import INITIALS, Words, first_of_row, first_words, joined_words, split
from matching.table import Names, kept_words, starts
from matching.vocabulary import PLACEHOLDER_WORDS
from matching.words import LONGEST


def company_names(columns: pl.DataFrame, rules: Rules) -> tuple[Names, Told]:
    """Company names taken apart, and the classes of their legal forms."""
    values = told(columns, "name")
    entries = company_texts(values) if len(values.rows) else values
    entries = entries.where((entries.values != "").to_numpy())
    if not len(entries.rows):
        return no_names(len(columns)), Told(entries.rows, entries.values)
    words = split(entries.values)
    classes, form = form_classes(words.known)
    form = form[words.number]
    filler = words.known.is_in(sorted(company_name.FILLERS)).to_numpy()[words.number]
    kept, form_at = core(words, form, filler)
    forms = Told(entries.rows, pl.Series(classes).gather(np.where(form_at < 0, 0, form[form_at])))
    parts = (words, spellings(words.known), kept)
    names, valid = name_table(entries, parts, len(columns), rules)
    forms = forms.where(valid)
    return names, forms.where((forms.values != "").to_numpy())


def person_names(columns: pl.DataFrame, rules: Rules) -> Names:
    """Names of persons taken apart."""
    values = told(columns, "person_name")
    forms = values.of(col.mapped(values.values, lambda value: person_name.match_form(value, None)))
    if not len(forms.rows):
        return no_names(len(columns))
    words = split(forms.values)
    everything = np.ones(len(words.text), dtype=np.bool_)
    names, _ = name_table(forms, (words, words.known, everything), len(columns), rules)
    return names


def company_texts(values: Told) -> Told:
    """The names in every value as plain texts: `company_name.raw_parts`, joined."""
    text = values.values.str.slice(0, LONGEST)
    twice = text.str.contains(company_name.INITIALS_HINT)
    text = col.only(text, twice, without_initials)
    unspaced = list(company_name.UNSPACED_FORMS)
    if text.str.contains("|".join(map(re.escape, unspaced))).any():
        short = list(company_name.UNSPACED_FORMS.values())
        text = text.str.replace_many(unspaced, short, leftmost=True)
    text = col.folded(text, len(" kk ") * LONGEST)
    slashed = text.str.contains("/", literal=True)
    text = col.plain(col.only(text, slashed, trading_marked))
    odd = text.str.contains(hints())
    if not odd.any():
        return Told(values.rows, text)
    rows = odd.arg_true()
    fixed = shortened(text.gather(rows))
    several = fixed.str.contains("|", literal=True)
    text = text.scatter(rows, fixed)
    if not several.any():
        return Told(values.rows, text)
    lists = text.str.split("|")
    sizes = lists.list.len().to_numpy()
    return Told(np.repeat(values.rows, sizes), col.untokened(lists.explode()))


@cache
def hints() -> str:
    """A pattern of what `shortened` may change: long forms, markers, initials, and no word at all.

    One pattern of many alternatives is found in a third of the time that a list of them takes.
    """
    long = [" ".join(phrase) for told in company_name.phrases().values() for phrase, _ in told]
    return "|".join([*long, *sorted(company_name.MARKERS), INITIALS, "^$"])


def without_initials(texts: pl.Series) -> pl.Series:
    """`company_name.without_initials` of the few texts that may say their own."""
    return col.mapped(texts, company_name.without_initials)


def trading_marked(texts: pl.Series) -> pl.Series:
    """The texts with "t/a" and "d/b/a" written as a marker."""
    return texts.str.replace_all(company_name.TRADING_AS, company_name.MARKER_TEXT)


def shortened(texts: pl.Series) -> pl.Series:
    """`company_name.raw_parts` of plain texts, the names of one text with "|" between them."""
    told = col.joined_initials(col.tokens(texts))
    listed = [each for group in company_name.phrases().values() for each in group]
    long = [f" {'  '.join(phrase)} " for phrase, _ in listed]
    short = [f" {'  '.join(words)} " for _, words in listed]
    # Of the phrases that begin at one place the longest counts: they are in that order.
    told = told.str.replace_many(long, short, leftmost=True)
    markers = [f" {marker} " for marker in sorted(company_name.MARKERS)]
    return col.untokened(told.str.replace_many(markers, ["|"] * len(markers)))


def form_classes(words: pl.Series) -> tuple[list[str], Int64]:
    """The classes of legal forms, "" before them, and the number of each word's."""
    table = legal_form.forms()
    classes = ["", *sorted(set(table.values()))]
    numbers = {raw: classes.index(told) for raw, told in table.items()}
    return classes, col.looked_up(words, numbers, 0)


def spellings(words: pl.Series) -> pl.Series:
    """`company_name.spelling` of every word."""
    listed = {**company_name.ABBREVIATIONS, **company_name.NUMBERS}
    told = col.spelled(words)
    at = np.flatnonzero(words.is_in(list(listed)).to_numpy())
    return told.scatter(at, words.gather(at).replace(listed))


def core(words: Words, form: Int64, filler: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Int64]:
    """`company_name.core` and `form_class`: which words stay, and where the legal form stands."""
    far = np.int64(1 << 40)
    at = words.position.astype(np.int64)
    own = (form == 0) & ~filler
    first = np.minimum.reduceat(np.where(own, at, far), words.starts)[words.text]
    last = np.maximum.reduceat(np.where(own, at, -1), words.starts)[words.text]
    none = last < 0
    kept = none | ((at >= first) & (at <= last) & ~filler)
    outside = ~none & ((at < first) | (at > last)) & (form > 0)
    where = np.minimum.reduceat(np.where(outside, at, far), words.starts)
    return kept, np.where(where == far, -1, words.starts + np.minimum(where, at.max(initial=0)))


def name_table(
    entries: Told, parts: tuple[Words, pl.Series, NDArray[np.bool_]], count: int, rules: Rules
) -> tuple[Names, NDArray[np.bool_]]:
    """Names from the kept words of their texts, and which texts are names."""
    words, texts, kept = parts
    vocabulary, number = col.numbered(texts)
    ids = number.astype(np.int32)[words.number]
    owner, ids = first_words(words.text[kept], ids[kept], len(vocabulary))
    hashes = col.hashes(vocabulary, rules.hasher)
    begin = np.searchsorted(owner, np.arange(len(entries.rows)))
    spaced = joined_words(owner, ids, vocabulary, " ")
    valid = ~spaced.is_in(sorted(rules.placeholders.get("name", ()))).to_numpy()
    said = ~vocabulary.is_in(sorted(PLACEHOLDER_WORDS)).to_numpy()
    valid &= np.logical_or.reduceat(said[ids], begin)
    keys = sums(col.mixed(hashes, 1)[ids], begin)
    if len(entries.rows) != count or not valid.all():
        valid &= first_of_row(entries.rows, keys, valid)
    letters = vocabulary.str.slice(0, 1)
    letter = np.frombuffer(letters.str.join("").item().encode("ascii"), dtype=np.uint8)
    digits = letter <= ord("9")
    joined = spaced.str.replace_all(" ", "", literal=True)
    several = np.bincount(owner, minlength=len(entries.rows)) >= ACRONYM
    initials = joined_words(owner[several[owner]], ids[several[owner]], letters, "")
    acronym = np.zeros(len(entries.rows), dtype=np.uint64)
    acronym[several] = initials.hash(1).to_numpy()
    bits = col.words_bits(vocabulary, rules)
    names = Names(
        starts(entries.rows[valid], count),
        keys[valid],
        sums(np.where(digits, col.mixed(hashes, 1), 0)[ids], begin)[valid],
        joined.filter(pl.Series(valid)),
        joined.str.len_bytes().cast(pl.Int32).to_numpy()[valid],
        entries.values.str.replace_all(" ", "", literal=True).hash(1).to_numpy()[valid],
        acronym[valid],
        joined.hash(1).to_numpy()[valid],
        *kept_words(owner, ids, valid),
        vocabulary,
        hashes,
        vocabulary.str.len_bytes().cast(pl.Int32).to_numpy(),
        letter,
        bits,
        np.add.reduceat(bits[ids].astype(np.int64), begin)[valid],
    )
    return names, valid


def sums(values: Int64, begin: Int64) -> Int64:
    """Sums of values over the words of each text, modulo 2**64."""
    return np.add.reduceat(values.view(np.uint64), begin).view(np.int64)


def no_names(count: int) -> Names:
    """The table of a column that nobody filled."""
    none64, none32, unsigned = np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.uint64)
    text = pl.Series([], dtype=pl.String)
    return Names(
        np.zeros(count + 1, np.int32), none64, none64, text, none32, unsigned, unsigned, unsigned,
        np.zeros(1, np.int32), none32, text, none64, none32, np.zeros(0, np.uint8),
        np.zeros(0, np.int16), none64,
    )  # fmt: skip
