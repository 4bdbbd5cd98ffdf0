"""Records in compared form, in columns: the twin of `forms.Form` for a batch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matching import columns as col
from matching.columns import Int32, Int64, Told, told
from matching.forms import ACRONYM, MOST_WORDS
from matching.kinds import city, company_name, legal_form, person_name, street
from matching.rules import Rules
from matching.vocabulary import FREE_MAIL, PLACEHOLDER_WORDS
from matching.words import LONGEST

INITIALS = "(?:^| )[a-z] [a-z](?: |$)"


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


def flat(values: Told, count: int, rules: Rules, *, repeated: bool) -> Flat:
    """Values of a field with their hashes; `repeated`: few distinct ones."""
    values = values.once()
    hashes = (col.hashed if repeated else col.hashes)(values.values, rules.hasher)
    return Flat(starts(values.rows, count), hashes, values.values)


def table(columns: pl.DataFrame, rules: Rules, threads: int = 1) -> Table:
    """The rows in compared form."""
    parts: tuple[Callable[[], Any], ...] = (
        lambda: company_names(columns, rules),
        lambda: flats(columns, rules),
        lambda: streets(columns, rules),
        lambda: person_names(columns, rules),
    )
    if threads < 2:  # noqa: PLR2004 - one thread
        told = [part() for part in parts]
    else:
        with ThreadPoolExecutor(threads) as pool:
            told = [each.result() for each in [pool.submit(part) for part in parts]]
    (names, forms), plain, addresses, persons = told
    legal = col.told(columns, "legal_form")
    legal = legal.of(col.mapped(legal.values, lambda value: legal_form.match_form(value, None)))
    known = flat(legal.then(forms), len(columns), rules, repeated=True)
    return Table(len(columns), names, persons, known, addresses, plain)


def flats(columns: pl.DataFrame, rules: Rules) -> dict[str, Flat]:
    """The fields that are plain values."""
    count = len(columns)
    out: dict[str, Flat] = {}
    codes = {"vat_number": col.vat, "tax_number": col.code, "lei": col.code, "iban": col.code}
    others = {"phone": col.phone, "birth_date": col.date}
    for name, form in (codes | others).items():
        values = told(columns, name)
        values = known(values.of(form(values.values)), name, rules)
        out[name] = flat(values, count, rules, repeated=False)
    out |= web_flats(columns, rules)
    places = told(columns, "city")
    places = places.of(col.mapped(places.values, lambda value: city.match_form(value, None)))
    out["city"] = flat(places, count, rules, repeated=True)
    posts = told(columns, "postcode")
    posts = known(posts.of(col.postcode(posts.values)), "postcode", rules)
    out["postcode"] = flat(posts, count, rules, repeated=True)
    lands = told(columns, "country")
    lands = lands.of(col.folded(lands.values, LONGEST).str.strip_chars())
    out["country"] = flat(lands, count, rules, repeated=True)
    return out


def web_flats(columns: pl.DataFrame, rules: Rules) -> dict[str, Flat]:
    """Mail addresses, and the web domains that are told or stand in them."""
    count = len(columns)
    mails = told(columns, "email")
    mails = known(mails.of(col.email(mails.values)), "email", rules)
    sites = told(columns, "website")
    sites = known(sites.of(col.host(sites.values)), "website", rules)
    kept = mails.once()
    domains = kept.of(col.mail_domain(kept.values))
    domains = domains.where(~domains.values.is_in(sorted(FREE_MAIL)).to_numpy())
    return {
        "email": flat(mails, count, rules, repeated=False),
        "website": flat(sites.once().then(domains), count, rules, repeated=True),
    }


def known(values: Told, field: str, rules: Rules) -> Told:
    """The values of a field that are no placeholders."""
    general = rules.placeholders.get("value", frozenset())
    return col.known(values, general | rules.placeholders.get(field, frozenset()))


def without(
    told: dict[str, Flat], columns: pl.DataFrame, rules: Rules, fields: Collection[str]
) -> dict[str, Flat]:
    """The fields of `flats` under rules that list more placeholders of some fields."""
    out = dict(told)
    for name in fields:
        if name == "email":  # a domain comes from a mail address too
            out |= web_flats(columns, rules)
            continue
        have = told[name]
        keep = ~have.text.is_in(sorted(rules.placeholders[name]))
        at = keep.to_numpy()
        rows = have.rows[at]
        out[name] = Flat(starts(rows, len(have.start) - 1), have.hashes[at], have.text.filter(keep))
    return out


def company_texts(values: Told) -> Told:
    """The names in every value as plain texts: `company_name.raw_parts`, joined."""
    text = values.values.str.slice(0, LONGEST)
    unspaced = list(company_name.UNSPACED_FORMS)
    if text.str.contains_any(unspaced).any():
        short = list(company_name.UNSPACED_FORMS.values())
        text = text.str.replace_many(unspaced, short, leftmost=True)
    text = col.folded(text, len(" kk ") * LONGEST)
    slashed = text.str.contains("/", literal=True)
    text = col.plain(col.only(text, slashed, trading_marked))
    hints = [" ".join(phrase) for told in company_name.phrases().values() for phrase, _ in told]
    hints += sorted(company_name.MARKERS)
    odd = text.str.contains_any(hints) | text.str.contains(INITIALS) | (text == "")
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


@dataclass(slots=True)
class Words:
    """The words of texts: the text and the position of each word, and its number among `known`."""

    text: Int32
    position: Int32
    number: NDArray[np.uint32]
    known: list[str]
    starts: Int64


def split(texts: pl.Series) -> Words:
    """The words of texts that are words between single spaces."""
    lists = texts.str.split(" ")
    sizes = lists.list.len().to_numpy().astype(np.int64)
    begin = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    owner = np.repeat(np.arange(len(texts), dtype=np.int32), sizes)
    distinct, number = col.numbered(lists.explode())
    position = (np.arange(len(owner)) - begin[owner]).astype(np.int32)
    return Words(owner, position, number, distinct.to_list(), begin)


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
    filler = np.array([raw in company_name.FILLERS for raw in words.known])[words.number]
    kept, form_at = core(words, form, filler)
    forms = Told(entries.rows, pl.Series(classes).gather(np.where(form_at < 0, 0, form[form_at])))
    texts = [company_name.spelling(raw) for raw in words.known]
    names, valid = name_table(entries, (words, texts, kept), len(columns), rules)
    forms = forms.where(valid)
    return names, forms.where((forms.values != "").to_numpy())


def form_classes(words: Sequence[str]) -> tuple[list[str], Int64]:
    """The classes of legal forms that come, "" before them, and the number of each word's."""
    table = legal_form.forms()
    classes = ["", *sorted({table[raw] for raw in words if raw in table})]
    number = {text: at for at, text in enumerate(classes)}
    return classes, np.array([number[table.get(raw, "")] for raw in words], dtype=np.int64)


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
    entries: Told, parts: tuple[Words, Sequence[str], NDArray[np.bool_]], count: int, rules: Rules
) -> tuple[Names, NDArray[np.bool_]]:
    """Names from the kept words of their texts, and which texts are names."""
    words, texts, kept = parts
    place = {text: at for at, text in enumerate(dict.fromkeys(texts))}
    listed = list(place)
    vocabulary = pl.Series(listed, dtype=pl.String)
    ids = np.array([place[text] for text in texts], dtype=np.int32)[words.number]
    owner, ids = first_words(words.text[kept], ids[kept], len(vocabulary))
    hashes = col.hashes(vocabulary, rules.hasher)
    begin = np.searchsorted(owner, np.arange(len(entries.rows)))
    spaced = joined_words(owner, vocabulary.gather(ids), " ")
    valid = ~spaced.is_in(sorted(rules.placeholders.get("name", ()))).to_numpy()
    said = np.array([text not in PLACEHOLDER_WORDS for text in listed])
    valid &= np.logical_or.reduceat(said[ids], begin)
    keys = sums(col.mixed(hashes, 1)[ids], begin)
    if len(entries.rows) != count or not valid.all():
        valid &= first_of_row(entries.rows, keys, valid)
    digits = np.array([text[0].isdigit() for text in listed])
    joined = spaced.str.replace_all(" ", "", literal=True)
    initials = joined_words(owner, vocabulary.str.slice(0, 1).gather(ids), "")
    acronym = np.where(initials.str.len_bytes() >= ACRONYM, initials.hash(1).to_numpy(), 0)
    bits = rules.words_bits(listed)
    names = Names(
        starts(entries.rows[valid], count),
        keys[valid],
        sums(np.where(digits, col.mixed(hashes, 1), 0)[ids], begin)[valid],
        joined.filter(pl.Series(valid)),
        entries.values.str.replace_all(" ", "", literal=True).hash(1).to_numpy()[valid],
        acronym[valid],
        joined.hash(1).to_numpy()[valid],
        *kept_words(owner, ids, valid),
        vocabulary,
        hashes,
        bits,
        np.add.reduceat(bits[ids].astype(np.int64), begin)[valid],
    )
    return names, valid


def first_of_row(rows: Int32, keys: Int64, valid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a name is the first of its row with its words."""
    listed = pl.DataFrame({"row": rows, "key": keys}).with_row_index("at").filter(pl.Series(valid))
    kept = listed.unique(subset=["row", "key"], keep="first", maintain_order=True)["at"].to_numpy()
    out = np.zeros(len(rows), dtype=np.bool_)
    out[kept] = True
    return out


def first_words(owner: Int32, ids: Int32, size: int) -> tuple[Int32, Int32]:
    """Each word of a text once, in order, and no more than are compared."""
    pair = owner.astype(np.int64) * size + ids
    order = np.argsort(pair, kind="stable")
    twice = order[1:][pair[order[1:]] == pair[order[:-1]]]
    if len(twice):
        keep = np.ones(len(owner), dtype=np.bool_)
        keep[twice] = False
        owner, ids = owner[keep], ids[keep]
    begin = np.flatnonzero(np.concatenate([[True], owner[1:] != owner[:-1]]))
    position = np.arange(len(owner)) - np.repeat(begin, np.diff(np.append(begin, len(owner))))
    few = position < MOST_WORDS
    return (owner, ids) if few.all() else (owner[few], ids[few])


def joined_words(owner: Int32, words: pl.Series, separator: str) -> pl.Series:
    """The words of each text, joined; `owner` rises and is the text of each word.

    One long text, joined and cut again, is four times as fast as grouping.
    """
    last = np.append(owner[1:] != owner[:-1], True)
    ended = words.zip_with(pl.Series(~last), words + "\n")
    told = ended.str.join(separator).str.strip_chars_end("\n").str.split(f"\n{separator}")
    return told.explode()


def sums(values: Int64, begin: Int64) -> Int64:
    """Sums of values over the words of each text, modulo 2**64."""
    return np.add.reduceat(values.view(np.uint64), begin).view(np.int64)


def kept_words(owner: Int32, ids: Int32, valid: NDArray[np.bool_]) -> tuple[Int32, Int32]:
    """Where the words of the valid texts begin, and the words."""
    if not valid.all():
        stay = valid[owner]
        owner, ids = (np.cumsum(valid) - 1)[owner[stay]].astype(np.int32), ids[stay]
    return starts(owner, int(valid.sum())), ids


def no_names(count: int) -> Names:
    """The table of a column that nobody filled."""
    none64, none32, unsigned = np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.uint64)
    text = pl.Series([], dtype=pl.String)
    return Names(
        np.zeros(count + 1, np.int32), none64, none64, text, unsigned, unsigned, unsigned,
        np.zeros(1, np.int32), none32, text, none64, np.zeros(0, np.int16), none64,
    )  # fmt: skip


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
    known = [street.word(raw) for raw in words.known]
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
        whose = pl.Series(np.unique(owner), dtype=pl.UInt32)
        joined = joined.scatter(whose, joined_words(owner, distinct.gather(told_ids), ""))
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
