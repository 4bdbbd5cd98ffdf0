"""How often words and values come in the data itself: what is rare tells more than the common."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np

from matching.columns import Int64, mixed, words_bits
from matching.rules import Rules
from matching.table import Names, Table

MOST_BITS = 24.0
LEAST_TENTHS = 10
MOST_LISTED = 200_000
"""Words and values kept in rules, the most frequent ones: rules stay readable and small."""
VALUES = ("vat_number", "tax_number", "lei", "iban", "phone", "email", "website", "birth_date")


def counted(table: Table, rules: Rules) -> Rules:
    """The rules with the words and the common values of this data."""
    words: dict[str, int] = {}
    for names in (table.names, table.persons):
        words |= word_worth(names, table.rows)
    rarest = max(LEAST_TENTHS, round(10 * min(MOST_BITS, np.log2(max(table.rows, 2)))))
    return replace(
        rules,
        words=MappingProxyType(words),
        rare_word=rarest,
        common=MappingProxyType(common_values(table, rules)),
    )


def word_worth(names: Names, rows: int) -> dict[str, int]:
    """Tenths of bits of every word that more than one name has: log2(records / names with it)."""
    count = np.bincount(names.word_ids, minlength=len(names.vocabulary))
    often = np.flatnonzero(count > 1)
    often = often[np.argsort(-count[often], kind="stable")][:MOST_LISTED]
    bits = np.minimum(MOST_BITS, np.log2(np.maximum(rows / count[often], 1.0)))
    tenths = np.maximum(LEAST_TENTHS, np.rint(10 * bits)).astype(np.int64)
    return dict(zip(names.vocabulary.gather(often).to_list(), tenths.tolist(), strict=True))


def common_values(table: Table, rules: Rules) -> dict[int, int]:
    """The hashes of values that many records hold, with how many."""
    columns: list[Int64] = [table.names.keys, table.persons.keys, table.streets.keys]
    for name in VALUES:
        seed = rules.hasher.word(f"value {name}")
        hashes = table.flats[name].hashes
        columns.append(mixed(np.full(len(hashes), seed, dtype=np.int64), hashes))
    ordered = np.sort(np.concatenate(columns))
    if not len(ordered):
        return {}
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(np.append(first, len(ordered)))
    many = np.flatnonzero(sizes >= rules.common_from)
    many = many[np.argsort(-sizes[many], kind="stable")][:MOST_LISTED]
    return dict(zip(ordered[first[many]].tolist(), sizes[many].tolist(), strict=True))


def reweighted(table: Table, rules: Rules) -> Table:
    """The table with its words worth what the rules say."""
    return replace(
        table, names=_reweighted(table.names, rules), persons=_reweighted(table.persons, rules)
    )


def _reweighted(names: Names, rules: Rules) -> Names:
    if not len(names.keys):
        return names
    bits = words_bits(names.vocabulary, rules)
    worth = np.add.reduceat(bits[names.word_ids].astype(np.int64), names.word_start[:-1])
    return replace(names, word_bits=bits, worth=worth)
