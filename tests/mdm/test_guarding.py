"""Loads that look wrong stop while still staged; a person releases or drops them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import mdm.load as loading
from mdm import guarding
from mdm.errors import BadRequest, Conflict, LoadStopped
from mdm.load import LoadReport, LoadRequest, load, load_released
from mdm.load_release import drop, release
from mdm.records import Mode
from mdm.samples import bench_csv, write_exports
from mdm.store.hub import Hub
from mdm.store.stopped import APPLYING, STOPPED, by_id, move
from mdm.store.transaction import Act, transaction
from tests.mdm.laws import world
from tests.mdm.proof.test_rebuild import checked
from tests.mdm.test_load import LOGGED, write

HEAD = ("id", "name", "street", "city", "postcode", "country", "vat_number", "iban", "phone")
ACT = Act("test", "grace", reason="looked at it")
STAGED = {"load": 0, "hub_transaction": 0, "audit": 0, "task": 0, "stage_batch": 0}
STAGED["counter"] = 0
CITIES = ("Berlin", "Hamburg", "Köln", "Bremen", "Essen", "Bonn", "Kiel", "Mainz", "Ulm", "Trier")
NAMES = ("Adler", "Birke", "Cramer", "Dorn", "Eiche", "Falk", "Gruber", "Hecht", "Iltis", "Jost")


def vat(number: int) -> str:
    """A German VAT number with its check digit (ISO 7064, MOD 11,10)."""
    digits = f"{10_000_000 + number}"
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return f"DE{digits}{(11 - product) % 10}"


def every_fifteenth(shared: str) -> Callable[[int], str]:
    """A column of VAT numbers in which every fifteenth row has the same value."""
    return lambda n: shared if n % 15 == 0 else vat(n)


def vendors(count: int = 150, **columns: Any) -> list[tuple[str, ...]]:
    """Rows of different suppliers; columns are functions of the row's number or constants."""
    rows = []
    for n in range(count):
        first, second, third = (NAMES[n // 10**place % 10] for place in range(3))
        told = {
            "id": str(n),
            "name": f"{first} {second} {third} GmbH",
            "street": f"{second}weg {n}",
            "city": CITIES[n % 10],
            "postcode": f"{10000 + n}",
            "country": "DE",
            "vat_number": vat(n),
            "iban": "",
            "phone": f"+49 30 90{n:06d}",
        }
        more = {name: made(n) if callable(made) else made for name, made in columns.items()}
        rows.append(tuple(str((told | more)[name]) for name in HEAD))
    return rows


def take(hub: Hub, path: Path, mode: Mode = Mode.INCREMENTAL) -> LoadReport:
    return load(hub, LoadRequest("csv", [path], mode, "test", "supplier"))


def stopped(hub: Hub, path: Path, mode: Mode = Mode.INCREMENTAL) -> LoadStopped:
    """The refusal of a load that is stopped, with nothing but itself kept."""
    before = world.counts(hub) | STAGED
    with pytest.raises(LoadStopped) as caught:
        take(hub, path, mode)
    assert world.counts(hub) | STAGED == before
    return caught.value


def guards_of(refusal: LoadStopped) -> set[str]:
    guards: Any = refusal.facts["guards"]
    return {str(one["guard"]) for one in guards}


def open_tasks(hub: Hub) -> list[str]:
    with hub.database.read() as connection:
        rows = connection.execute(
            text("SELECT facts FROM task WHERE state = 'open' AND kind = 'load_stopped'")
        )
        return [row[0] for row in rows]


def test_honest_exports_of_five_systems_never_trip(sqlite_hub: Hub, tmp_path: Path) -> None:
    samples = write_exports(tmp_path / "exports", suppliers=1500)
    order = sorted(samples.files.items(), key=lambda item: (item[0] != "csv", item[0]))
    for _ in range(2):
        for source, paths in order:
            load(sqlite_hub, LoadRequest(source, paths, Mode.FULL, "test"))


def swapped(one: str, other: str) -> Callable[[Sequence[tuple[str, ...]]], list[tuple[str, ...]]]:
    """Exchanges two columns."""
    a, b = HEAD.index(one), HEAD.index(other)
    place = {a: b, b: a}
    return lambda rows: [tuple(row[place.get(n, n)] for n in range(len(row))) for row in rows]


WRONG = {
    "vat_and_phone": (
        swapped("vat_number", "phone")(vendors()),
        "invalid",
        "tax_registrations.number",
    ),
    "name_and_city": (swapped("name", "city")(vendors()), "few", "name: "),
    "vat_placeholder": (vendors(vat_number="DE136695976"), "equal", "DE136695976"),
    "iban_placeholder": (vendors(iban="DE89370400440532013000"), "equal", "DE•• •••• 3000"),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("path", ["bulk first load", "first load", "later load"])
def test_a_load_that_looks_wrong_stops_and_names_the_cause(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str, path: str
) -> None:
    if path == "bulk first load":
        monkeypatch.setattr(loading, "FIRST_LOAD", 100)
    if path == "later load":
        take(hub, write(tmp_path / "good.csv", vendors(), HEAD))
    rows, guard, cause = WRONG[wrong]
    refusal = stopped(hub, write(tmp_path / "wrong.csv", rows, HEAD))
    assert guard in guards_of(refusal)
    assert cause in refusal.detail
    assert "mdm loads release" in refusal.detail
    assert len(open_tasks(hub)) == 1


def test_a_full_load_cut_to_half_stops(hub: Hub, tmp_path: Path) -> None:
    take(hub, write(tmp_path / "all.csv", vendors(), HEAD), Mode.FULL)
    refusal = stopped(hub, write(tmp_path / "half.csv", vendors(75), HEAD), Mode.FULL)
    assert guards_of(refusal) == {"missing"}
    assert "75 of 150 records of the last full load" in refusal.detail
    assert take(hub, tmp_path / "half.csv").unchanged == 75


def test_a_load_that_would_join_many_golden_records_stops(hub: Hub, tmp_path: Path) -> None:
    name = {"name": lambda n: f"{NAMES[n // 12]} {CITIES[n // 3 % 10]} GmbH"}
    take(hub, write(tmp_path / "good.csv", vendors(120, **name), HEAD))
    rows = vendors(120, **name, vat_number=lambda n: vat(n // 3))
    refusal = stopped(hub, write(tmp_path / "wrong.csv", rows, HEAD))
    assert "merged" in guards_of(refusal)
    assert "tax_registrations.number: DE" in refusal.detail


@pytest.mark.parametrize("shared", ["000000000", vat(999_999)])
def test_what_many_records_had_before_brings_nothing_together(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: str
) -> None:
    several = every_fifteenth(shared)
    take(hub, write(tmp_path / "first.csv", vendors(900, vat_number=several), HEAD))
    monkeypatch.setattr(guarding, "REHEARSED", 0)  # the comparison alone decides
    moved = vendors(900, vat_number=several, phone=lambda n: f"+49 40 8{n % 90:06d}")[::15]
    report = take(hub, write(tmp_path / "moved.csv", moved, HEAD))
    assert report.changed == 60


def test_a_new_record_with_a_placeholder_brings_nothing_together(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = every_fifteenth("000000000")
    take(hub, write(tmp_path / "first.csv", vendors(900, vat_number=several), HEAD))
    monkeypatch.setattr(guarding, "REHEARSED", 0)  # the comparison alone decides
    new = vendors(916, vat_number=several)[-1:]
    assert take(hub, write(tmp_path / "new.csv", new, HEAD)).added == 1


def test_many_changed_values_stop_a_load_and_name_the_field(hub: Hub, tmp_path: Path) -> None:
    take(hub, write(tmp_path / "good.csv", vendors(), HEAD))
    phones = vendors(phone=lambda n: f"+49 40 80{n:06d}" if n % 2 else f"+49 30 90{n:06d}")
    refusal = stopped(hub, write(tmp_path / "wrong.csv", phones, HEAD))
    assert guards_of(refusal) == {"flipped"}
    assert refusal.facts["causes"] == ["phone"]
    few = vendors(phone=lambda n: f"+49 40 80{n:06d}" if n < 40 else f"+49 30 90{n:06d}")
    assert take(hub, write(tmp_path / "few.csv", few, HEAD)).changed == 40


@pytest.mark.parametrize("limit", [10_000, 100], ids=["general path", "first load"])
def test_a_released_load_is_applied_exactly_as_without_guards(
    new_hub: Callable[[], Hub], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(loading, "FIRST_LOAD", limit)
    path = write(tmp_path / "wrong.csv", vendors(iban="DE89370400440532013000"), HEAD)
    guarded, free = new_hub(), new_hub()
    number = int(str(stopped(guarded, path).facts["load"]))
    path_of_free = tmp_path / "elsewhere"
    path_of_free.mkdir()
    monkeypatch.setattr(loading, "_judge", lambda *_: None)
    done = take(free, path)
    monkeypatch.undo()
    monkeypatch.setattr(loading, "FIRST_LOAD", limit)
    path.unlink()
    released = release(guarded, number, ACT)
    assert (released.added, released.golden_added) == (done.added, done.golden_added) == (150, 150)
    assert world.state(guarded) == world.state(free)
    assert checked(guarded).differences == []
    assert open_tasks(guarded) == []
    with pytest.raises(Conflict):
        drop(guarded, number, ACT)
    with guarded.database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM stage_batch")) == 0
        acts = connection.execute(text("SELECT kind, actor, reason FROM hub_transaction"))
        assert ("load_release", "grace", "looked at it") in [tuple(row) for row in acts]


def test_a_release_killed_before_its_rows_were_deleted_deletes_them(
    sqlite_hub: Hub, tmp_path: Path
) -> None:
    path = write(tmp_path / "wrong.csv", vendors(iban="DE89370400440532013000"), HEAD)
    number = int(str(stopped(sqlite_hub, path).facts["load"]))
    with sqlite_hub.database.read() as connection:
        load = by_id(connection, number)
    assert load is not None
    with transaction(sqlite_hub.database, ACT) as tx:
        assert move(tx, number, STOPPED, APPLYING)
    load_released(sqlite_hub, load, Act("load", "grace"))
    assert release(sqlite_hub, number, ACT).unchanged == 150
    assert world.counts(sqlite_hub)["stage_batch"] == 0
    with pytest.raises(Conflict):
        release(sqlite_hub, number, ACT)


def test_what_was_released_does_not_stop_again(hub: Hub, tmp_path: Path) -> None:
    path = write(tmp_path / "wrong.csv", vendors(iban="DE89370400440532013000"), HEAD)
    release(hub, int(str(stopped(hub, path).facts["load"])), ACT)
    before = world.counts(hub) | LOGGED
    assert take(hub, path).unchanged == 150
    assert world.counts(hub) | LOGGED == before


def test_a_dropped_load_leaves_nothing_and_the_same_file_is_judged_again(
    hub: Hub, tmp_path: Path
) -> None:
    before = world.counts(hub) | STAGED
    path = write(tmp_path / "wrong.csv", vendors(iban="DE89370400440532013000"), HEAD)
    number = int(str(stopped(hub, path).facts["load"]))
    with pytest.raises(BadRequest):
        drop(hub, number, Act("test", "grace"))
    drop(hub, number, ACT)
    assert world.counts(hub) | STAGED == before
    assert open_tasks(hub) == []
    with pytest.raises(Conflict):
        release(hub, number, ACT)
    assert stopped(hub, path).facts["load"] != number


def test_the_same_load_run_again_while_it_is_stopped_does_not_stack_up(
    hub: Hub, tmp_path: Path
) -> None:
    path = write(tmp_path / "wrong.csv", vendors(iban="DE89370400440532013000"), HEAD)
    first = stopped(hub, path)
    before = world.counts(hub)
    assert stopped(hub, path).facts["load"] == first.facts["load"]
    assert world.counts(hub) == before


def test_a_stopped_load_is_not_released_over_a_newer_one(hub: Hub, tmp_path: Path) -> None:
    path = write(tmp_path / "wrong.csv", vendors(iban="DE89370400440532013000"), HEAD)
    number = int(str(stopped(hub, path).facts["load"]))
    take(hub, write(tmp_path / "good.csv", vendors(), HEAD))
    with pytest.raises(Conflict, match="newer"):
        release(hub, number, ACT)


def test_rows_of_a_stopped_load_stand_nowhere_in_clear(sqlite_hub: Hub, tmp_path: Path) -> None:
    iban = "DE89370400440532013000"
    stopped(sqlite_hub, write(tmp_path / "wrong.csv", vendors(iban=iban), HEAD))
    sqlite_hub.database.close()
    file = Path(sqlite_hub.settings.database_url.removeprefix("sqlite:///"))
    kept = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    assert iban.encode() not in kept
    assert b"Adler Birke" not in kept


def test_a_release_killed_at_any_moment_continues(
    new_hub: Callable[[], Hub], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "suppliers.csv"
    bench_csv(path, 6_000, 9)
    lines = path.read_text(encoding="utf-8").splitlines()
    column = lines[0].split(",").index("phone")
    cells = [line.split(",") for line in lines]
    told = [cells[0], *([*c[:column], "+49 30 1234567", *c[column + 1 :]] for c in cells[1:])]
    path.write_text("\n".join(map(",".join, told)) + "\n", encoding="utf-8")
    killed, whole = new_hub(), new_hub()
    number = int(str(stopped(killed, path).facts["load"]))
    run = "from mdm.cli import main; main()"
    command = [
        sys.executable,
        "-c",
        run,
        "loads",
        "release",
        str(number),
        "--reason",
        "it is right",
    ]
    environment = {
        **os.environ,
        "MDM_DATABASE_URL": killed.settings.database_url,
        "MDM_KEYS": str(killed.settings.keys_file),
    }
    rng = random.Random(9)
    for _ in range(2):
        started = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        time.sleep(2 + rng.random() * 4)
        started.send_signal(signal.SIGKILL)
        started.wait()
    with killed.database.read() as connection:
        state = connection.scalar(text("SELECT state FROM load"))
    if state != "done":
        release(killed, number, ACT)
    monkeypatch.setattr(loading, "_judge", lambda *_: None)
    take(whole, path)
    assert world.state(killed) == world.state(whole)
