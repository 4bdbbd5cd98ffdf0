"""For subscribers: what to do with an event that arrives, once, twice, late or after a gap.

Brokers deliver at least once, and a reconnect may repeat or reorder. Every event is also the whole
state of its record, so that the newest one is always enough; a gap is healed from
`GET /v1/changes`, which is the log of record.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

import msgspec

ENDED = ("left", "merged", "erased")


class Taken(enum.Enum):
    """What became of an event."""

    APPLIED = "applied"
    """It was the next one, or the first heard of the record."""
    APPLIED_AFTER_GAP = "applied after gap"
    """Newer, but events between are missing: the state is right, the history is not."""
    DROPPED = "dropped"
    """Not newer than what is held: a repetition, or one that was overtaken."""


class Event(msgspec.Struct):
    """What a subscriber reads of an envelope; what it does not know it passes over."""

    id: str
    type: str
    subject: str
    epoch: int
    entityversion: int
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gap:
    """Events of a record that were never heard: versions from `first` to `last`."""

    subject: str
    epoch: int
    first: int
    last: int


@dataclass(slots=True)
class Holding:
    """What a subscriber holds: state by golden id, and how far it heard."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The current record by golden id; records that ended or left are not in it."""
    leads_to: dict[str, str] = field(default_factory=dict)
    """Golden ids that were merged, with the id that answers for them."""
    versions: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The highest (epoch, entityversion) heard of each golden id."""
    gaps: list[Gap] = field(default_factory=list)

    def take(self, payload: bytes) -> Taken:
        """Applies an event as it came from the broker, at most once."""
        event = msgspec.json.decode(payload, type=Event)
        heard = self.versions.get(event.subject)
        version = (event.epoch, event.entityversion)
        if heard is not None and version <= heard:
            return Taken.DROPPED
        self.versions[event.subject] = version
        self._apply(event)
        # Versions restart with an epoch; and who has just subscribed starts in the middle.
        if heard is None or heard[0] != event.epoch or version[1] == heard[1] + 1:
            return Taken.APPLIED
        self.gaps.append(Gap(event.subject, event.epoch, heard[1] + 1, version[1] - 1))
        return Taken.APPLIED_AFTER_GAP

    def current_id(self, golden_id: str) -> str:
        """The id that answers for this one now, through any chain of merges."""
        while golden_id in self.leads_to:
            golden_id = self.leads_to[golden_id]
        return golden_id

    def _apply(self, event: Event) -> None:
        happened = event.type.split(".")[-2]
        self.leads_to.pop(event.subject, None)
        if happened in ENDED:
            self.records.pop(event.subject, None)
            if event.data.get("merged_into"):
                self.leads_to[event.subject] = event.data["merged_into"]
        else:
            self.records[event.subject] = event.data["record"]
