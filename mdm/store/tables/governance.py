"""What people are asked and what they said."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, Table, Text

from mdm.store.tables.metadata import METADATA, Code, Id

task = Table(
    "task",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("kind", Code, nullable=False),  # possible_duplicate, contradiction, overlap ...
    Column("domain", Code, nullable=False),
    Column("key", Code, nullable=False),  # what it is about, stable over reloads
    Column("queue", Code, nullable=False),
    Column("role", Code, nullable=False),
    Column("state", Code, nullable=False),  # open, closed
    Column("priority", Float, nullable=False),
    Column("facts", Text, nullable=False),  # JSON: records, probability, evidence, sentence
    Column("assignee", Text),
    Column("version", Integer, nullable=False),
    Column("opened_at", Code, nullable=False),
    Column("opened_tx", Id, nullable=False),
    Column("closed_at", Code),
    Column("closed_tx", Id),
    Column("closed_as", Code),  # same, different, overtaken, withdrawn
    Index("ix_task_state", "state", "domain", "kind"),
    Index("ix_task_key", "key"),
    sqlite_autoincrement=True,
)

task_record = Table(
    "task_record",
    METADATA,
    Column("task_id", Id, ForeignKey("task.id"), primary_key=True),
    Column("record_id", Id, primary_key=True),
    Index("ix_task_record_record_id", "record_id"),
)

decision = Table(
    "decision",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("kind", Code, nullable=False),  # same, different
    Column("domain", Code, nullable=False),
    Column("actor", Text, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("reason", Text),
    Column("task_id", Id),
    Column("survivor", Code),  # the golden id the steward chose to keep
    Column("at", Code, nullable=False),
    Column("tx", Id, nullable=False),
    Column("withdrawn_tx", Id),
    sqlite_autoincrement=True,
)

decision_record = Table(
    "decision_record",
    METADATA,
    Column("decision_id", Id, ForeignKey("decision.id"), primary_key=True),
    Column("record_id", Id, primary_key=True),
    Column("side", Integer, nullable=False),  # 0 left, 1 right
    Index("ix_decision_record_record_id", "record_id"),
)
