"""What came in: loads, staged batches, source records and their versions, keys, edges, rejects."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from mdm.store.tables.metadata import METADATA, Code, Id

load = Table(
    "load",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("source", Code, nullable=False),
    Column("mode", Code, nullable=False),
    Column("state", Code, nullable=False),  # staging, staged, stopped, applying, done, dropped
    Column("files", Text, nullable=False),  # JSON: name, size, hash
    Column("actor", Text, nullable=False),
    Column("correlation_id", Code, nullable=False),
    Column("started_at", Code, nullable=False),
    Column("finished_at", Code),
    Column("counts", Text),  # JSON: what `mdm load --json` answers
    Column("stopped_by", Text),  # JSON: the guards that tripped, with what caused it
    Column("fingerprint", Code),  # of what was stopped: the same files do not stop twice
    sqlite_autoincrement=True,
)

stage_batch = Table(
    "stage_batch",
    METADATA,
    Column("load_id", Id, ForeignKey("load.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("file", Text, nullable=False),
    Column("feed", Code, nullable=False),
    Column("format", Code, nullable=False),
    Column("rows", LargeBinary, nullable=False),  # of a stopped load: as read, packed, sealed
)

source_record = Table(
    "source_record",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("domain", Code, nullable=False),
    Column("source", Code, nullable=False),
    Column("source_key", Code, nullable=False),
    Column("golden_id", Code, nullable=False),
    Column("own_id", Code),  # the golden id that was assigned with this record as its founder
    Column("state", Code, nullable=False),  # active, ended, excluded
    Column("version", Integer, nullable=False),
    Column("record", Text, nullable=False),  # JSON: what the source says, all told versions folded
    Column("told", Text),  # JSON: what this version told; null: the same as record
    Column("findings", Text),  # JSON: what a person should know of it all the same
    Column("raw", LargeBinary, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("raw_hash", LargeBinary, nullable=False),  # of the payload: tells an unchanged row early
    Column("sequence", Code),
    Column("source_time", Code),
    Column("mapping_version", Code, nullable=False),
    Column("load_id", Id),
    Column("line", Integer),
    Column("tx", Id, nullable=False),
    UniqueConstraint("domain", "source", "source_key"),
    Index("ix_source_record_golden_id", "golden_id"),
    Index("ix_source_record_tx", "tx"),
)

source_version = Table(
    "source_version",
    METADATA,
    Column("record_id", Id, ForeignKey("source_record.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("state", Code, nullable=False),
    Column("golden_id", Code, nullable=False),
    Column("record", Text, nullable=False),
    Column("told", Text),
    Column("findings", Text),  # JSON: what a person should know of it all the same
    Column("raw", LargeBinary, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("raw_hash", LargeBinary, nullable=False),  # of the payload: tells an unchanged row early
    Column("sequence", Code),
    Column("source_time", Code),
    Column("mapping_version", Code, nullable=False),
    Column("load_id", Id),
    Column("line", Integer),
    Column("tx", Id, nullable=False),  # when this version was received
    Column("until_tx", Id),  # when the next one took its place
)

source_moved = Table(
    "source_moved",
    METADATA,
    Column("record_id", Id, primary_key=True, autoincrement=False),
    Column("until_tx", Id, primary_key=True, autoincrement=False),  # when it moved on
    Column("golden_id", Code, nullable=False),  # where it answered until then
    sqlite_with_rowid=False,
)

match_key = Table(
    "match_key",
    METADATA,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("record_id", Id, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

edge = Table(
    "edge",
    METADATA,
    Column("left_id", Id, primary_key=True, autoincrement=False),  # the lower record id
    Column("right_id", Id, primary_key=True, autoincrement=False),
    Column("probability", Float, nullable=False),
    Column("verdict", Integer, nullable=False),  # 0 no_match, 1 possible_match, 2 match
    Column("veto", Boolean, nullable=False),
    Column("evidence", Code, nullable=False),  # a level per field, one character each
    Column("rules", Code, nullable=False),
    Column("tx", Id, nullable=False),
    Index("ix_edge_right_id", "right_id"),
    sqlite_with_rowid=False,
)

edge_history = Table(
    "edge_history",
    METADATA,
    Column("left_id", Id, primary_key=True, autoincrement=False),
    Column("right_id", Id, primary_key=True, autoincrement=False),
    Column("until_tx", Id, primary_key=True, autoincrement=False),  # when it was scored otherwise
    Column("probability", Float, nullable=False),
    Column("verdict", Integer, nullable=False),
    Column("veto", Boolean, nullable=False),
    Column("evidence", Code, nullable=False),
    Column("rules", Code, nullable=False),
    Column("tx", Id, nullable=False),
    Index("ix_edge_history_right_id", "right_id"),
    sqlite_with_rowid=False,
)

sealed_value = Table(
    "sealed_value",
    METADATA,
    Column("fingerprint", Code, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

reject = Table(
    "reject",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("load_id", Id),
    Column("source", Code, nullable=False),
    Column("domain", Code, nullable=False),
    Column("source_key", Code),
    Column("file", Text),
    Column("line", Integer, nullable=False),
    Column("code", Code, nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("mapping_version", Code, nullable=False),
    Column("state", Code, nullable=False),  # open, retried, superseded
    Column("at", Code, nullable=False),
    Column("payload_hash", LargeBinary, nullable=False),
    Index("ix_reject_state", "state", "source"),
    Index("ix_reject_source_key", "source", "source_key"),
    UniqueConstraint("source", "domain", "payload_hash", "code"),
    sqlite_autoincrement=True,
)

unmapped_code = Table(
    "unmapped_code",
    METADATA,
    Column("source", Code, primary_key=True),
    Column("domain", Code, primary_key=True),
    Column("field", Code, primary_key=True),
    Column("value", Code, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("first_at", Code, nullable=False),
    Column("last_at", Code, nullable=False),
    Column("resolved_at", Code),
)
