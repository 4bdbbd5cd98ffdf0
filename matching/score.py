"""From two records in compared form to levels of agreement, bits, probability and verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from matching import fields
from matching.fields import (
    CODES,
    DIFFERENT,
    FIELDS,
    LIGHT,
    MISSING,
    POSITION,
    SISTER,
    SPELLING,
    identified,
)
from matching.forms import Form, Name, Street
from matching.hashing import mixed
from matching.rules import Rules

Levels = NDArray[np.int8]
"""A row per pair, a column per field: the level, -1 where it is not told."""
NO_MATCH, POSSIBLE_MATCH, MATCH = 0, 1, 2
UNTOLD = -1
VAT, LEI, IBAN = (POSITION[name] for name in ("vat_number", "lei", "iban"))
NAME, PERSON = POSITION["name"], POSITION["person_name"]
MOST_BITS = 60.0
"""Bits beyond which a probability is as good as certain."""
SPELLING_SIMILARITY = 0.8
SHORTEST = 3
"""Letters that a text has at least for another to count as its continuation."""


class Evidence(Sequence[str]):
    """The levels of pairs as text, written out only where asked for.

    One character per field, in the order of `fields.FIELDS`: its level, "." not told.
    """

    __slots__ = ("levels",)

    def __init__(self, levels: NDArray[np.int8]) -> None:
        self.levels = levels

    def __len__(self) -> int:
        return len(self.levels)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Evidence: ...
    def __getitem__(self, at: int | slice) -> str | Evidence:
        if isinstance(at, slice):
            return Evidence(self.levels[at])
        return "".join(MISSING if level < 0 else CODES[level] for level in self.levels[at].tolist())

    def __iter__(self) -> Iterator[str]:
        return iter(evidence_rows(self.levels))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Evidence) and np.array_equal(self.levels, other.levels)

    __hash__ = None  # type: ignore[assignment]  # as a list: equal by what it holds


@dataclass(slots=True)
class Verdicts:
    """Columns of what the rules say of pairs."""

    probability: NDArray[np.float64]
    verdict: NDArray[np.uint8]
    veto: NDArray[np.bool_]
    evidence: Evidence


def name_level(left: Name, right: Name, rules: Rules) -> int:
    """How far two names agree."""
    if left.key == right.key:
        common = left.key in rules.common or sum(left.bits) < fields.TELLING_BITS
        return fields.EQUAL_COMMON if common else fields.EQUAL
    if left.whole == right.whole or left.joined == right.joined:
        return SPELLING
    left_over, left_bits = left_overs(left, right.hashes)
    right_over, right_bits = left_overs(right, left.hashes)
    shared = sum(left.bits) - left_bits
    if left.initials == right.joined or right.initials == left.joined:
        return LIGHT
    if left_over and right_over:
        return two_sided(left_over, right_over, shared, left_bits + right_bits)
    further = left_bits + right_bits
    return LIGHT if further * 5 <= shared * 2 else fields.FURTHER


def left_overs(name: Name, other: Sequence[int]) -> tuple[str, int]:
    """The words that are not among the hashes of the other name, joined, and their worth."""
    text, bits = "", 0
    for word, each, worth in zip(name.words, name.hashes, name.bits, strict=True):
        if each not in other:
            text += word
            bits += worth
    return text, bits


def two_sided(left: str, right: str, shared: int, own: int) -> int:
    """The level of two names that each have words of their own."""
    if left == right or OSA.normalized_similarity(left, right) >= SPELLING_SIMILARITY:
        return SPELLING
    if min(len(left), len(right)) >= SHORTEST and (
        left.startswith(right) or right.startswith(left)
    ):
        return SPELLING if shared else LIGHT
    if shared * 2 >= own:
        return SISTER
    return fields.WEAK if shared else DIFFERENT


def number_level(left: Name, right: Name) -> int:
    """How far the numbers in two names agree."""
    if left.numbers == right.numbers:
        return 2 if left.numbers else UNTOLD
    return 0 if left.numbers and right.numbers else 1


def street_level(left: Street, right: Street, rules: Rules) -> int:
    """How far two addresses agree."""
    if left.key == right.key:
        if not left.number:
            return 3
        return 5 if left.key in rules.common else 6
    same_number = bool(left.number) and left.number == right.number
    told = bool(left.number) and bool(right.number)
    similarity = street_similarity(left.words, right.words)
    if same_number:
        return 4 if similarity >= SPELLING_SIMILARITY else 1
    if similarity >= SPELLING_SIMILARITY:
        return 2 if told else 3
    return 0


def street_similarity(left: str, right: str) -> float:
    """1 where one text begins the other (a street, and a street with its town)."""
    if left == right:
        return 1.0
    shorter, longer = (left, right) if len(left) <= len(right) else (right, left)
    if len(shorter) >= SHORTEST and longer.startswith(shorter):
        return 1.0
    return OSA.normalized_similarity(left, right)


def equal_level(field_name: str, rules: Rules) -> Callable[[str, str], int]:
    """The level function of a value that is equal or not, rare or held by many."""
    common = rules.common

    def level(left: str, right: str) -> int:
        if left != right:
            return 0
        if not common:
            return 2
        seed = rules.hasher.word(f"value {field_name}")
        return 1 if mixed(seed, rules.hasher.text(left)) in common else 2

    return level


def official_level(field_name: str, rules: Rules) -> Callable[[str, str], int]:
    """The level of numbers given by an authority: one shape, else they say nothing together."""
    equal = equal_level(field_name, rules)

    def level(left: str, right: str) -> int:
        if left == right:
            return 1 + equal(left, right)
        if OSA.normalized_similarity(left, right) >= SPELLING_SIMILARITY:
            return 1
        return 0 if shape(left) == shape(right) else UNTOLD

    return level


def shape(number: str) -> str:
    """Where a number has digits and where letters."""
    return "".join("9" if letter.isdigit() else "a" for letter in number)


def phone_level(rules: Rules) -> Callable[[str, str], int]:
    """Equal numbers as `equal_level` has it; a level between for the local part alone."""
    equal = equal_level("phone", rules)

    def level(left: str, right: str) -> int:
        if left == right:
            return 1 + equal(left, right)
        return 1 if left[-7:] == right[-7:] else 0

    return level


def city_level(left: str, right: str) -> int:
    """Equal; alike (misspelt, or one within the other); or different."""
    if left == right:
        return 2
    shorter, longer = (left, right) if len(left) <= len(right) else (right, left)
    if len(shorter) >= SHORTEST and longer.startswith(shorter):
        return 1
    return 1 if OSA.normalized_similarity(left, right) >= SPELLING_SIMILARITY else 0


def postcode_level(left: str, right: str) -> int:
    """Equal, alike in their first three characters, or different."""
    return 2 if left == right else int(left[:3] == right[:3])


def same_level(left: str, right: str) -> int:
    """Equal or different."""
    return int(left == right)


def levels(left: Form, right: Form, rules: Rules) -> list[int]:
    """The level of every field, in the order of `fields.FIELDS`; -1 where it is not told.

    Of several values the two that agree best count.
    """
    told = []
    for one, other, level in zip(
        compared_values(left), compared_values(right), comparisons(rules), strict=True
    ):
        if not one or not other:
            told.append(UNTOLD)
        elif len(one) == len(other) == 1:
            told.append(level(one[0], other[0]))
        else:
            told.append(max([level(a, b) for a in one for b in other]))
    return told


compared_values: Callable[[Form], tuple[Sequence[Any], ...]] = attrgetter(
    "names", "names", "forms", "persons", "streets", "cities", "postcodes", "countries", "vats",
    "taxes", "leis", "ibans", "phones", "emails", "domains", "dates",
)  # fmt: skip
"""Of every field the values that are compared, in the order of `fields.FIELDS`."""


def comparisons(rules: Rules) -> tuple[Callable[[Any, Any], int], ...]:
    """Of every field the level of two of its values, in the order of `fields.FIELDS`."""
    made: tuple[Callable[[Any, Any], int], ...] | None = rules.made.get("comparisons")
    if made is None:
        made = rules.made["comparisons"] = (
            lambda a, b: name_level(a, b, rules),
            number_level,
            same_level,
            lambda a, b: name_level(a, b, rules),
            lambda a, b: street_level(a, b, rules),
            city_level,
            postcode_level,
            same_level,
            official_level("vat_number", rules),
            official_level("tax_number", rules),
            equal_level("lei", rules),
            equal_level("iban", rules),
            phone_level(rules),
            equal_level("email", rules),
            equal_level("website", rules),
            equal_level("birth_date", rules),
        )
    return made


def evidence_of(told: Sequence[int]) -> str:
    """The levels as text, one character per field."""
    return "".join([MISSING if level < 0 else CODES[level] for level in told])


def judge(levels: NDArray[np.int8], rules: Rules) -> Verdicts:
    """Verdicts of pairs from their levels: a row per pair, a column per field, -1 not told."""
    bits = np.full(len(levels), rules.prior_bits)
    for at, each in enumerate(FIELDS):
        table = np.append(np.asarray(rules.weights[each.name], dtype=np.float64), 0.0)
        bits += table[levels[:, at]]
    probability = 1.0 / (1.0 + np.exp2(-np.clip(bits, -MOST_BITS, MOST_BITS)))
    equal = identified(levels)
    # Different VAT numbers or LEIs are two companies; with a slip in them, one may be misread.
    veto = (levels[:, (VAT, LEI)] == 0).any(axis=1) & ~equal
    if rules.auto_link == "best":
        veto[:] = False
    name = np.maximum(levels[:, NAME], levels[:, PERSON])
    other_name = (name >= 0) & (name <= fields.OTHER_NAME)
    shares = equal | (levels[:, IBAN] > 0)
    likely = probability >= rules.threshold
    if rules.auto_link == "identifiers":
        linked = likely & equal & ~other_name
    elif rules.auto_link == "probability":
        linked = likely & ~(other_name & shares)
    else:
        linked = likely
    possible = (probability >= rules.review) | (shares & other_name)
    verdict = np.where(linked, MATCH, np.where(possible, POSSIBLE_MATCH, NO_MATCH))
    verdict[veto] = NO_MATCH
    return Verdicts(probability, verdict.astype(np.uint8), veto, Evidence(levels))


def evidence_rows(levels: NDArray[np.int8]) -> list[str]:
    """The levels of many pairs as texts."""
    width = levels.shape[1]
    codes = np.where(levels < 0, ord(MISSING), levels + ord("0")).astype(np.uint8)
    text = codes.tobytes().decode("ascii")
    return [text[at : at + width] for at in range(0, len(text), width)]
