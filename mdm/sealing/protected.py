"""What stands in a document instead of a protected value: its masked text and its fingerprint."""

from __future__ import annotations

from mdm.records import Document, SealedValue
from mdm.sealing.keys import Keys

DOT = "•"
SHOWN = 4
"""Characters at the end of an account that are shown, at most a third of it."""
IBAN_LENGTHS = range(15, 35)


def mask(value: str) -> str:
    """The value as people see it: "DE•• •••• 3000" of an IBAN, "•••• 321" of a short number."""
    shown = min(SHOWN, len(value) // 3)
    tail = value[len(value) - shown :]
    if len(value) in IBAN_LENGTHS and value[:2].isalpha() and value[2:4].isdigit():
        return f"{value[:2]}{DOT * 2} {DOT * 4} {tail}"
    return f"{DOT * 4} {tail}".rstrip()


def protect(keys: Keys, value: str) -> tuple[Document, SealedValue]:
    """What the document carries instead of the value, and the value for the vault."""
    fingerprint = keys.fingerprint(value)
    sealed = keys.seal(value.encode(), fingerprint.encode())
    document = {"masked": mask(value), "fingerprint": fingerprint}
    return document, SealedValue(fingerprint, sealed)


def reveal(keys: Keys, held: SealedValue) -> str:
    """The protected value in clear; MissingKeys where it was sealed with keys we do not have."""
    return keys.unseal(held.sealed, held.fingerprint.encode()).decode()


def is_protected(value: object) -> bool:
    """Whether this stands for a protected value."""
    return isinstance(value, dict) and "fingerprint" in value
