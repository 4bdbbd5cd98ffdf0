"""Why two records are, or are not, the same: every field, every bit, and what would flip it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matching.blocking import KEY_FIELDS, KEY_NAMES
from matching.fields import FIELDS, MISSING, Field, identified
from matching.forms import Form, Row, values
from matching.online import levels_of, prepare
from matching.rules import Rules
from matching.score import MATCH, NO_MATCH, POSSIBLE_MATCH, Levels, Verdicts, judge

NOTHING_COUNTED: Mapping[int, int] = {}
OUTCOMES = ("no match", "a possible match", "a match")
VERDICTS = ("no_match", "possible_match", "match")
SOURCES = {
    "website": ("website", "email"),
    "street": ("street", "address"),
    "number": ("name",),
    "legal_form": ("legal_form", "name"),
}
STANDARD = {
    "name": "names",
    "number": "names",
    "legal_form": "forms",
    "person_name": "persons",
    "street": "streets",
    "city": "cities",
    "postcode": "postcodes",
    "country": "countries",
    "vat_number": "vats",
    "tax_number": "taxes",
    "lei": "leis",
    "iban": "ibans",
    "phone": "phones",
    "email": "emails",
    "website": "domains",
    "birth_date": "dates",
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one field says of a pair, in words, without its values."""

    field: str
    level: str
    meaning: str
    bits: float | None
    """None where it decides alone, as an equal code does."""


def spoken(evidence: str, rules: Rules) -> tuple[Spoken, ...]:
    """What every told field says, the weightiest first."""
    told = [
        words[int(code)]
        for words, code in zip(_words(rules), evidence, strict=True)
        if code != MISSING
    ]
    return tuple(sorted(told, key=lambda one: -abs(one.bits or 0.0)))


def _words(rules: Rules) -> tuple[tuple[Spoken, ...], ...]:
    """What every level of every field says."""
    made: tuple[tuple[Spoken, ...], ...] | None = rules.made.get("spoken")
    if made is None:
        made = rules.made["spoken"] = tuple(
            tuple(
                Spoken(each.name, level.name, level.meaning, bits)
                for level, bits in zip(each.levels, rules.weights[each.name], strict=True)
            )
            for each in FIELDS
        )
    return made


@dataclass(frozen=True, slots=True)
class FieldReason:
    """What one field says: raw and standardised values, level, bits."""

    field: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    left_standard: tuple[str, ...]
    right_standard: tuple[str, ...]
    level: str | None
    """None where a record has no value."""
    meaning: str
    bits: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """A key that more records have than may meet by it."""

    key: str
    values: Mapping[str, tuple[str, ...]]
    """The standardised values it is made of, by field."""
    records: int
    cap: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a pair got its verdict."""

    fields: tuple[FieldReason, ...]
    prior_bits: float
    bits: float
    probability: float
    threshold: float
    """Probability from which a pair is a match."""
    review: float
    """Probability from which a person is asked."""
    verdict: str
    veto: bool
    met_by: tuple[str, ...]
    """Names of the blocking keys both have; empty: they never meet."""
    never_met: str | None
    """Why they never meet; None where they do."""
    crowded: tuple[Crowd, ...]
    """The keys both have that too many records have."""
    because: str
    """Which rule gave the verdict."""
    flip: str
    """The smallest change that would turn the verdict."""


def explain(
    left: Row, right: Row, rules: Rules, counts: Mapping[int, int] = NOTHING_COUNTED
) -> Explanation:
    """Why these two records get their verdict; `counts`: how many records have a key of theirs."""
    one, other = prepare(left, rules), prepare(right, rules)
    levels = levels_of([one], [other], rules)
    verdicts = judge(levels, rules)
    reasons = tuple(
        reason(each, code, (left, right), (one, other), rules)
        for each, code in zip(FIELDS, verdicts.evidence[0], strict=True)
    )
    shared = set(one.keys) & set(other.keys)
    capped = {key for key in shared if counts.get(key, 0) > rules.key_cap}
    crowded = tuple(
        Crowd(name, key_in_words(one, kind), counts[key], rules.key_cap)
        for key, kind in one.keys.items()
        if key in capped
        for name in (KEY_NAMES[kind],)
    )
    bits = rules.prior_bits + sum(each.bits for each in reasons)
    return Explanation(
        fields=reasons,
        prior_bits=rules.prior_bits,
        bits=bits,
        probability=float(verdicts.probability[0]),
        threshold=rules.threshold,
        review=rules.review,
        verdict=VERDICTS[int(verdicts.verdict[0])],
        veto=bool(verdicts.veto[0]),
        met_by=names_of(shared - capped, one),
        never_met=why_not(shared, names_of(capped, one)) if shared == capped else None,
        crowded=crowded,
        because=because(levels, verdicts, rules),
        flip=smallest_flip(levels, int(verdicts.verdict[0]), rules),
    )


def reason(
    each: Field, code: str, rows: tuple[Row, Row], forms: tuple[Form, Form], rules: Rules
) -> FieldReason:
    """What one field says of the pair."""
    raw = [
        tuple(
            value
            for source in SOURCES.get(each.name, (each.name,))
            for value in values(row, source)
        )
        for row in rows
    ]
    level = None if code == "." else each.levels[int(code)]
    return FieldReason(
        each.name,
        raw[0],
        raw[1],
        standard(forms[0], each.name),
        standard(forms[1], each.name),
        level.name if level else None,
        level.meaning if level else "not told by both",
        rules.weights[each.name][int(code)] if level else 0.0,
    )


def standard(form: Form, name: str) -> tuple[str, ...]:
    """The values of a field as they are compared."""
    told = getattr(form, STANDARD[name])
    if name == "number":
        digits = {word for each in form.names for word in each.words if word[0].isdigit()}
        return tuple(sorted(digits))
    if name in ("name", "person_name"):
        return tuple(" ".join(each.words) for each in told)
    if name == "street":
        return tuple(f"{each.number} {each.words}".strip() for each in told)
    return tuple(told)


def key_in_words(form: Form, kind: int) -> dict[str, tuple[str, ...]]:
    """The standardised values that keys of a kind are made of, by field."""
    told = {field: standard(form, field) for field in KEY_FIELDS[kind]}
    return {field: values for field, values in told.items() if values}


def names_of(keys: set[int], form: Form) -> tuple[str, ...]:
    """The names of keys, in the order of the table of keys."""
    kinds = {kind for key, kind in form.keys.items() if key in keys}
    return tuple(KEY_NAMES[kind] for kind in sorted(kinds))


def why_not(shared: set[int], capped: tuple[str, ...]) -> str:
    """One sentence: why two records never met."""
    if not shared:
        return "They share no blocking key: no identifier, name, address or contact is alike."
    return f"They share only keys that too many records have: {', '.join(capped)}."


def because(levels: Levels, said: Verdicts, rules: Rules) -> str:
    """One sentence: which rule gave the pair its verdict."""
    probability, verdict = float(said.probability[0]), int(said.verdict[0])
    chance = f"The probability, {percent(probability)},"
    if said.veto[0]:
        return "Valid tax identifiers or LEIs differ: these are two, whatever else agrees."
    if verdict == MATCH:
        also = rules.auto_link == "identifiers"
        rest = " and an equal VAT number, tax number or LEI stands under a likely name"
        return f"{chance} reaches {percent(rules.threshold)}{rest if also else ''}."
    if probability >= rules.threshold and rules.auto_link == "identifiers":
        if not identified(levels)[0]:
            return (
                f"{chance} reaches {percent(rules.threshold)}, but only an equal VAT number, tax"
                " number or LEI joins without a person until enough has been decided."
            )
    elif rules.review <= probability < rules.threshold:
        return f"{chance} is between {percent(rules.review)} and {percent(rules.threshold)}."
    elif verdict == NO_MATCH:
        return f"{chance} is below {percent(rules.review)}, from which a person is asked."
    return "An equal identifier or bank account stands under another name: a person decides."


def percent(probability: float) -> str:
    """A probability as people read it; never 100 or 0, for rules are never certain."""
    shown = f"{min(max(probability * 100, 0.1), 99.9):.1f}".removesuffix(".0")
    return f"{shown} %"


def smallest_flip(levels: Levels, verdict: int, rules: Rules) -> str:
    """The one field whose change would turn the verdict with the fewest bits."""
    rows, changes = one_field_changed(levels)
    said = judge(rows, rules).verdict
    bits = [
        weight(at, level, rules) - weight(at, int(levels[0, at]), rules) for at, level in changes
    ]
    turned = ((POSSIBLE_MATCH, NO_MATCH),) if verdict == MATCH else ((MATCH,), (POSSIBLE_MATCH,))
    for would in turned:
        options = [
            (abs(bits[row]), at, level, int(said[row]))
            for row, (at, level) in enumerate(changes)
            if int(said[row]) in would and int(said[row]) != verdict
        ]
        if options:
            _, at, level, then = min(options)
            return f"It would be {OUTCOMES[then]} if {change_in_words(at, level)}."
    return "No single field would turn the verdict."


def one_field_changed(levels: Levels) -> tuple[Levels, list[tuple[int, int]]]:
    """The pair with each field at each other level, or not told; and (field, level) of each."""
    changes = [
        (at, level)
        for at, each in enumerate(FIELDS)
        for level in range(-1, len(each.levels))
        if level != int(levels[0, at])
    ]
    rows = np.repeat(levels, len(changes), axis=0)
    for row, (at, level) in enumerate(changes):
        rows[row, at] = level
    return rows, changes


def weight(at: int, level: int, rules: Rules) -> float:
    """The bits of a field's level; none where it is not told."""
    return rules.weights[FIELDS[at].name][level] if level >= 0 else 0.0


def change_in_words(at: int, level: int) -> str:
    """What would have to be so."""
    name = FIELDS[at].name.replace("_", " ")
    if level < 0:
        return f"one of them told no {name}"
    return f"{name} said: {FIELDS[at].levels[level].meaning}"
