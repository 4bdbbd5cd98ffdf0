"""The hub's secrets: they seal values at rest and key every hash that stands for a value.

An envelope is the sealing key's id (4 bytes), a random nonce (12 bytes) and what AES-256-GCM made
of the value (NIST SP 800-38D), bound to what it is about. The first sealing key writes, the others
only read; the hashing keys never change, or nothing would be found again.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mdm.errors import MissingKeys

VERSION = 1
KEY_BYTES = 32
KEY_ID_BYTES = 4
NONCE_BYTES = 12
HASH_BYTES = 16
FINGERPRINT_CHARACTERS = 26
FOUNDER_CHARACTERS = 8
CHILD_CHARACTERS = 14
SEPARATOR = "\x1f"
BASE32 = bytes(b"abcdefghijklmnopqrstuvwxyz234567"[byte & 31] for byte in range(256))
"""Five bits of every byte of a digest as a base32 letter."""


class Keys:
    """The secrets of one hub; can be sent to worker processes."""

    __slots__ = (
        "_about_children",
        "_about_content",
        "_about_text",
        "_ciphers",
        "_fingerprint",
        "_founder",
        "_hashing",
        "_sealing",
        "_write_cipher",
        "_write_id",
        "check",
        "match_secret",
    )

    def __init__(
        self, sealing: Sequence[tuple[bytes, bytes]], fingerprint: bytes, hashing: bytes
    ) -> None:
        """From (key id, key) pairs of which the first writes, and the two keys of hashes."""
        self._sealing = tuple(sealing)
        self._fingerprint = fingerprint
        self._hashing = hashing
        self._ciphers = {key_id: AESGCM(key) for key_id, key in self._sealing}
        self._write_id = self._sealing[0][0]
        self._write_cipher = self._ciphers[self._write_id]
        self.match_secret: bytes = _derived(hashing, b"match")
        self._about_children = _derived(hashing, b"child")
        self._about_content = _derived(hashing, b"content")
        self._about_text = _derived(hashing, b"text")
        self._founder = ("", b"")
        self.check: str = _derived(hashing + fingerprint, b"check").hex()[:32]
        """Tells a wrong key file; the same after a rotation."""

    def __reduce__(self) -> tuple[type[Keys], tuple[Any, ...]]:
        return (Keys, (self._sealing, self._fingerprint, self._hashing))

    def __repr__(self) -> str:
        return f"Keys(check={self.check!r})"

    def fingerprint(self, value: str) -> str:
        """The value's blind index: 26 base32 characters, equal for equal values of this hub."""
        said = value.encode()
        digest = blake2b(said, digest_size=FINGERPRINT_CHARACTERS, key=self._fingerprint)
        return digest.digest().translate(BASE32).decode()

    def seal(self, data: bytes, about: bytes) -> bytes:
        """The envelope of the bytes; it opens only with the same `about`."""
        nonce = os.urandom(NONCE_BYTES)
        return self._write_id + nonce + self._write_cipher.encrypt(nonce, data, about)

    def unseal(self, envelope: bytes, about: bytes) -> bytes:
        """The sealed bytes; MissingKeys where no key of ours opens the envelope."""
        cipher = self._ciphers.get(envelope[:KEY_ID_BYTES])
        if cipher is None:
            raise MissingKeys(
                f"A value was sealed with key {envelope[:KEY_ID_BYTES].hex()}, which the key file"
                " does not hold. Restore the key file that does, or add that key to it."
            )
        start = KEY_ID_BYTES + NONCE_BYTES
        try:
            return cipher.decrypt(envelope[KEY_ID_BYTES:start], envelope[start:], about)
        except InvalidTag:
            raise MissingKeys(
                "A sealed value does not open: it was altered, or it belongs to another record."
                " `mdm verify-audit` tells what was changed."
            ) from None

    def content_hash(self, data: bytes) -> bytes:
        """Keyed hash of content, 16 bytes."""
        return blake2b(data, digest_size=HASH_BYTES, key=self._about_content).digest()

    def text_hash(self, text: str) -> str:
        """Keyed hash that stands for a personal or protected text in the audit, 32 hex digits."""
        return blake2b(text.encode(), digest_size=HASH_BYTES, key=self._about_text).hexdigest()

    def child_id(self, prefix: str, source: str, source_key: str, *local: str) -> str:
        """Permanent id of a child that this source record founded.

        Its first eight characters depend on the source record alone: they tell whether the
        founder of a child still belongs to a golden record.
        """
        founder = f"{source}{SEPARATOR}{source_key}"
        said = SEPARATOR.join((prefix, founder, *local)).encode()
        rest = blake2b(said, digest_size=CHILD_CHARACTERS, key=self._about_children).digest()
        return f"{prefix}_{(self._founder_tag(founder) + rest).translate(BASE32).decode()}"

    def _founder_tag(self, founder: str) -> bytes:
        """The hash of a founder; the last one is kept, for a record founds several children."""
        known, tag = self._founder
        if known != founder:
            key = self._about_children
            tag = blake2b(founder.encode(), digest_size=FOUNDER_CHARACTERS, key=key).digest()
            self._founder = (founder, tag)
        return tag


def _derived(key: bytes, purpose: bytes) -> bytes:
    return blake2b(purpose, digest_size=KEY_BYTES, key=key[:64], person=b"mdm-keys").digest()


def create_keys(path: Path) -> Keys:
    """New keys in a new file that only its owner may read; MissingKeys where one stands already."""
    said = {
        "version": VERSION,
        "sealing": [_new_sealing_key()],
        "fingerprint": _text(secrets.token_bytes(KEY_BYTES)),
        "hashing": _text(secrets.token_bytes(KEY_BYTES)),
    }
    try:
        _write_new(path, said)
    except FileExistsError:
        raise MissingKeys(
            f"There is a key file {path} already; it is not overwritten, for what it sealed would"
            " be lost. Set MDM_KEYS to another file, or move this one away."
        ) from None
    return load_keys(path)


def load_keys(path: Path) -> Keys:
    """The keys of a file; MissingKeys where it is missing or is no key file."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MissingKeys(
            f"There is no key file {path}. Restore it, or set MDM_KEYS to where it is."
        ) from None
    except OSError as error:
        raise MissingKeys(f"The key file {path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise _no_key_file(path) from None
    try:
        return _parse(said)
    except (KeyError, TypeError, ValueError, IndexError):
        raise _no_key_file(path) from None


def rotate_keys(path: Path) -> Keys:
    """Adds a sealing key that writes from now on; the earlier ones still read."""
    load_keys(path)
    said = json.loads(path.read_text(encoding="utf-8"))
    said["sealing"].insert(0, _new_sealing_key())
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    _write_new(fresh, said)
    fresh.replace(path)
    return load_keys(path)


def _parse(said: Mapping[str, Any]) -> Keys:
    if said["version"] != VERSION:
        raise ValueError(said["version"])
    sealing = [(bytes.fromhex(one["id"]), _secret(one["key"])) for one in said["sealing"]]
    if any(len(key_id) != KEY_ID_BYTES for key_id, _ in sealing):
        raise ValueError("a key id has 4 bytes")
    return Keys(sealing, _secret(said["fingerprint"]), _secret(said["hashing"]))


def _secret(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return key


def _no_key_file(path: Path) -> MissingKeys:
    return MissingKeys(
        f"{path} is not a key file of this hub, or it is damaged."
        " Restore it from its backup, or set MDM_KEYS to the right file."
    )


def _new_sealing_key() -> dict[str, str]:
    key = secrets.token_bytes(KEY_BYTES)
    return {"id": secrets.token_bytes(KEY_ID_BYTES).hex(), "key": _text(key)}


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _write_new(path: Path, said: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(said, file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
