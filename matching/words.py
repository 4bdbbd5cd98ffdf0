"""From a text to the words that are compared: folded to ASCII, cut, written in one way."""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

# Letters joined to their dots or apostrophes are one word: "S.A.R.L." is "sarl", "Int'l" "intl".
DOTTED = r"\b([a-z])\."
APOSTROPHES = "['`]"
NOT_A_WORD = "[^a-z0-9]+"
_DOTTED = re.compile(DOTTED)
_APOSTROPHES = re.compile(APOSTROPHES)
_NOT_A_WORD = re.compile(NOT_A_WORD)

PLURAL_FROM = 4
LONGEST = 400
"""Characters of a value that are compared: nobody's name is longer, and a broken cell may be."""


def trimmed(value: str, country: str | None = None) -> str:
    """The value without spaces around it and with single spaces inside."""
    return " ".join(value.split())


def ascii_lower(value: str) -> str:
    """The value in ASCII lower case, transliterated where it is in another script."""
    if value.isascii():
        return value.lower()
    return anyascii(value).lower()


def letters(value: str) -> str:
    """The text as words of a-z and 0-9 between single spaces."""
    return plain(ascii_lower(value[:LONGEST]))


def plain(text: str) -> str:
    """A text in ASCII lower case as words between single spaces."""
    if "  " not in text and text.replace(" ", "a").isalnum():
        return text.strip()
    text = _DOTTED.sub(r"\1", _APOSTROPHES.sub("", text))
    return _NOT_A_WORD.sub(" ", text.replace("&", " and ").replace("+", " and ")).strip()


def words(value: str) -> list[str]:
    """The words of a text in order; runs of single letters are one word ("A B C" is "abc")."""
    return joined_initials(letters(value).split())


def joined_initials(parts: list[str]) -> list[str]:
    """The words with every run of single letters made one word."""
    if 1 not in map(len, parts):
        return parts
    out: list[str] = []
    run = False
    for part in parts:
        single = len(part) == 1 and part.isalpha()
        if single and run:
            out[-1] += part
        else:
            out.append(part)
        run = single
    return out


@lru_cache(maxsize=200_000)
def spelled(word: str) -> str:
    """One spelling of a word: "mueller" and "muller", "services" and "service" are the same."""
    if word.isdigit():
        return word.lstrip("0") or "0"
    if "e" in word:
        word = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    word = word.replace("aa", "a")
    if len(word) > PLURAL_FROM and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return word
