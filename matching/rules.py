"""Rules: everything that decides a verdict, in one readable, versioned value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Literal

from matching.fields import FIELDS, INPUTS
from matching.hashing import Hasher
from matching.vocabulary import COMMON_WORDS, PLACEHOLDERS

ENGINE = 2
"""Raised with whatever makes the same rules say something else of the same records: how values are
cleaned, keyed or compared. What another engine matched wants a re-match."""

AutoLink = Literal["identifiers", "probability", "best"]


class BadRules(ValueError):
    """The text is not a set of matching rules that this version can read."""


@dataclass(frozen=True)
class Rules:
    """What decides a verdict; `version` is the hash of all of it but the secret."""

    domain: str
    weights: Mapping[str, tuple[float, ...]]
    """Bits of each level of each field, worst level first; a missing value is worth none."""
    prior_bits: float
    """Bits of a pair before anything is compared."""
    threshold: float = 0.5
    """Probability from which a pair is a match."""
    review: float = 0.1
    """Probability from which a pair is worth a person's look."""
    auto_link: AutoLink = "probability"
    """What a match needs besides its probability.

    `identifiers`: an equal VAT number, tax number or LEI; `probability`: nothing, but an equal
    identifier or bank account under another name is for a person; `best`: nothing at all.
    """
    key_cap: int = 50
    """Records a blocking key may have; a key with more is reported and makes no pairs."""
    wide: bool = False
    """Whether weak kinds of keys are used too: for bodies so small that their pairs cost little."""
    common_from: int = 4
    """Records from which a value counts as held by many."""
    common: Mapping[int, int] = field(default_factory=dict)
    """Hashes of values held by many records, with how many."""
    words: Mapping[str, int] = field(default_factory=dict)
    """Tenths of bits that a word of a name is worth; a word not listed, `rare_word`."""
    rare_word: int = 110
    placeholders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Values by field that stand for "not known"."""
    secret: bytes = b""
    """Seed of the keyed hashes; no part of the version and never written out."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Rules travel to another process as their text, without what was derived from them."""
        return load, (dump(self), self.secret)

    @cached_property
    def version(self) -> str:
        """Content hash of everything that affects a verdict."""
        return blake2b(dump(self).encode(), digest_size=16).hexdigest()

    @cached_property
    def hasher(self) -> Hasher:
        """The keyed hash of these rules."""
        return Hasher(self.secret)

    @cached_property
    def no_values(self) -> Mapping[str, frozenset[str]]:
        """By field, every value that stands for "not known"."""
        anywhere = self.placeholders.get("value", frozenset())
        return {name: anywhere | self.placeholders.get(name, frozenset()) for name in INPUTS}

    @cached_property
    def bits(self) -> tuple[tuple[float, ...], ...]:
        """Bits by place of the field and of the level; the last is for -1, "not told"."""
        return tuple((*self.weights[each.name], 0.0) for each in FIELDS)

    @cached_property
    def seen(self) -> dict[tuple[str, str], Any]:
        """Compared forms of values met lately: records that meet often tell the same."""
        return {}

    @cached_property
    def made(self) -> dict[str, Any]:
        """What others derive from these rules once."""
        return {}

    def word_bits(self, word: str) -> int:
        """Tenths of bits the word is worth."""
        return self.words.get(word, self.rare_word)

    def with_secret(self, secret: bytes) -> Rules:
        """The same rules under another secret; hashes of common values do not carry over."""
        return replace(self, secret=secret, common={})


def default_rules(domain: str = "supplier", secret: bytes = b"") -> Rules:
    """The shipped rules: a prior, before the data or a person have said anything."""
    return Rules(
        domain=domain,
        weights=MappingProxyType({f.name: tuple(level.bits for level in f.levels) for f in FIELDS}),
        prior_bits=-4.0,
        words=MappingProxyType(dict(COMMON_WORDS)),
        placeholders=MappingProxyType(dict(PLACEHOLDERS)),
        secret=secret,
    )


def dump(rules: Rules) -> str:
    """The rules as readable JSON, without the secret; the same text for the same rules."""
    told: dict[str, Any] = {
        "domain": rules.domain,
        "engine": ENGINE,
        "auto_link": rules.auto_link,
        "threshold": rules.threshold,
        "review": rules.review,
        "prior_bits": rules.prior_bits,
        "weights": {
            f.name: {
                level.name: bits
                for level, bits in zip(f.levels, rules.weights[f.name], strict=True)
            }
            for f in FIELDS
        },
        "key_cap": rules.key_cap,
        "wide": rules.wide,
        "common_from": rules.common_from,
        "rare_word": rules.rare_word,
        "placeholders": {name: sorted(told) for name, told in sorted(rules.placeholders.items())},
        "words": dict(sorted(rules.words.items())),
        "common": {str(key): count for key, count in sorted(rules.common.items())},
    }
    return json.dumps(told, indent=1, ensure_ascii=False)


def of_this_engine(text: str) -> bool:
    """Whether what `dump` wrote ran, or is to run, on the engine as it is now."""
    return bool(json.loads(text).get("engine") == ENGINE)


def load(text: str, secret: bytes = b"") -> Rules:
    """Rules from what `dump` wrote; BadRules where a field or level is missing or unknown."""
    try:
        told = json.loads(text)
        weights = {
            f.name: tuple(float(told["weights"][f.name][level.name]) for level in f.levels)
            for f in FIELDS
        }
        return Rules(
            domain=told["domain"],
            weights=MappingProxyType(weights),
            prior_bits=float(told["prior_bits"]),
            threshold=float(told["threshold"]),
            review=float(told["review"]),
            auto_link=told["auto_link"],
            key_cap=int(told["key_cap"]),
            wide=bool(told["wide"]),
            common_from=int(told["common_from"]),
            common={int(key): int(count) for key, count in told["common"].items()},
            words={str(word): int(bits) for word, bits in told["words"].items()},
            rare_word=int(told["rare_word"]),
            placeholders={name: frozenset(values) for name, values in told["placeholders"].items()},
            secret=secret,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadRules(f"These matching rules cannot be read: {error!r}.") from error
