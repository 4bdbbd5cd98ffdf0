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

override = Table(
    "override",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("domain", Code, nullable=False),
    Column("golden_id", Code, nullable=False),  # the original it concerns
    Column("record_id", Id, nullable=False),  # the record that founded it: the override goes along
    Column("field", Code, nullable=False),  # name, addresses, companies.payment_terms
    Column("slot", Code, nullable=False),  # JSON: which child of several; "": none
    Column("value", Text, nullable=False),  # JSON
    Column("valid_from", Code),  # of a dated domain: the period it holds in
    Column("valid_to", Code),
    Column("reason", Text, nullable=False),
    Column("lifetime", Code, nullable=False),
    Column("until", Code),
    Column("consolidated", Text),  # JSON: what the sources gave when it was set
    Column("actor", Text, nullable=False),
    Column("at", Code, nullable=False),
    Column("tx", Id, nullable=False),
    Column("lifted_tx", Id),  # when it last stopped holding by itself; null: it holds
    Column("lifted_why", Text),
    Column("withdrawn_tx", Id),  # when a person took it back or set another value
    Index("ix_override_record_id", "record_id"),
    sqlite_autoincrement=True,
)

override_turn = Table(
    "override_turn",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("override_id", Id, ForeignKey("override.id"), nullable=False),
    Column("why", Text),  # why it stopped holding; null: it holds again
    Column("tx", Id, nullable=False),
    Index("ix_override_turn_override_id", "override_id"),
    sqlite_autoincrement=True,
)
