"""Audit entries as they are written: canonical JSON and its hash, in the transaction's own rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Connection

from mdm.golden.decide import Change
from mdm.golden.difference import told
from mdm.golden.state import Golden
from mdm.model.domain import Domain
from mdm.quality import check
from mdm.sealing.keys import Keys
from mdm.store.bulk import insert_rows
from mdm.store.tables.log import audit

ENTRY = ("subject", "entry", "hash")
"""Columns of an entry's row; the transaction's number goes with every row."""
GOLDEN = "golden"
"""The kind of the entry that every golden version has."""

EntryRow = tuple[str, str, bytes]
_canonical = msgspec.json.Encoder(order="sorted").encode


def entry_row(kind: str, subject: str, facts: Mapping[str, Any]) -> EntryRow:
    """What happened to a subject, as a row: JSON with sorted keys and no spaces, and its SHA-256.

    The facts hold keyed hashes in place of personal and protected values.
    """
    said = _canonical({"kind": kind, "subject": subject, **facts})
    return subject, said.decode(), sha256(said).digest()


def golden_entries(
    keys: Keys, domain: Domain, changes: Iterable[Change], rows: Iterable[tuple[Any, ...]]
) -> list[EntryRow]:
    """The entry of each new golden version; `rows` are the versions as rows of `golden`."""
    return [
        entry_row(
            GOLDEN,
            change.after.golden_id,
            {
                "content": content(keys, row[6], row[7]),
                **told(keys, domain, change),
                **_failing(domain, change.after),
            },
        )
        for change, row in zip(changes, rows, strict=True)
    ]


def _failing(domain: Domain, after: Golden) -> dict[str, Any]:
    """Which rules a version fails that several records gave; each of them was judged on its own."""
    if after.merged_into is not None or len(after.lineage["members"]) == 1:
        return {}
    found = check(domain, after.record)
    return {"findings": [[one.code, one.field] for one in found]} if found else {}


def content(keys: Keys, record: str, lineage: str) -> str:
    """Keyed hash over what a golden row says, by which it is compared with its entry."""
    return keys.content_hash(f"{record}\x1f{lineage}".encode()).hex()


def write_entries(connection: Connection, tx: int, rows: list[EntryRow]) -> None:
    """Adds entries to the audit."""
    insert_rows(connection, audit, ENTRY, rows, constants={"tx": tx})
