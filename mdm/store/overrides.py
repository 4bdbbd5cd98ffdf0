"""Overrides: people's values, kept for ever; in force until withdrawn, held or lifted meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, insert

from mdm.store.bulk import insert_rows, rows_for, run_many
from mdm.store.statements import text
from mdm.store.tables.governance import override, override_turn
from mdm.store.transaction import Tx
from mdm.store.write_sources import json_text
from mdm.survivorship import Lifetime, Override

COLUMNS = (
    "id, domain, golden_id, record_id, field, slot, value, valid_from, valid_to, reason, lifetime,"
    " until, consolidated, actor, at, tx, lifted_why"
)
NAMES = ", ".join(f"override.{name}" for name in COLUMNS.split(", "))


@dataclass(frozen=True, slots=True)
class Kept:
    """An override with who set it; `withdrawn`: somebody took it back."""

    override: Override
    domain: str
    actor: str
    withdrawn: bool = False


def add(tx: Tx, domain: str, said: Override) -> int:
    """Keeps an override; returns its number."""
    values = {
        "domain": domain,
        "golden_id": said.golden_id,
        "record_id": said.record_id,
        "field": said.field,
        "slot": slot_text(said.slot),
        "value": json_text(said.value),
        "valid_from": said.period[0],
        "valid_to": said.period[1],
        "reason": said.reason,
        "lifetime": said.lifetime.value,
        "until": said.until.isoformat() if said.until else None,
        "consolidated": json_text(said.consolidated),
        "actor": tx.act.actor,
        "at": tx.at,
        "tx": tx.id,
    }
    row = tx.connection.execute(insert(override).values(values))
    assert row.inserted_primary_key is not None
    number = int(row.inserted_primary_key[0])
    # The value itself stands in the entry of the golden version that it leads to.
    named = {name: values[name] for name in ("golden_id", "field", "lifetime", "until")}
    tx.note("override", f"override:{number}", **named)
    return number


def slot_text(slot: Mapping[str, Any]) -> str:
    """Which child, as text that is the same for the same child."""
    return msgspec.json.encode(slot, order="sorted").decode() if slot else ""


def withdraw(tx: Tx, number: int) -> bool:
    """Takes an override back; False where none of this number is in force."""
    done = tx.connection.execute(
        text("UPDATE override SET withdrawn_tx = :tx WHERE id = :id AND withdrawn_tx IS NULL"),
        {"tx": tx.id, "id": number},
    )
    if done.rowcount == 1:
        tx.note("override_withdrawn", f"override:{number}")
    return done.rowcount == 1


def of_records(connection: Connection, ids: Collection[int]) -> dict[int, list[Override]]:
    """The overrides that nobody withdrew, by the record that each goes with."""
    if connection.scalar(text("SELECT 1 FROM override WHERE withdrawn_tx IS NULL LIMIT 1")) is None:
        return {}
    rows = rows_for(
        connection,
        f"SELECT {NAMES} FROM override JOIN {{listed}} AS wanted ON record_id = wanted.value"
        " WHERE withdrawn_tx IS NULL ORDER BY override.id",
        ids,
        number=True,
    )
    found: dict[int, list[Override]] = {}
    for row in rows:
        found.setdefault(row[3], []).append(_override(row))
    return found


def ever_of_records(
    connection: Connection, ids: Collection[int]
) -> list[tuple[Override, int | None]]:
    """Every override that ever went with these records, and the transaction that withdrew it."""
    if connection.scalar(text("SELECT 1 FROM override LIMIT 1")) is None:
        return []
    rows = rows_for(
        connection,
        f"SELECT {NAMES}, withdrawn_tx FROM override JOIN {{listed}} AS wanted"
        " ON record_id = wanted.value ORDER BY override.id",
        ids,
        number=True,
    )
    return [(_override(row), row[17]) for row in rows]


def of_golden(connection: Connection, golden_id: str) -> list[Kept]:
    """Every override that goes with a golden record now, withdrawn ones too, the latest first."""
    rows = connection.execute(
        text(
            f"SELECT {NAMES}, withdrawn_tx IS NOT NULL FROM override"
            " JOIN source_record ON source_record.id = override.record_id"
            " WHERE source_record.golden_id = :id ORDER BY override.id DESC"
        ),
        {"id": golden_id},
    )
    return [_kept(row) for row in rows]


def by_id(connection: Connection, number: int) -> Kept | None:
    """The override of this number; None where there is none."""
    row = connection.execute(
        text(f"SELECT {COLUMNS}, withdrawn_tx IS NOT NULL FROM override WHERE id = :id"),
        {"id": number},
    ).first()
    return _kept(row) if row else None


def by_ids(connection: Connection, numbers: Collection[int]) -> list[Kept]:
    """The overrides of these numbers."""
    rows = rows_for(
        connection,
        f"SELECT {NAMES}, withdrawn_tx IS NOT NULL FROM override"
        " JOIN {listed} AS wanted ON override.id = wanted.value ORDER BY override.id",
        numbers,
        number=True,
    )
    return [_kept(row) for row in rows]


def turn(tx: Tx, turned: Sequence[tuple[int, str | None]]) -> None:
    """Notes of overrides why they hold no more; None: that they hold again."""
    run_many(
        tx.connection,
        "UPDATE override SET lifted_tx = ?, lifted_why = ? WHERE id = ?",
        [(tx.id if why is not None else None, why, number) for number, why in turned],
    )
    for number, why in turned:
        tx.note("override_turned", f"override:{number}", lifted=why)
    rows = [(number, why) for number, why in turned]
    insert_rows(tx.connection, override_turn, ("override_id", "why"), rows, constants={"tx": tx.id})


def turns(connection: Connection, ids: Iterable[int]) -> dict[int, list[tuple[str, str | None]]]:
    """When each of these overrides stopped holding, with the reason, and when it held again."""
    rows = rows_for(
        connection,
        "SELECT override_id, act.at, why FROM override_turn"
        " JOIN {listed} AS wanted ON override_id = wanted.value"
        " JOIN hub_transaction AS act ON act.id = override_turn.tx ORDER BY override_turn.id",
        ids,
        number=True,
    )
    found: dict[int, list[tuple[str, str | None]]] = {}
    for number, at, why in rows:
        found.setdefault(int(number), []).append((str(at), why))
    return found


def _kept(row: Any) -> Kept:
    return Kept(_override(row), row[1], row[13], bool(row[17]))


def _override(row: Any) -> Override:
    return Override(
        id=row[0],
        golden_id=row[2],
        record_id=row[3],
        field=row[4],
        slot=msgspec.json.decode(row[5]) if row[5] else {},
        value=msgspec.json.decode(row[6]),
        period=(row[7], row[8]),
        reason=row[9],
        lifetime=Lifetime(row[10]),
        until=date.fromisoformat(row[11]) if row[11] else None,
        consolidated=msgspec.json.decode(row[12]) if row[12] else None,
        at=row[14],
        tx=row[15],
        lifted=row[16],
    )
