"""Whatever is done to the past behind the hub's back is found and named, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import text

from mdm.proof.audit import export, verify_export, verify_hub
from mdm.proof.verifier import Broken, Findings
from mdm.store.anchors import Anchors
from mdm.store.hub import Hub
from mdm.store.seals import FIRST, MARK, seal_of
from mdm.store.sequencer import sequence
from mdm.store.transaction import Act, transaction
from tests.mdm.laws import world
from tests.servers.hub import unguard

NAMES = ("Acme Logistik GmbH", "Borealis Paper Oy", "Nord Wind AS")
Entry = tuple[int, int, str, str, bytes]


@pytest.fixture
def filled(hub: Hub) -> Hub:
    """A hub that took records in three transactions, sealed and anchored in the middle and at
    the end, and whose triggers somebody took away."""
    anchors = Anchors(hub.database, hub.settings.anchors_file)
    for turn in range(3):
        world.take(hub, [{"id": f"V{turn}{n}", "name": name} for n, name in enumerate(NAMES)])
        sequence(hub.database, "test")
        anchors.drop(now=True)
    unguard(hub.database)
    return hub


def run(hub: Hub, sql: str, **values: object) -> None:
    with hub.database.engine.begin() as connection:
        connection.execute(text(sql), values)


def entries(hub: Hub) -> list[Entry]:
    with hub.database.read() as connection:
        rows = connection.execute(
            text("SELECT id, tx, subject, entry, hash FROM audit ORDER BY id")
        )
        return [(row[0], row[1], row[2], row[3], bytes(row[4])) for row in rows]


def golden_entry(hub: Hub) -> Entry:
    """An entry in the middle of the second of the three transactions."""
    told = [entry for entry in entries(hub) if entry[2].startswith("sup_")]
    return told[4]


def check(hub: Hub) -> Findings:
    return verify_hub(hub, hub.settings.anchors_file)


def broken(hub: Hub) -> Broken:
    found = check(hub).broken
    assert found is not None
    return found


def test_an_audit_that_nobody_touched_is_proven(filled: Hub) -> None:
    with transaction(filled.database, Act("test", "ada")) as tx:
        tx.note("test", "test:1")
    found = check(filled)
    assert (found.broken, found.unsealed_entries, found.unsealed_transactions) == (None, 2, 1)
    assert (found.anchors, found.entries) == (3, len(entries(filled)))


@pytest.mark.parametrize("column", ["entry", "hash", "subject"])
def test_a_flipped_byte_is_found(filled: Hub, column: str) -> None:
    number, tx, subject, entry, hashed = golden_entry(filled)
    values = {
        "entry": entry[:40] + chr(ord(entry[40]) ^ 1) + entry[41:],
        "hash": bytes([hashed[0] ^ 1]) + hashed[1:],
        "subject": subject[:-1] + chr(ord(subject[-1]) ^ 1),
    }
    sql = f"UPDATE audit SET {column} = :value WHERE id = :id"
    run(filled, sql, value=values[column], id=number)
    assert (broken(filled).entry, broken(filled).transaction) == (number, tx)


def test_an_entry_altered_together_with_its_hash_is_found(filled: Hub) -> None:
    number, tx, subject, entry, _hash = golden_entry(filled)
    forged = entry.replace("active", "closed")
    sql = "UPDATE audit SET entry = :entry, hash = :hash WHERE id = :id"
    run(filled, sql, entry=forged, hash=sha256(forged.encode()).digest(), id=number)
    found = broken(filled)
    assert (found.entry, found.subject, found.transaction) == (number, subject, tx)


def test_a_removed_row_is_found(filled: Hub) -> None:
    number, tx, *_ = golden_entry(filled)
    run(filled, "DELETE FROM audit WHERE id = :id", id=number)
    found = broken(filled)
    assert (found.entry, found.transaction) == (number, tx)
    assert "taken away" in found.why


def test_a_removed_transaction_is_found(filled: Hub) -> None:
    _number, tx, *_ = golden_entry(filled)
    for table, column in (("audit", "tx"), ("audit_seal", "tx"), ("hub_transaction", "id")):
        run(filled, f"DELETE FROM {table} WHERE {column} = :tx", tx=tx)
    assert "is missing" in broken(filled).why


def test_a_swapped_pair_is_found(filled: Hub) -> None:
    one, other = entries(filled)[-4:-2]
    for number, (_id, tx, subject, entry, hashed) in ((one[0], other), (other[0], one)):
        sql = "UPDATE audit SET tx = :tx, subject = :subject, entry = :entry, hash = :hash"
        values = {"tx": tx, "subject": subject, "entry": entry, "hash": hashed, "id": number}
        run(filled, f"{sql} WHERE id = :id", **values)
    assert broken(filled).entry == one[0]


def test_a_row_moved_to_another_number_is_found(filled: Hub) -> None:
    number = entries(filled)[-1][0]
    run(filled, "UPDATE audit SET id = :new WHERE id = :id", new=number + 5, id=number)
    assert broken(filled).transaction == entries(filled)[-1][1]


@pytest.mark.parametrize("sealed", [True, False])
def test_an_entry_inserted_afterwards_is_found(filled: Hub, sealed: bool) -> None:
    _number, tx, subject, entry, hashed = golden_entry(filled)
    where = tx if sealed else 99_999
    number = entries(filled)[-1][0] + 1
    sql = "INSERT INTO audit (id, tx, subject, entry, hash) VALUES (:id, :tx, :subject, :entry, :h)"
    run(filled, sql, id=number, tx=where, subject=subject, entry=entry, h=hashed)
    found = broken(filled)
    assert (found.entry, found.transaction) == (number, where)


def test_an_entry_that_was_not_sealed_yet_is_missed_all_the_same(filled: Hub) -> None:
    with transaction(filled.database, Act("test", "ada")) as tx:
        tx.note("test", "test:1")
    run(filled, "DELETE FROM audit WHERE subject = 'test:1'")
    assert broken(filled).transaction == tx.id


def reseal(hub: Hub, after: int) -> None:
    """What somebody does who knows how: recomputes every seal behind a number."""
    with hub.database.engine.begin() as connection:
        sql = "SELECT seq, tx, seal, total FROM audit_seal ORDER BY seq"
        previous, total = FIRST, 0
        for seq, tx, seal, standing in connection.execute(text(sql)).all():
            if seq <= after:
                previous, total = bytes(seal), standing
                continue
            rows = connection.execute(
                text("SELECT id, hash FROM audit WHERE tx = :tx ORDER BY id"), {"tx": tx}
            ).all()
            previous = seal_of(previous, (seq, tx), [(row[0], bytes(row[1])) for row in rows])
            total += len(rows)
            connection.execute(
                text(
                    "UPDATE audit_seal SET seal = :seal, total = :total, entries = :entries,"
                    " marks = :marks WHERE seq = :seq"
                ),
                {
                    "seal": previous,
                    "total": total,
                    "entries": len(rows),
                    "marks": b"".join(bytes(row[1])[:MARK] for row in rows),
                    "seq": seq,
                },
            )


def test_a_tail_rewritten_from_before_the_last_anchor_with_its_seals_is_found(filled: Hub) -> None:
    number, _tx, _subject, entry, _hash = golden_entry(filled)
    forged = entry.replace("active", "closed")
    sql = "UPDATE audit SET entry = :entry, hash = :hash WHERE id = :id"
    run(filled, sql, entry=forged, hash=sha256(forged.encode()).digest(), id=number)
    reseal(filled, 0)
    found = broken(filled)
    assert "rewritten" in found.why
    assert found.transaction is not None
    assert found.entry is not None
    assert found.entry <= number


def test_a_cut_tail_is_found_by_the_anchor(filled: Hub) -> None:
    last = entries(filled)[-1][1]
    for table, column in (("audit", "tx"), ("audit_seal", "tx"), ("hub_transaction", "id")):
        run(filled, f"DELETE FROM {table} WHERE {column} = :tx", tx=last)
    assert "cut off" in broken(filled).why
    assert "has no entry" in str(verify_hub(filled, None).broken)


def test_the_log_saying_otherwise_than_the_audit_is_found(filled: Hub) -> None:
    _number, tx, *_ = golden_entry(filled)
    run(filled, "UPDATE hub_transaction SET actor = 'nobody' WHERE id = :tx", tx=tx)
    found = broken(filled)
    assert (found.transaction, found.subject) == (tx, f"transaction:{tx}")
    assert "actor" in found.why


@pytest.mark.parametrize("part", ["seal", "marks", "total", "entries"])
def test_an_altered_seal_is_found(filled: Hub, part: str) -> None:
    _number, tx, *_ = golden_entry(filled)
    value: object = b"\x01" * 32 if part in ("seal", "marks") else 1234
    run(filled, f"UPDATE audit_seal SET {part} = :value WHERE tx = :tx", value=value, tx=tx)
    assert broken(filled).transaction == tx


def test_a_golden_record_altered_behind_the_audit_is_found(filled: Hub) -> None:
    _number, tx, golden_id, *_ = golden_entry(filled)
    sql = "UPDATE golden SET record = replace(record, 'Nord', 'Sued'), status = 'active'"
    run(filled, f"{sql} WHERE tx = :tx", tx=tx)
    run(filled, "UPDATE golden SET record = record || ' ' WHERE golden_id = :id", id=golden_id)
    assert "altered" in broken(filled).why


def altered(change: Callable[[list[str]], list[str]], path: Path) -> Path:
    forged = path.with_name("forged.jsonl")
    forged.write_text("".join(change(path.read_text().splitlines(True))), encoding="utf-8")
    return forged


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[:-3],
        lambda lines: lines[:6] + lines[7:],
        lambda lines: [*lines[:6], lines[7], lines[6], *lines[8:]],
        lambda lines: [*lines[:6], lines[6].replace('"id"', '"ix"'), *lines[7:]],
        lambda lines: [*lines[:-1], json.dumps({**json.loads(lines[-1]), "entries": 1})],
    ],
)
def test_an_export_is_checked_without_the_hub(
    sqlite_hub: Hub, tmp_path: Path, change: Callable[[list[str]], list[str]]
) -> None:
    world.take(sqlite_hub, [{"id": "V1", "name": "Acme Logistik GmbH"}])
    sequence(sqlite_hub.database, "test")
    file = tmp_path / "audit.jsonl"
    assert export(sqlite_hub, file) == len(entries(sqlite_hub))
    assert verify_export(file, None).broken is None
    assert verify_export(altered(change, file), None).broken is not None


def test_anchors_are_only_added_and_never_go_back(sqlite_hub: Hub) -> None:
    sequence(sqlite_hub.database, "test")
    path = sqlite_hub.settings.anchors_file
    Anchors(sqlite_hub.database, path).drop(now=True)
    Anchors(sqlite_hub.database, path).drop(now=True)
    assert len(path.read_text().splitlines()) == 1
    assert check(sqlite_hub).broken is None
    back = json.loads(path.read_text()) | {"seq": 0}
    with path.open("a") as file:
        file.write(json.dumps(back) + "\n")
    assert "go back" in str(check(sqlite_hub).broken)


def test_what_was_anchored_before_a_restore_is_not_asked_for(sqlite_hub: Hub) -> None:
    sequence(sqlite_hub.database, "test")
    path = sqlite_hub.settings.anchors_file
    anchor = Anchors(sqlite_hub.database, path).drop(now=True)
    assert anchor is not None
    lost = {"epoch": anchor.epoch - 1, "seq": 99, "seal": "00", "at": "", "entries": 999}
    path.write_text(json.dumps(lost) + "\n" + path.read_text())
    assert check(sqlite_hub).broken is None
    path.write_text(path.read_text().splitlines()[0])
    assert "cut off" in str(check(sqlite_hub).broken)
