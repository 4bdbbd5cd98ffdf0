"""A small hub for the transports' tests: golden records straight into the outbox."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from mdm.domains import DOMAINS
from mdm.golden.decide import Change
from mdm.golden.state import Golden
from mdm.publication.subscription import Subscription, parse_subscription
from mdm.settings import Settings
from mdm.store.database import Database, open_database
from mdm.store.hub import initialise
from mdm.store.publish import publish
from mdm.store.transaction import Act, transaction

SUPPLIERS = """\
subscriber: {name}
meaning: Names and countries.
domains:
  supplier:
    fields: [name, country, status]
"""


def subscription(name: str = "coupa") -> Subscription:
    """A subscription of suppliers' names."""
    return parse_subscription(SUPPLIERS.format(name=name), name)


def prepared(url: str, folder: Path) -> Database:
    """An initialised database."""
    initialise(Settings(database_url=url, keys=folder / "mdm.keys"), {})
    return open_database(url)


def golden_id(number: int) -> str:
    """The id of a test's supplier."""
    digits = "abcdefghij"
    return "sup_" + "".join(digits[int(d)] for d in f"{number:022d}")


def golden(number: int, version: int = 1, name: str | None = None, **more: str | None) -> Golden:
    """A supplier in one version."""
    record = {"name": name or f"Supplier {number} v{version}", "country": "DE", "status": "active"}
    return Golden(
        no=number,
        golden_id=golden_id(number),
        domain="supplier",
        version=version,
        status=more.get("status") or "active",
        region=None,
        record=record,
        lineage={},
        merged_into=more.get("merged_into"),
        tx=0,
    )


@dataclass(slots=True)
class Writer:
    """Commits changes of suppliers as the pipeline does."""

    database: Database
    subscriptions: list[Subscription]

    def commit(self, *goldens: Golden, domain: str = "supplier", late: float = 0.0) -> None:
        """One transaction with these golden records in their new versions, committed late."""
        with transaction(self.database, Act("test", "test", domain)) as tx:
            changes = [Change(None, golden, "changed") for golden in goldens]
            publish(tx, self.subscriptions, DOMAINS["supplier"], changes)
            time.sleep(late)
