"""Numbers in commit order: nobody who reads "above N" ever misses anything."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from mdm.store.database import Database, open_database
from mdm.store.lease import Lease
from mdm.store.sequencer import sequence, unnumbered
from mdm.store.transaction import Act, transaction
from tests.publishers.hub import Writer, golden, prepared, subscription

WRITERS = 4
EACH = 30


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    opened = prepared(database_url, tmp_path)
    yield opened
    opened.close()


def feed(database: Database, after: int) -> list[tuple[int, str, int]]:
    with database.read() as connection:
        rows = connection.execute(
            text(
                "SELECT position, golden_id, entityversion FROM outbox WHERE position > :after"
                " ORDER BY position"
            ),
            {"after": after},
        )
        return [(row[0], row[1], row[2]) for row in rows]


def test_positions_run_without_gaps_in_the_order_of_commits(database: Database) -> None:
    writer = Writer(database, [subscription()])
    for version in range(1, 4):
        writer.commit(golden(1, version), golden(2, version))
    assert sequence(database, "one") == 4  # mdm init was a transaction too
    read = feed(database, 0)
    assert [position for position, _, _ in read] == list(range(1, 7))
    assert [version for _, _, version in read] == [1, 1, 2, 2, 3, 3]


def test_numbering_twice_changes_nothing(database: Database) -> None:
    Writer(database, [subscription()]).commit(golden(1))
    sequence(database, "one")
    before = feed(database, 0)
    assert sequence(database, "one") == 0
    assert feed(database, 0) == before


def test_only_the_holder_of_the_lease_numbers(database: Database) -> None:
    Writer(database, [subscription()]).commit(golden(1))
    assert Lease(database, "sequencer", "other").held()
    assert sequence(database, "one") == 0
    Lease(database, "sequencer", "other").drop()
    assert sequence(database, "one") > 0


def test_a_transaction_that_commits_late_holds_back_what_began_after_it(
    postgres_url: str, tmp_path: Path
) -> None:
    database = prepared(postgres_url, tmp_path)
    sequence(database, "one")
    with transaction(database, Act("test", "slow", "project")):
        Writer(database, [subscription()]).commit(golden(1))
        assert sequence(database, "one") == 0
    assert sequence(database, "one") == 2
    database.close()


def test_a_reader_of_the_feed_misses_nothing_of_four_concurrent_writers(
    database_url: str, tmp_path: Path
) -> None:
    """Each writer has its own domain, so that none waits for another; every third commits late."""
    prepared(database_url, tmp_path).close()
    threads = [
        threading.Thread(target=_write, args=(database_url, number)) for number in range(WRITERS)
    ]
    database = open_database(database_url)
    seen: list[tuple[int, str, int]] = []
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) or _open(database):
        sequence(database, "one")
        seen += feed(database, seen[-1][0] if seen else 0)
    for thread in threads:
        thread.join()
    assert [position for position, _, _ in seen] == list(range(1, WRITERS * EACH + 1))
    assert seen == feed(database, 0)
    database.close()


def _open(database: Database) -> bool:
    with database.read() as connection:
        return unnumbered(connection) > 0


def _write(url: str, number: int) -> None:
    database = open_database(url)
    writer = Writer(database, [subscription()])
    for turn in range(EACH):
        late = 0.03 if turn % 3 == 0 and database.dialect == "postgresql" else 0.0
        writer.commit(golden(1000 * number + turn), domain=f"writer {number}", late=late)
        time.sleep(0.002)
    database.close()
