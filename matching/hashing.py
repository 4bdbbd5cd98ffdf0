"""Keyed 64-bit hashes: one function for a value and for a column of values.

AES-CBC-MAC over the value with its length in front (a pseudo-random function), cut to 64 bits:
one call encrypts a million values, and without the secret no key can be traced to its value.
"""

from __future__ import annotations

import threading
from hashlib import blake2b
from struct import Struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TOP = 1 << 64
MASK = TOP - 1
BLOCK = 16
LONGEST = 46
"""Bytes hashed as they are; a longer value is first cut to a digest of this length."""
_MULTIPLIER = 0x9E3779B97F4A7C15
_FIRST_64 = Struct("<q")
_HEADS = tuple(size.to_bytes(2, "little") for size in range(LONGEST + 1))
_TAILS = tuple(bytes(-(size + 2) % BLOCK) for size in range(LONGEST + 1))


class Encryptor(threading.local):
    """The bare cipher, one per thread: a cipher at work refuses a second thread."""

    def __init__(self, key: bytes) -> None:
        # ECB of single blocks; the chaining of the MAC is done by whoever hashes.
        self.update = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update


class Hasher:
    """Hashes texts with one secret, in as many threads as ask."""

    __slots__ = ("encryptor", "known", "secret")

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        key = blake2b(secret, digest_size=16, person=b"match keys").digest()
        self.encryptor = Encryptor(key)
        self.known: dict[str, int] = {}

    def __reduce__(self) -> tuple[type[Hasher], tuple[bytes]]:
        """A cipher does not travel to another process; its secret does."""
        return Hasher, (self.secret,)

    def text(self, value: str) -> int:
        """The value's hash, signed."""
        data = value.encode()
        if len(data) > LONGEST:
            data = shortened(data)
        size = len(data)
        data = _HEADS[size] + data + _TAILS[size]
        encrypted = self.encryptor.update
        state = encrypted(data[:BLOCK])
        for at in range(BLOCK, len(data), BLOCK):
            mixed = int.from_bytes(state, "little") ^ int.from_bytes(
                data[at : at + BLOCK], "little"
            )
            state = encrypted(mixed.to_bytes(BLOCK, "little"))
        found: int = _FIRST_64.unpack_from(state)[0]
        return found

    def word(self, value: str) -> int:
        """The hash of a value that comes often, remembered."""
        found = self.known.get(value)
        if found is None:
            if len(self.known) > 500_000:  # noqa: PLR2004 - bounds the memory of a long-lived server
                self.known.clear()
            found = self.known[value] = self.text(value)
        return found


def shortened(data: bytes) -> bytes:
    """A digest in the place of a value too long to be hashed as it is."""
    return blake2b(data, digest_size=LONGEST // 2).hexdigest().encode()


def mixed(left: int, right: int) -> int:
    """One signed hash of two, order told apart."""
    value = ((left ^ (right * _MULTIPLIER)) * _MULTIPLIER) & MASK
    value ^= value >> 29
    value = (value * _MULTIPLIER) & MASK
    value ^= value >> 32
    return value - TOP if value >> 63 else value


def signed(value: int) -> int:
    """The signed number with the same 64 bits."""
    value &= MASK
    return value - TOP if value >> 63 else value
