"""Narrow keys that carry all searching: a keyed hash of domain, field and match form."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b

from matching.kinds import KINDS
from matching.vocabulary import COMMON_WORDS
from mdm.model.domain import Domain
from mdm.model.field import Field, Privacy
from mdm.records import Document

Told = tuple[Field, object, str | None]
REPEATED = frozenset({"country", "city", "postcode", "code"})
"""Kinds whose values many records share: their keys are remembered."""
UNCOMMON = 100
"""Tenths of bits of a word that is not listed as common."""


def search_key(secret: bytes, domain: str, field: Field, value: object, country: str | None) -> int:
    """The signed 64-bit key under which records with this value of the field are found."""
    if field.privacy is Privacy.PROTECTED and isinstance(value, dict):
        return _hashed(secret, domain, field.name, str(value.get("fingerprint", "")))
    find = _remembered if field.kind in REPEATED else _key
    return find(secret, domain, field.name, (field.kind, str(value), country))


def _key(secret: bytes, domain: str, field: str, told: tuple[str, str, str | None]) -> int:
    kind, value, country = told
    return _hashed(secret, domain, field, KINDS[kind].match_form(value, country) or value)


_remembered = lru_cache(maxsize=65_536)(_key)


def _hashed(secret: bytes, domain: str, field: str, form: str) -> int:
    said = f"{domain}\x1f{field}\x1f{form}".encode()
    return int.from_bytes(blake2b(said, digest_size=8, key=secret).digest(), "little", signed=True)


def search_keys(secret: bytes, domain: Domain, record: Document) -> set[int]:
    """Every key of a golden record; of a dated one, of all its slices."""
    return {key for told in _told(domain, record) for key in _keys_of(secret, domain, told)}


def turned_keys(
    secret: bytes, domain: Domain, before: Document, after: Document
) -> tuple[set[int], set[int]]:
    """The keys that only the first of two states has, and those that only the second has.

    A field that tells the same in both has the same keys: those are not made.
    """
    states: list[dict[str, list[Told]]] = [{}, {}]
    for held, record in zip(states, (before, after), strict=True):
        for told in _told(domain, record):
            held.setdefault(told[0].name, []).append(told)
    old, new = states
    differing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    gone, begun = (
        {
            key
            for name in differing
            for told in held.get(name, ())
            for key in _keys_of(secret, domain, told)
        }
        for held in states
    )
    return gone - begun, begun - gone


def _keys_of(secret: bytes, domain: Domain, told: Told) -> Iterator[int]:
    field, value, country = told
    yield search_key(secret, domain.name, field, value, country)
    if field.match == "name":
        word = telling_word(name_words(field, str(value), country))
        yield word_key(secret, domain.name, field, word)


def _told(domain: Domain, record: Document) -> Iterator[Told]:
    """What a record is found by: field, value, and the country in whose light it is read."""
    for state in record.get("slices", (record,)):
        country = state.get("country")
        for child, fields in domain.lookups_by_holder:
            for holder in (state,) if child is None else state.get(child) or ():
                for field in fields:
                    value = holder.get(field.name)
                    if value is not None and value != "":
                        yield field, value, country


def name_words(field: Field, value: str, country: str | None = None) -> list[str]:
    """The words of a name as they are compared; legal forms and fillers are none."""
    return KINDS[field.kind].match_form(value, country).split()


def telling_word(words: list[str]) -> str:
    """The word that tells most of a name, for people search by it wherever it stands."""
    return max(words, key=lambda one: (COMMON_WORDS.get(one, UNCOMMON), len(one), one), default="")


def word_key(secret: bytes, domain: str, field: Field, word: str) -> int:
    """The key under which names are found of which this is the word that tells most."""
    return _hashed(secret, domain, f"word of {field.name}", word)
