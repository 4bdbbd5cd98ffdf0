"""Loads: what each mode says, what bad files and kills leave, who may write at once."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

import mdm.load as loading
from mdm.errors import HubError, IncompleteExport
from mdm.load import LoadReport, LoadRequest, load
from mdm.push import push
from mdm.records import Mode
from mdm.samples import bench_csv, write_exports
from mdm.store.hub import Hub
from mdm.store.transaction import Act
from tests.mdm.laws import world

HEAD = ("id", "name", "street", "city", "postcode", "country", "vat_number", "iban")
BERLIN = ("Hauptstr. 1", "Berlin", "10115", "DE", "", "")
IBAN = "DE89370400440532013000"

LOGGED = {"load": 0, "hub_transaction": 0, "audit": 0}
"""Tables that tell of every load, of one that changes nothing too."""


def write(path: Path, rows: Sequence[tuple[str, ...]], head: tuple[str, ...] = HEAD) -> Path:
    """A supplier CSV of these rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def take(hub: Hub, path: Path, mode: Mode = Mode.INCREMENTAL) -> LoadReport:
    """The file loaded as plain suppliers."""
    return load(hub, LoadRequest("csv", [path], mode, "test", "supplier"))


def states(hub: Hub) -> dict[str, str]:
    """State of each source record by its key."""
    with hub.database.read() as connection:
        rows = connection.execute(text("SELECT source_key, state FROM source_record"))
        return {row[0]: row[1] for row in rows}


def statuses(hub: Hub) -> list[str]:
    """Statuses of all golden records."""
    with hub.database.read() as connection:
        return [row[0] for row in connection.execute(text("SELECT status FROM golden"))]


def test_absence_from_a_complete_file_ends_the_source_record_never_the_golden_one(
    hub: Hub, tmp_path: Path
) -> None:
    both = write(tmp_path / "suppliers.csv", [("1", "Acme", *BERLIN), ("2", "Borealis", *BERLIN)])
    take(hub, both, Mode.FULL)
    one = write(tmp_path / "fewer.csv", [("1", "Acme", *BERLIN)])
    assert take(hub, one, Mode.INCREMENTAL).ended == 0
    assert take(hub, one, Mode.FULL).ended == 1
    assert states(hub) == {"1": "active", "2": "ended"}
    assert sorted(statuses(hub)) == ["active", "retired"]
    assert take(hub, both, Mode.FULL).changed == 1
    assert sorted(statuses(hub)) == ["active", "active"]


def page(path: Path, keys: str, **beside: object) -> Path:
    """A page of a NetSuite answer with vendors of these keys."""
    items = [{"id": key, "companyname": f"Vendor {key}", "isinactive": "F"} for key in keys]
    path.write_text(json.dumps({"items": items, **beside}))
    return path


@pytest.mark.parametrize("beside", [{"hasMore": True}, {"hasMore": False, "totalResults": 3}])
def test_a_full_load_that_lacks_pages_is_refused_whole(
    sqlite_hub: Hub, tmp_path: Path, beside: dict[str, object]
) -> None:
    def vendors(*paths: Path, mode: Mode = Mode.FULL) -> LoadReport:
        return load(sqlite_hub, LoadRequest("netsuite", paths, mode, "test"))

    first = page(tmp_path / "vendors1.json", "12", **beside)
    last = page(tmp_path / "vendors2.json", "3", hasMore=False)
    assert vendors(first, last).added == 3
    with pytest.raises(IncompleteExport, match=r"vendors1\.json .* Nothing was applied"):
        vendors(first)
    assert set(states(sqlite_hub).values()) == {"active"}
    (note,) = vendors(first, mode=Mode.INCREMENTAL).notes
    assert "Load the others too" in note


def test_a_rejected_row_counts_as_present(hub: Hub, tmp_path: Path) -> None:
    take(hub, write(tmp_path / "s.csv", [("1", "Acme", *BERLIN)]), Mode.FULL)
    report = take(hub, write(tmp_path / "s.csv", [("1", "", *BERLIN)]), Mode.FULL)
    assert (report.rejected, report.ended) == (1, 0)
    assert states(hub) == {"1": "active"}


def test_rows_of_several_companies_are_told_how_to_load_and_then_all_are_kept(
    hub: Hub, tmp_path: Path
) -> None:
    head = ("id", "name", "legal_entity")
    rows = [("1", "Acme", "1010"), ("1", "Acme", "1710")]
    (note,) = take(hub, write(tmp_path / "s.csv", rows, head)).notes
    assert note.startswith("1 rows told a key again (1); the later row counts.")
    assert "load one company's rows after another's" in note
    for row in rows:
        take(hub, write(tmp_path / "s.csv", [row], head))
    with hub.database.read() as connection:
        (record,) = connection.execute(text("SELECT record FROM source_record")).one()
    told = record if isinstance(record, dict) else json.loads(record)
    assert {one["legal_entity"] for one in told["companies"]} == {"1010", "1710"}


def test_a_column_of_several_files_that_no_line_reads_is_named_once(
    sqlite_hub: Hub, tmp_path: Path
) -> None:
    head = ("id", "name", "shoe_size")
    paths = [write(tmp_path / f"{n}.csv", [(str(n), f"Acme {n}", "7")], head) for n in (1, 2)]
    request = LoadRequest("csv", paths, Mode.INCREMENTAL, "test", "supplier")
    assert load(sqlite_hub, request).unmapped_columns == ["shoe_size"]


def test_a_file_with_bad_rows_loads_all_others(hub: Hub, tmp_path: Path) -> None:
    rows = [(str(n), "" if n % 10 == 0 else f"Name {n}", *BERLIN) for n in range(100)]
    report = take(hub, write(tmp_path / "s.csv", rows))
    assert (report.read, report.added, report.rejected) == (100, 90, 10)
    again = take(hub, tmp_path / "s.csv")
    assert (again.added, again.changed, again.unchanged) == (0, 0, 90)
    with hub.database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM reject")) == 10


def test_a_row_with_a_character_no_database_holds_is_refused_alone(
    hub: Hub, tmp_path: Path
) -> None:
    rows = [("1", "Ac\0me", *BERLIN), ("2\0", "Acme", *BERLIN), ("3", "Borealis", *BERLIN)]
    payloads = [dict(zip(HEAD, row, strict=True)) for row in rows]
    answers = push(hub, "csv", "suppliers", payloads, Act("push", "test", "supplier"))
    assert [answer.outcome for answer in answers] == ["rejected", "rejected", "accepted"]
    assert {answer.code for answer in answers[:2]} == {"control_character"}


def test_terms_without_their_company_are_named_by_a_load_and_a_push(
    sqlite_hub: Hub, tmp_path: Path
) -> None:
    path = write(tmp_path / "suppliers.csv", [("1", "Acme", "N30")], ("id", "name", "Terms"))
    (note,) = take(sqlite_hub, path).notes
    assert note.startswith("Terms was not kept: it belongs to legal_entity (also read: company_c")
    payloads = [{"id": "2", "name": "Borealis", "terms": "N30"}, {"id": "3", "name": "Cedar"}]
    answers = push(sqlite_hub, "csv", "suppliers", payloads, Act("push", "test", "supplier"))
    assert [[text.split(":")[0] for text in one.findings] for one in answers] == [
        ["terms was not kept"],
        [],
    ]


def test_a_file_without_rows_says_so(sqlite_hub: Hub, tmp_path: Path) -> None:
    path = tmp_path / "suppliers.csv"
    path.write_text("id,name\n")
    report = load(sqlite_hub, LoadRequest("csv", [path], Mode.INCREMENTAL, "test"))
    assert any("suppliers.csv has no rows" in note for note in report.notes)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("business_partners.json", b'{"d":{"results":[{"Supplier":"1","SupplierName":"A"},{"Su'),
        ("cremas.xml", b"<CREMAS05><IDOC><E1LFA1M><LIFNR>1</LIFNR><NAME1>A</NAME1></E1LFA1M>"),
        ("suppliers.csv", b"name,city\nAcme,Berlin\n"),
        ("suppliers.csv", "id,name\n1,Müller\n".encode("utf-16")[3:]),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(
    hub: Hub, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    before = world.counts(hub)
    source = "csv" if name.endswith("csv") else "s4"
    with pytest.raises(HubError) as caught:
        load(hub, LoadRequest(source, [path], Mode.INCREMENTAL, "test"))
    assert name in caught.value.detail
    assert world.counts(hub) == before


def test_the_later_row_of_a_key_told_twice_counts_however_often_it_is_loaded(
    hub: Hub, tmp_path: Path
) -> None:
    rows = [("1", "Old name", *BERLIN), ("2", "Borealis", *BERLIN), ("1", "New name", *BERLIN)]
    path = write(tmp_path / "s.csv", rows)
    assert take(hub, path).added == 2
    before = world.counts(hub) | LOGGED
    assert (take(hub, path).changed, world.counts(hub) | LOGGED) == (0, before)
    with hub.database.read() as connection:
        names = connection.execute(text("SELECT record FROM source_record")).scalars().all()
    assert not any("Old name" in record for record in names)


def test_five_systems_load_without_a_reject_and_a_second_time_without_a_change(
    hub: Hub, tmp_path: Path
) -> None:
    samples = write_exports(tmp_path / "exports", suppliers=300)
    order = sorted(samples.files.items(), key=lambda item: (item[0] != "csv", item[0]))
    for source, paths in order:
        assert load(hub, LoadRequest(source, paths, Mode.FULL, "test")).rejected == 0
    before = world.counts(hub) | LOGGED
    for source, paths in order:
        report = load(hub, LoadRequest(source, paths, Mode.FULL, "test"))
        assert (report.added, report.changed, report.ended) == (0, 0, 0)
    assert world.counts(hub) | LOGGED == before


def test_no_bank_account_stands_in_clear_anywhere(sqlite_hub: Hub, tmp_path: Path) -> None:
    rows = [("1", "Acme", *BERLIN[:5], IBAN), ("2", "", *BERLIN[:5], IBAN)]
    take(sqlite_hub, write(tmp_path / "s.csv", rows))
    sqlite_hub.database.close()
    file = Path(sqlite_hub.settings.database_url.removeprefix("sqlite:///"))
    stored = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    assert b"Acme" in stored
    assert IBAN.encode() not in stored


def test_a_first_load_gives_what_the_general_path_gives(
    new_hub: Callable[[], Hub], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "suppliers.csv"
    bench_csv(path, 1500, 3)
    one, other = new_hub(), new_hub()
    take(other, path)
    monkeypatch.setattr(loading, "FIRST_LOAD", 1)
    monkeypatch.setattr("mdm.first_plan.BATCH", 400)
    take(one, path, Mode.INITIAL)
    assert world.state(one) == world.state(other)


def test_four_writers_at_once_equal_one_after_the_other(
    new_hub: Callable[[], Hub], tmp_path: Path
) -> None:
    path = tmp_path / "suppliers.csv"
    bench_csv(path, 200, 5)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    together, alone = new_hub(), new_hub()
    parts = [rows[start : start + 10] for start in range(0, len(rows), 10)]

    def send(part: list[dict[str, str]]) -> None:
        push(together, "csv", "suppliers", part, Act("push", "test", "supplier"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, parts))
    push(alone, "csv", "suppliers", rows, Act("push", "test", "supplier"))
    assert world.state(together) == world.state(alone)


def test_a_load_killed_at_any_moment_is_continued_by_running_it_again(
    new_hub: Callable[[], Hub], tmp_path: Path
) -> None:
    path = tmp_path / "suppliers.csv"
    bench_csv(path, 12_000, 9)
    killed, whole = new_hub(), new_hub()
    run = "from mdm.cli import main; main()"
    command = [sys.executable, "-c", run, "load", "csv", str(path), "--domain", "supplier"]
    environment = {
        **os.environ,
        "MDM_DATABASE_URL": killed.settings.database_url,
        "MDM_KEYS": str(killed.settings.keys_file),
    }
    rng = random.Random(9)
    for _ in range(3):
        started = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        time.sleep(1.5 + rng.random() * 4)
        started.send_signal(signal.SIGKILL)
        started.wait()
    take(killed, path)
    take(whole, path)
    assert world.state(killed) == world.state(whole)


def test_a_large_first_load_that_tells_versions_of_a_key_takes_them_in_their_order(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "FIRST_LOAD", 2)
    days = [(1, "2026-01-01"), (2, "2026-03-01"), (3, "2026-01-01"), (2, "2026-02-01")]
    told = [
        {"id": n, "name": f"Acme {day}", "status": "active", "updated-at": day} for n, day in days
    ]
    path = tmp_path / "suppliers.json"
    path.write_text(json.dumps(told))
    report = load(hub, LoadRequest("coupa", [path], Mode.INITIAL, "test", "supplier"))
    assert (report.read, report.added) == (4, 3)
    with hub.database.read() as connection:
        names = connection.execute(
            text("SELECT source_key, record FROM source_record ORDER BY source_key")
        )
        assert [json.loads(row[1])["name"] for row in names] == [
            "Acme 2026-01-01",
            "Acme 2026-03-01",
            "Acme 2026-01-01",
        ]


@pytest.mark.parametrize("new_hub", ["postgres"], indirect=True)
def test_a_first_load_leaves_postgresql_with_statistics_of_its_tables(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "FIRST_LOAD", 100)
    path = tmp_path / "suppliers.csv"
    bench_csv(path, 300)
    load(hub, LoadRequest("csv", [path], Mode.INITIAL, "test"))
    with hub.database.read() as connection:
        rows = connection.scalar(
            text("SELECT reltuples FROM pg_class WHERE relname = 'source_record'")
        )
    assert rows == 300
