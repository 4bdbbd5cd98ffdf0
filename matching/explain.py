"""Why two records are, or are not, the same: every field, every bit, and what would flip it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matching.blocking import KEY_NAMES, named_keys
from matching.fields import FIELDS, MISSING, Field
from matching.forms import Form, Row, values
from matching.online import compare, prepare
from matching.rules import Rules
from matching.score import MATCH, NO_MATCH

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
        Spoken(
            each.name,
            each.levels[int(code)].name,
            each.levels[int(code)].meaning,
            rules.weights[each.name][int(code)],
        )
        for each, code in zip(FIELDS, evidence, strict=True)
        if code != MISSING
    ]
    return tuple(sorted(told, key=lambda one: -abs(one.bits or 0.0)))


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
class Explanation:
    """Why a pair got its verdict."""

    fields: tuple[FieldReason, ...]
    prior_bits: float
    bits: float
    probability: float
    threshold: float
    verdict: str
    veto: bool
    met_by: tuple[str, ...]
    """Names of the blocking keys both have; empty: they never meet."""
    never_met: str | None
    """Why they never meet; None where they do."""
    flip: str
    """The smallest change that would turn the verdict."""


def explain(left: Row, right: Row, rules: Rules, over_common: Iterable[int] = ()) -> Explanation:
    """Why these two records get their verdict; `over_common`: keys that make no pairs."""
    one, other = prepare(left, rules), prepare(right, rules)
    verdicts = compare([one], [other], rules)
    reasons = tuple(
        reason(each, code, (left, right), (one, other), rules)
        for each, code in zip(FIELDS, verdicts.evidence[0], strict=True)
    )
    shared = set(one.keys) & set(other.keys)
    capped = shared & set(over_common)
    bits = rules.prior_bits + sum(each.bits for each in reasons)
    return Explanation(
        fields=reasons,
        prior_bits=rules.prior_bits,
        bits=bits,
        probability=float(verdicts.probability[0]),
        threshold=rules.threshold,
        verdict=VERDICTS[int(verdicts.verdict[0])],
        veto=bool(verdicts.veto[0]),
        met_by=names_of(shared - capped, one, rules),
        never_met=why_not(shared, names_of(capped, one, rules)) if shared == capped else None,
        flip=smallest_flip(reasons, bits, int(verdicts.verdict[0]), bool(verdicts.veto[0])),
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


def names_of(keys: set[int], form: Form, rules: Rules) -> tuple[str, ...]:
    """The names of keys, in the order of the table of keys."""
    kinds = {kind for kind, key in named_keys(form, rules) if key in keys}
    return tuple(KEY_NAMES[kind] for kind in sorted(kinds))


def why_not(shared: set[int], capped: tuple[str, ...]) -> str:
    """One sentence: why two records never met."""
    if not shared:
        return "They share no blocking key: no identifier, name, address or contact is alike."
    return f"They share only keys that too many records have: {', '.join(capped)}."


def smallest_flip(reasons: tuple[FieldReason, ...], bits: float, verdict: int, veto: bool) -> str:
    """The one field whose change would turn the verdict with the fewest bits."""
    if veto:
        return "The valid tax identifiers differ; if they were equal, the rest would decide."
    rising = verdict != MATCH
    options = []
    by_name = {each.name: each for each in FIELDS}
    for each in reasons:
        for level in by_name[each.field].levels:
            change = level.bits - each.bits
            if (bits + change > 0) == rising and level.name != each.level:
                options.append((abs(change), each.field, level.meaning))
    if not options:
        return "No single field would turn the verdict."
    _, name, meaning = min(options)
    would = "no match" if verdict != NO_MATCH and not rising else "a match"
    return f"It would be {would} if {name.replace('_', ' ')} said: {meaning}."
