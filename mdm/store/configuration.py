"""Activated configuration: what runs, by content hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from sqlalchemy import Connection

from mdm.store.bulk import driver_cursor
from mdm.store.statements import text
from mdm.store.transaction import Tx

KINDS = ("source", "subscription", "rules", "ownership", "survivorship", "codes")


def content_hash(content: str) -> str:
    """The version of a configuration text: the first 16 hex digits of its SHA-256."""
    return sha256(content.encode()).hexdigest()[:16]


def live(connection: Connection) -> dict[str, dict[str, str]]:
    """The texts that run, by kind and name."""
    found: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    rows = connection.execute(
        text("SELECT kind, name, content FROM config_version WHERE live ORDER BY kind, name")
    )
    for kind, name, content in rows:
        found[kind][name] = content
    return found


def live_hash(connection: Connection, kind: str, name: str) -> str | None:
    """The version of the text that runs; None where none does."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    # Asked with every record that is matched online: by the driver, in a fraction of the time.
    row = (
        driver_cursor(connection)
        .execute(
            f"SELECT hash FROM config_version WHERE kind = {mark} AND name = {mark} AND live",
            (kind, name),
        )
        .fetchone()
    )
    return str(row[0]) if row else None


def live_text(connection: Connection, kind: str, name: str) -> str | None:
    """The text that runs; None where none does."""
    found = connection.scalar(
        text("SELECT content FROM config_version WHERE kind = :kind AND name = :name AND live"),
        {"kind": kind, "name": name},
    )
    return str(found) if found is not None else None


def version_of(connection: Connection, kinds: Sequence[str]) -> str:
    """What tells the texts of these kinds that run from any others."""
    rows = connection.execute(
        text("SELECT kind, name, hash FROM config_version WHERE live ORDER BY kind, name")
    )
    return " ".join(f"{name}:{version}" for kind, name, version in rows if kind in kinds)


def activate(tx: Tx, kind: str, name: str, content: str, *, rematched: bool = True) -> str:
    """Makes this text the one that runs; returns its version.

    `rematched`: whether what is stored fits it already; rules wait for their re-match.
    """
    version = content_hash(content)
    tx.connection.execute(
        text("UPDATE config_version SET live = :no WHERE kind = :kind AND name = :name AND live"),
        {"kind": kind, "name": name, "no": False},
    )
    tx.connection.execute(
        text(
            "INSERT INTO config_version (kind, name, hash, content, live, activated_by,"
            " activated_at, tx, rematched_at)"
            " VALUES (:kind, :name, :hash, :content, :yes, :by, :at, :tx, :rematched)"
        ),
        {
            "kind": kind,
            "name": name,
            "hash": version,
            "content": content,
            "yes": True,
            "by": tx.act.actor,
            "at": tx.at,
            "tx": tx.id,
            "rematched": tx.at if rematched else None,
        },
    )
    tx.note("configuration", f"{kind}:{name}", version=version)
    return version


def activate_missing(tx: Tx, built_in: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Activates the texts whose name runs in no version yet; returns what was activated."""
    running = live(tx.connection)
    activated = []
    for kind, texts in built_in.items():
        for name, content in sorted(texts.items()):
            if name not in running[kind]:
                activate(tx, kind, name, content)
                activated.append(f"{kind} {name}")
    return activated
