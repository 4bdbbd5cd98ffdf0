"""What goes out: the outbox, what each subscriber holds, dead letters."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from mdm.store.tables.metadata import METADATA, Code, Id, only

outbox = Table(
    "outbox",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("tx", Id, nullable=False),
    Column("position", BigInteger),  # feed position, in commit order, given by the sequencer
    Column("subscriber", Code, nullable=False),
    Column("domain", Code, nullable=False),
    Column("golden_id", Code, nullable=False),
    Column("entityversion", Integer, nullable=False),
    Column(
        "type", Code, nullable=False
    ),  # created, changed, merged, unmerged, retired, left, erased
    Column("data", Text, nullable=False),  # the event's data member, frozen at commit
    Column("state", Code, nullable=False),  # pending, sent, dead
    Column("attempts", Integer, nullable=False),
    Column("next_at", Code),  # set while in trouble: not before then; a dead letter: never
    Column("error", Text),
    Column("sent_at", Code),
    Index("ix_outbox_tx", "tx"),
    # Partial: rows come into the first when they are numbered, leave the second when they are sent,
    # and few are ever in the third.
    Index("ix_outbox_feed", "subscriber", "position", **only("position IS NOT NULL")),
    Index("ix_outbox_pending", "subscriber", "position", **only("state = 'pending'")),
    Index("ix_outbox_trouble", "subscriber", "golden_id", **only("next_at IS NOT NULL")),
    sqlite_autoincrement=True,
)

published = Table(
    "published",
    METADATA,
    Column("subscriber", Code, primary_key=True),
    Column("golden_id", Code, primary_key=True),
    Column("domain", Code, nullable=False),
    Column("entityversion", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # of the golden record
    Column("digest", LargeBinary, nullable=False),  # of what is published, to send only changes
    Column("record", Text),  # JSON; null: the record has left the subscription
    Column("status", Code, nullable=False),
    sqlite_with_rowid=False,
)

subscription_state = Table(
    "subscription_state",
    METADATA,
    Column("subscriber", Code, primary_key=True),
    Column("version", Code, nullable=False),  # content hash of the activated subscription
    Column("since_tx", Id, nullable=False),
)
