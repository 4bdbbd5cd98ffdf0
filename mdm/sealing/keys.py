"""The keys that seal protected values and hash what must be compared without being read.

Sealing is AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; what the value is about goes in
as associated data, so that a sealed value moved elsewhere does not open. Hashes are keyed BLAKE2b
(RFC 7693); each purpose has its own personalisation, so that one hash says nothing of another.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mdm.errors import MissingKeys

NONCE = 12
KEY_ID = 4


@dataclass(frozen=True)
class Keys:
    """All keys of a hub: the first sealing key writes, every one reads; hashes have their own."""

    sealing: Mapping[bytes, bytes]
    """256-bit keys by their 4-byte id, the one that writes first."""
    blind: bytes
    """Key of every hash; changing it would change every fingerprint."""
    _ciphers: dict[bytes, AESGCM] = field(default_factory=dict, compare=False, repr=False)

    def __reduce__(self) -> tuple[type[Keys], tuple[Mapping[bytes, bytes], bytes]]:
        """Ciphers do not travel to worker processes; they are made there again."""
        return (Keys, (self.sealing, self.blind))

    def __repr__(self) -> str:
        """No key is ever shown."""
        return f"Keys({len(self.sealing)} sealing keys)"

    @property
    def match_secret(self) -> bytes:
        """Seed of match keys and search keys."""
        return self._hash(b"match", b"", 16)

    @property
    def check(self) -> str:
        """A hash that tells whether a key file belongs to a database."""
        return self._hash(b"check", b"", 16).hex()

    def fingerprint(self, value: str) -> str:
        """26 base32 characters that are equal for equal values and say nothing else of them."""
        return _base32(self._hash(b"value", value.encode(), 16))

    def content_hash(self, data: bytes) -> bytes:
        """16 bytes that are equal for equal content."""
        return self._hash(b"content", data, 16)

    def text_hash(self, text: str) -> str:
        """What the audit holds in place of a private value."""
        return _base32(self._hash(b"audit", text.encode(), 16))

    def child_id(self, prefix: str, *parts: str) -> str:
        """The permanent id of a child: its prefix and 22 base32 characters."""
        told = "\x1f".join(parts).encode()
        return f"{prefix}_{_base32(self._hash(b'child', told, 14))[:22]}"

    def seal(self, data: bytes, about: bytes) -> bytes:
        """The data sealed for one place: key id, nonce, ciphertext with tag."""
        key_id = next(iter(self.sealing))
        nonce = os.urandom(NONCE)
        return key_id + nonce + self._cipher(key_id).encrypt(nonce, data, about)

    def unseal(self, sealed: bytes, about: bytes) -> bytes:
        """The data again; MissingKeys where no key of this hub opens it for this place."""
        key_id, nonce, text = sealed[:KEY_ID], sealed[KEY_ID : KEY_ID + NONCE], sealed[KEY_ID + NONCE :]
        if key_id not in self.sealing:
            raise MissingKeys(
                f"A value was sealed with key {key_id.hex()}, which the key file does not have."
                " Put the file's earlier keys back."
            )
        try:
            return self._cipher(key_id).decrypt(nonce, text, about)
        except InvalidTag as error:
            raise MissingKeys(
                "A sealed value does not open: it was altered, moved, or sealed with other keys."
            ) from error

    def _cipher(self, key_id: bytes) -> AESGCM:
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            cipher = self._ciphers[key_id] = AESGCM(self.sealing[key_id])
        return cipher

    def _hash(self, purpose: bytes, data: bytes, size: int) -> bytes:
        return blake2b(data, digest_size=size, key=self.blind, person=purpose).digest()


def create_keys(path: Path) -> Keys:
    """New random keys, written to a file that only its owner may read."""
    keys = Keys({secrets.token_bytes(KEY_ID): secrets.token_bytes(32)}, secrets.token_bytes(32))
    told = {
        "sealing": [{"id": i.hex(), "key": k.hex()} for i, k in keys.sealing.items()],
        "blind": keys.blind.hex(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump(told, file, indent=2)
    return keys


def load_keys(path: Path) -> Keys:
    """The keys of a file; MissingKeys where it is not there or is no key file."""
    try:
        told = json.loads(path.read_text(encoding="ascii"))
        sealing = {bytes.fromhex(one["id"]): bytes.fromhex(one["key"]) for one in told["sealing"]}
        return Keys(sealing, bytes.fromhex(told["blind"]))
    except FileNotFoundError as error:
        raise MissingKeys(
            f"There is no key file {path}. `mdm init` makes one for a new database; for an existing"
            " one restore it, or set MDM_KEYS to where it is."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise MissingKeys(f"{path} is not a key file of a hub: restore it from a backup.") from error


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()
