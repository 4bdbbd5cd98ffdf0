"""What the hub holds, as the rules read it: records, golden records, edges, decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mdm.records import Document, Finding


@dataclass(slots=True)
class Held:
    """A source record in its latest version."""

    id: int
    domain: str
    source: str
    source_key: str
    golden_id: str | None
    own_id: str | None
    state: str
    version: int
    record: Document
    told: Document | list[str] | None
    """As packed by versions.pack_told."""
    findings: list[Finding]
    raw: bytes
    content_hash: bytes
    raw_hash: bytes
    sequence: str | None
    source_time: str | None
    mapping_version: str
    load_id: int | None
    line: int | None
    tx: int

    @property
    def crosswalk(self) -> tuple[str, str]:
        """The crosswalk key within the domain; ties are broken on it."""
        return (self.source, self.source_key)


@dataclass(slots=True)
class Golden:
    """A golden record in one version."""

    no: int
    golden_id: str
    domain: str
    version: int
    status: str
    region: str | None
    record: Document
    lineage: Document
    merged_into: str | None
    tx: int

    def says_the_same(self, other: Golden) -> bool:
        """Whether the other version has the same state, numbers and times left out."""
        return (
            self.status == other.status
            and self.region == other.region
            and self.merged_into == other.merged_into
            and self.record == other.record
            and self.lineage == other.lineage
        )


@dataclass(frozen=True, slots=True)
class Edge:
    """A scored pair of source records; `left` is the lower id."""

    left: int
    right: int
    probability: float
    verdict: int
    veto: bool
    evidence: str
    rules: str
    tx: int = field(default=0, compare=False)
    """Since when it is scored so; 0: it is not stored yet."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said of two sets of source records; in force until withdrawn."""

    id: int
    kind: str
    left: tuple[int, ...]
    right: tuple[int, ...]
    survivor: str | None = None

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Every pair that the decision binds."""
        return [(a, b) for a in self.left for b in self.right if a != b]


@dataclass(slots=True)
class Task:
    """Work for a person: `key` says what it is about, however often it is found again."""

    kind: str
    key: str
    records: tuple[int, ...]
    priority: float
    facts: dict[str, Any] = field(default_factory=dict)
    queue: str = "matching"
    role: str = "steward"
