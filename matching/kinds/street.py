"""Streets: a house number and the words of a street, kinds of street written in one way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from matching.kinds.kind import Kind, no_problem
from matching.words import spelled, trimmed, words

TYPES = frozenset(
    "street st str strasse straat rue via calle c avenue ave av avenida road rd drive dr lane ln "
    "court ct place "
    "pl plaza platz square sq highway hwy parkway pkwy parkwy boulevard blvd blv bd bvd way weg "
    "wy terrace ter "
    "circle cir trail trl allee alley gasse ulica ul piazza viale corso paseo rua chemin ch quai "
    "gata gatan vej vei "
    "katu laan plein no nr num numero ctra carretera avda avd carrer route rte impasse strada "
    "vicolo aleja al plac praca travessa estrada ulitsa prospekt".split()
)
ENDINGS = ("strasse", "straat", "str")
DIRECTIONS = {
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
}
ORDINALS = {
    "first": "1th",
    "second": "2th",
    "third": "3th",
    "fourth": "4th",
    "fifth": "5th",
    "sixth": "6th",
    "seventh": "7th",
    "eighth": "8th",
    "ninth": "9th",
    "tenth": "10th",
    "eleventh": "11th",
    "twelfth": "12th",
}
SPELLINGS = {
    "saint": "st",
    "mount": "mt",
    "fort": "ft",
    "postfach": "pobox",
    "box": "pobox",
    "bp": "pobox",
    "po": "pobox",
}
# What follows one of these is a part of a building, not the street.
ROOMS = frozenset(
    "suite ste apt apartment unit floor fl room rm bldg building flat etage stock og top".split()
)


@dataclass(frozen=True, slots=True)
class Word:
    """What is known of a word in a street."""

    text: str
    number: str
    """The digits it begins with, where it can be a house number."""
    type: bool
    direction: bool
    room: bool


@lru_cache(maxsize=500_000)
def word(raw: str) -> Word:
    """What is known of a raw word; the batch calls it once per distinct word."""
    text = ORDINALS.get(raw) or DIRECTIONS.get(raw) or SPELLINGS.get(raw) or spelled(raw)
    digits = raw[: len(raw) - len(raw.lstrip("0123456789"))]
    tail = raw[len(digits) :]
    if digits and tail in ("st", "nd", "rd", "th"):
        return Word(f"{digits}th", "", False, False, False)
    if digits:
        number = digits.lstrip("0") or "0"
        return Word(number + tail, number, False, False, False)
    for ending in ENDINGS:
        if raw.endswith(ending) and len(raw) > len(ending) + 2:
            text = spelled(raw.removesuffix(ending))
            break
    direction = text in ("n", "s", "e", "w", "ne", "nw", "se", "sw")
    return Word(text, "", raw in TYPES, direction, raw in ROOMS)


@dataclass(frozen=True, slots=True)
class Parts:
    """A street taken apart."""

    number: str
    words: tuple[str, ...]
    direction: str


def parts(value: str) -> Parts:
    """House number (the first word that begins with digits), street words, direction."""
    told = [word(raw) for raw in words(value)]
    number = next((known.number for known in told if known.number), "")
    own: list[str] = []
    kinds: list[str] = []
    direction = ""
    for known in told:
        if known.number or known.room:
            continue
        if known.direction:
            direction = direction or known.text
        elif known.type:
            kinds.append(known.text)
        elif known.text not in own:
            own.append(known.text)
    return Parts(number, tuple(own or kinds[:1]), direction)


def match_form(value: str, country: str | None) -> str:
    """House number, direction and words of the street."""
    told = parts(value)
    return " ".join(part for part in (told.number, told.direction, *told.words) if part)


KIND = Kind("street", trimmed, no_problem, match_form)
