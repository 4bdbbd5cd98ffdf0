"""Proves the audit of a hub: its seals, its anchors, and that golden records are what it tells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from mdm.errors import UnreadableFile
from mdm.proof.verifier import Broken, Findings, lines_of, verify
from mdm.store import audit
from mdm.store.database import Connection
from mdm.store.entries import content
from mdm.store.hub import Hub

GOLDENS = 20_000
"""Golden records compared with their entries at a time."""


class _Told(msgspec.Struct):
    """What is compared of a golden version's entry."""

    kind: str
    version: int | None = None
    status: str | None = None
    content: str | None = None


_decode = msgspec.json.Decoder(_Told).decode


def verify_hub(hub: Hub, anchors: Path | None) -> Findings:
    """Checks the audit of the database, then every golden record against its entry."""
    with hub.database.read() as connection:
        findings = verify(audit.lines(connection), _anchors(anchors))
        if findings.broken is None:
            findings.broken = next(_altered(connection, hub), None)
    return findings


def verify_export(export: Path, anchors: Path | None) -> Findings:
    """Checks an exported audit; UnreadableFile where a line is none of an audit's."""
    try:
        return verify(lines_of(export), _anchors(anchors))
    except OSError as error:
        said = f"{error.filename}: {error.strerror}. Check the path and who may read it."
        raise UnreadableFile(said) from error
    except (UnicodeError, ValueError) as error:
        raise UnreadableFile(f"{error} Export the audit again, then check that file.") from error


def export(hub: Hub, path: Path) -> int:
    """Writes the audit as JSON lines, a portion at a time; returns how many entries that are."""
    entries = 0
    encode = msgspec.json.Encoder().encode
    with hub.database.read() as connection, path.open("wb") as file:
        for line in audit.lines(connection):
            entries += line["line"] == "entry"
            file.write(encode(line) + b"\n")
    return entries


def _anchors(path: Path | None) -> Iterator[Any]:
    return iter(()) if path is None else iter(lines_of(path))


def _altered(connection: Connection, hub: Hub) -> Iterator[Broken]:
    """Golden records whose current version has no entry, or says otherwise than it."""
    after = 0
    while rows := audit.goldens_with_entries(connection, after, GOLDENS):
        after = rows[-1][0]
        for _no, golden_id, version, status, tx, record, lineage, entry in rows:
            if entry is None:
                why = f"Version {version} of {golden_id} has no entry in transaction {tx}."
                yield Broken(why, tx, None, golden_id)
                continue
            told = _decode(entry)
            said = (version, status, content(hub.keys, record, lineage))
            if (told.version, told.status, told.content) != said:
                why = f"{golden_id} is not what the audit tells of its version {version}: altered."
                yield Broken(why, tx, None, golden_id)
