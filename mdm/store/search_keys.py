"""Narrow keys that carry all searching: a keyed hash of domain, field and match form."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from matching.kinds import KINDS
from mdm.model.domain import Domain
from mdm.model.field import Field, Privacy
from mdm.records import Document


def search_key(secret: bytes, domain: str, field: Field, value: object, country: str | None) -> int:
    """The signed 64-bit key under which records with this value of the field are found."""
    if field.privacy is Privacy.PROTECTED and isinstance(value, dict):
        form = str(value.get("fingerprint", ""))
    else:
        form = KINDS[field.kind].match_form(str(value), country) or str(value)
    said = f"{domain}\x1f{field.name}\x1f{form}".encode()
    return int.from_bytes(blake2b(said, digest_size=8, key=secret).digest(), "little", signed=True)


def search_keys(secret: bytes, domain: Domain, record: Document) -> set[int]:
    """Every key of a golden record; of a dated one, of all its slices."""
    keys: set[int] = set()
    for state in record.get("slices", (record,)):
        for field, value in _values(domain, state):
            keys.add(search_key(secret, domain.name, field, value, state.get("country")))
    return keys


def _values(domain: Domain, state: Document) -> Iterator[tuple[Field, object]]:
    for name, (child, field) in domain.lookups.items():
        holders = (state,) if child is None else state.get(child.name) or ()
        for holder in holders:
            value = holder.get(name)
            if value is not None and value != "":
                yield field, value
