"""Seals the audit: each numbered transaction's entries, bound to all that was sealed before.

A seal is SHA-256 over fields of fixed length behind a name of its own, so that nothing else hashes
to the same: previous seal, number, transaction, how many entries, then id and hash of each entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from struct import Struct

from sqlalchemy import Connection, insert

from mdm.store.bulk import driver_cursor
from mdm.store.statements import text
from mdm.store.tables.log import audit_seal

PURPOSE = b"mdm/audit/seal/1\0"
FIRST = bytes(32)
"""What stands for the seal before the first one."""
MARK = 4
"""Bytes of a hash that are kept beside the seal: they tell which entry does not fit any more."""
_fields = Struct(">QQQ").pack
_entry = Struct(">Q32s").pack


@dataclass(frozen=True, slots=True)
class Head:
    """Where the audit stands: its last seal, and what lies under it."""

    seq: int
    seal: bytes
    entries: int


def head(connection: Connection) -> Head | None:
    """The last seal; None where nothing is sealed yet."""
    row = connection.execute(
        text("SELECT seq, seal, total FROM audit_seal ORDER BY seq DESC LIMIT 1")
    ).first()
    return Head(row[0], bytes(row[1]), row[2]) if row else None


def seal_numbered(connection: Connection, after: int) -> None:
    """Seals every transaction numbered above `after`, in the order of the numbers."""
    last = head(connection) or Head(0, FIRST, 0)
    numbered = connection.execute(
        text("SELECT seq, id FROM hub_transaction WHERE seq > :after ORDER BY seq"),
        {"after": after},
    ).all()
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    cursor = driver_cursor(connection)
    rows = []
    for seq, tx in numbered:
        cursor.execute(f"SELECT id, hash FROM audit WHERE tx = {mark} ORDER BY id", (tx,))
        entries = cursor.fetchall()
        seal = seal_of(last.seal, (seq, tx), entries)
        last = Head(seq, seal, last.entries + len(entries))
        rows.append(
            {
                "seq": seq,
                "tx": tx,
                "entries": len(entries),
                "total": last.entries,
                "marks": b"".join(bytes(row[1][:MARK]) for row in entries),
                "seal": seal,
            }
        )
    if rows:
        connection.execute(insert(audit_seal), rows)


def seal_of(
    previous: bytes, transaction: tuple[int, int], entries: Iterable[tuple[int, bytes]]
) -> bytes:
    """The seal of a transaction (number, id) with its entries (id, hash) in their order."""
    body = [_entry(number, hashed) for number, hashed in entries]
    return sha256(b"".join((PURPOSE, previous, _fields(*transaction, len(body)), *body))).digest()
