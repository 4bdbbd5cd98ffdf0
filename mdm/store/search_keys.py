"""Narrow keys that carry all searching: a keyed hash of domain, field and match form."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

from matching.kinds import KINDS
from matching.vocabulary import COMMON_WORDS
from mdm.model.domain import Domain
from mdm.model.field import Field, Privacy
from mdm.records import Document

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
    name = domain.name
    keys: set[int] = set()
    for state in record.get("slices", (record,)):
        country = state.get("country")
        for child, fields in domain.lookups_by_holder:
            for holder in (state,) if child is None else state.get(child) or ():
                for field in fields:
                    value = holder.get(field.name)
                    if value is not None and value != "":
                        keys.add(search_key(secret, name, field, value, country))
                        if field.match == "name":
                            word = telling_word(name_words(field, str(value), country))
                            keys.add(word_key(secret, name, field, word))
    return keys


def name_words(field: Field, value: str, country: str | None = None) -> list[str]:
    """The words of a name as they are compared; legal forms and fillers are none."""
    return KINDS[field.kind].match_form(value, country).split()


def telling_word(words: list[str]) -> str:
    """The word that tells most of a name, for people search by it wherever it stands."""
    return max(words, key=lambda one: (COMMON_WORDS.get(one, UNCOMMON), len(one), one), default="")


def word_key(secret: bytes, domain: str, field: Field, word: str) -> int:
    """The key under which names are found of which this is the word that tells most."""
    return _hashed(secret, domain, f"word of {field.name}", word)
