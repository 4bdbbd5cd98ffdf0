"""Which column of any table is which field: by its header, else by what it holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from matching.forms import MOST_VALUES
from matching.headers import FURTHER_LANGUAGES, HEADERS
from matching.words import letters

JOINED = frozenset({"person_name", "street", "address", "legal_form"})
"""Fields whose columns, where there are several, are parts of one value."""
SEVERAL = frozenset({"street", "phone", "email", "tax_number", "vat_number", "iban"})
FURTHER = frozenset({"trading name"})
PERSON_PARTS = re.compile(
    r"\b(first|given|fore|last|sur|family|vor|nach)\s*name\b|\bsurname\b|\bforename\b"
    r"|\b(prenom|nom|apellidos?|cognome|nome|voornaam|achternaam|imie|nazwisko)\b"
    r"|\b(fornamn|efternamn|fornavn|etternavn)\b"
)
GIVEN_NAMES = frozenset(
    "first name|firstname|given name|forename|vorname|prenom|voornaam|imie|fornamn|fornavn".split(
        "|"
    )
)
PLAIN_NAMES = frozenset(("name", "nom", "nome", "naam", "apellidos"))
"""Headers of a name that is a family name where a given name stands beside it."""
ID_HEADERS = (
    "id", "record id", "key", "recid", "uid", "row id", "vendor id", "supplier id", "rec id",
    "vendor no", "vendor number", "supplier no", "supplier number", "lieferantennummer",
    "lieferanten nr", "kreditorennummer", "kreditoren nr", "kreditor nr", "lifnr",
)  # fmt: skip
SAMPLE = 2_000
CLEAR_SHARE = 0.7
NOT_COMPARED = frozenset({"date", "amount"})
"""What a column may hold that looks like a field and is none."""
NUMBERED = frozenset("no nr nbr num number numero numer nummer n".split())
"""Words of a header that say "number of", and not of what."""
NUMBERS = frozenset({"vat_number", "tax_number", "lei", "iban", "phone", "postcode"})
"""Fields that are numbers: "supplier no" is no name."""
ID_WORDS = NUMBERED | frozenset("id code codigo codice kod key ident identifiant".split())
ID_ENDINGS = ("nummer", "nr")
CONTENT: tuple[tuple[str, str], ...] = (
    ("email", r"^\S+@\S+\.\S+$"),
    ("website", r"^(https?://|www\.)\S+\.\S+$"),
    ("iban", r"^[A-Z]{2}\d{2}[ ]?([A-Z0-9]{4}[ ]?){2,7}[A-Z0-9]{0,4}$"),
    ("vat_number", r"^[A-Z]{2}[ ]?[A-Z0-9]{0,2}\d{6,10}[A-Z0-9]{0,3}$"),
    ("lei", r"^[A-Z0-9]{18}\d{2}$"),
    ("date", r"^(\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4})([T ][\d:.]+Z?)?$"),
    ("amount", r"^[+-]?\d+[.,]\d{1,2}$"),
    ("phone", r"^([+(0]\d|\d+[ ()/.\-])[\d ()/.\-]{5,18}\d$"),
    ("street", r"^(\d+\w?[ ,]+\p{L}.{3,}|\p{L}[\p{L} .'\-]{3,}\s\d+\s?\w?)$"),
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a table are which fields, and why."""

    id: str | None
    fields: Mapping[str, tuple[str, ...]]
    by_content: frozenset[str]
    """Fields recognised by what the column holds, not by its header."""
    unused: tuple[str, ...]


def header_words(header: str) -> str:
    """A header as plain words: "VendorName", "vendor_name" and "VENDOR NAME" are alike."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z][A-Za-z])", " ", header)
    return letters(re.sub("[°º]", " ", spaced))


def guess(table: pl.DataFrame, told: Mapping[str, Sequence[str]] | None = None) -> Columns:
    """The fields of the table's columns; what is told is kept as told."""
    fields: dict[str, list[str]] = {field: list(names) for field, names in (told or {}).items()}
    taken = {name for names in fields.values() for name in names}
    identity = id_column(table.select([name for name in table.columns if name not in taken]))
    free = [name for name in table.columns if name not in taken and name != identity]
    if not told:
        by_header(free, fields)
    taken = {name for names in fields.values() for name in names}
    content: set[str] = set()
    if not told:
        for name in [each for each in free if each not in taken]:
            field = by_content(table[name].head(SAMPLE))
            if field and field not in fields:
                fields[field] = [name]
                content.add(field)
        if "name" not in fields and "person_name" not in fields:
            rest = [n for n in free if n not in {c for names in fields.values() for c in names}]
            best = telling_text(table, rest)
            if best is not None:
                fields["name"] = [best]
                content.add("name")
    used = {name for names in fields.values() for name in names}
    unused = tuple(name for name in table.columns if name not in used and name != identity)
    kept = {field: tuple(names) for field, names in fields.items()}
    return Columns(identity, kept, frozenset(content), unused)


def id_column(table: pl.DataFrame) -> str | None:
    """The column that numbers the records, by its header.

    A header that only sounds like it ("Lieferantennummer", "Vendor No.") counts where it is of no
    field and every record has a number of its own.
    """
    plain = {header_words(name): name for name in reversed(table.columns)}
    known = next((plain[usual] for usual in ID_HEADERS if usual in plain), None)
    if known is not None:
        return known
    sounding = [name for name in table.columns if numbers_records(header_words(name))]
    return next((name for name in sounding if all_distinct(table[name])), None)


def numbers_records(plain: str) -> bool:
    """Whether a header that is of no field sounds like the number of a record."""
    if field_of(plain) is not None:
        return False
    told = plain.split()
    return not ID_WORDS.isdisjoint(told) or any(word.endswith(ID_ENDINGS) for word in told)


def all_distinct(values: pl.Series) -> bool:
    """Whether every row tells a value, and no two the same."""
    return not values.null_count() and values.n_unique() == len(values)


def by_header(names: Sequence[str], fields: dict[str, list[str]]) -> None:
    """Adds the columns whose header is that of a field.

    Parts of a street or a person's name go together, further values beside each other; of several
    headers of one other field the most usual one counts.
    """
    ranks: dict[str, int] = {}
    persons = any(header_words(name) in GIVEN_NAMES for name in names)
    for name in names:
        plain = header_words(name)
        field, rank = field_of(plain) or (None, 0)
        if persons and plain in PLAIN_NAMES:
            field = "person_name"
        if field is None:
            continue
        held = fields.get(field)
        if held is None:
            fields[field], ranks[field] = [name], rank
        elif field in SEVERAL or plain in FURTHER:
            held.append(name)
        elif field == "person_name":
            parts = [each for each in (*held, name) if part_of_name(header_words(each), persons)]
            fields[field] = parts if len(parts) > 1 else held
        elif rank < ranks[field]:
            further = [each for each in held if header_words(each) in FURTHER]
            fields[field], ranks[field] = [name, *further], rank


def part_of_name(plain: str, persons: bool) -> bool:
    """Whether a header is of a part of a person's name."""
    return bool(PERSON_PARTS.search(plain)) or (persons and plain in PLAIN_NAMES)


def field_of(plain: str) -> tuple[str, int] | None:
    """The field of a header in plain words, and how unusual the header is for it.

    "N° SIREN" is headed like "SIREN", and "Town/City" like either of its words.
    """
    known = headers()
    if plain in known:
        return known[plain]
    rest = [word for word in plain.split() if word not in NUMBERED]
    bare = known.get(" ".join(rest))
    if bare is not None and bare[0] in NUMBERS:
        return bare
    told = [known[word] for word in plain.split() if word in known]
    alike = len(told) == len(plain.split()) and len({field for field, _ in told}) == 1
    return max(told) if alike else None


@cache
def headers() -> dict[str, tuple[str, int]]:
    """The field of every known header in plain words, and how unusual the header is for it."""
    known: dict[str, tuple[str, int]] = {}
    for field, told in HEADERS.items():
        phrases = [*told.split("|"), *FURTHER_LANGUAGES.get(field, "").split("|")]
        for rank, phrase in enumerate(phrases):
            known.setdefault(header_words(phrase), (field, rank))
    return known


def by_content(values: pl.Series) -> str | None:
    """The field most values look like; None where they look like nothing known."""
    told = values.cast(pl.String, strict=False).drop_nulls().str.strip_chars()
    told = told.filter(told != "")
    if not len(told):
        return None
    for field, pattern in CONTENT:
        if int(told.str.contains(pattern).sum()) >= CLEAR_SHARE * len(told):
            return None if field in NOT_COMPARED else field
    return None


def telling_text(table: pl.DataFrame, names: Sequence[str]) -> str | None:
    """The text column with the most distinct values that are mostly letters."""
    best, most = None, 0
    for name in names:
        values = table[name].head(SAMPLE).cast(pl.String, strict=False).drop_nulls()
        wordy = values.filter(values.str.contains(r"\p{L}{3,}"))
        if len(wordy) * 2 > len(values) and wordy.n_unique() > most:
            best, most = name, wordy.n_unique()
    return best


def arranged(table: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """The table with a column per field, as the matching engine reads it."""
    out: dict[str, pl.Series] = {}
    for field, names in columns.fields.items():
        told = [table[name].cast(pl.String, strict=False) for name in names]
        if len(told) == 1:
            out[field] = told[0]
        elif field in JOINED:
            parts = pl.DataFrame([each.alias(str(at)) for at, each in enumerate(told)])
            out[field] = parts.select(
                pl.concat_str(pl.all(), separator=" ", ignore_nulls=True)
            ).to_series()
        else:
            out[field] = side_by_side(told)
    return (
        pl.DataFrame(out)
        if out
        else pl.DataFrame(pl.Series("name", [None] * len(table), pl.String))
    )


def side_by_side(columns: Sequence[pl.Series]) -> pl.Series:
    """The values of each row as a list; of many columns without the nulls, as few are compared."""
    parts = pl.DataFrame([each.alias(str(at)) for at, each in enumerate(columns)])
    listed = parts.select(pl.concat_arr(pl.all()).arr.to_list()).to_series()
    # Few nulls cost less to carry than to drop.
    return listed if len(columns) <= MOST_VALUES else listed.list.drop_nulls()
