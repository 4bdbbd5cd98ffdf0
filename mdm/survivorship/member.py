"""What survivorship reads and gives: members of a group, what they tell, the golden document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from mdm.records import Document, Finding

HUB = "hub"
"""The source whose records are authored here; on the records of others they are overrides."""


class ChildId(Protocol):
    """Gives the permanent id of a child from its founding source record and its own key."""

    def __call__(self, prefix: str, source: str, source_key: str, *local: str) -> str: ...


@dataclass(slots=True)
class Member:
    """A source record of a group, as survivorship reads it."""

    record_id: int
    source: str
    source_key: str
    document: Document
    source_time: str | None = None
    tx: int = 0
    ended: bool = False
    findings: Sequence[Finding] = ()
    """What failed in it: lowers the trust in the fields that the findings name."""
    override: bool = False
    """A person's value for one field: it is no source record and founds nothing."""

    @property
    def crosswalk(self) -> tuple[str, str]:
        """The crosswalk key; ties end on it."""
        return (self.source, self.source_key)


class Told(NamedTuple):
    """A value and the member that tells it."""

    member: Member
    value: Any


@dataclass(slots=True)
class Survived:
    """The golden document, where its values come from, and what was wrong on the way.

    Lineage is `{"members": [[record_id, source, source_key]], "fields": {path: [member, rule]}}`,
    members in the order of their crosswalk keys; with one member, `fields` is empty. Where
    overrides hold there is `"overrides": [[override, "hub", key]]` too, and a member's number
    goes on counting there. A path is `name`, `addresses/ID`, `companies/ID/currency`, or
    `slices/VALID_FROM` with or without a field.
    """

    document: Document
    lineage: Document
    findings: list[Finding] = field(default_factory=list)


NOTHING: tuple[Any, ...] = (None, "", [])


def is_told(value: object) -> bool:
    """Whether a source says something with this value."""
    return value not in NOTHING
