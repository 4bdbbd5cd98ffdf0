"""What a person should know of a code's periods: overlaps, an end before the beginning, gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mdm.golden.overriding import member_of
from mdm.golden.state import Held, Task
from mdm.model.domain import Domain
from mdm.survivorship.slices import findings_of

TASK = "periods"
"""The kind of the task that asks a person to have periods corrected."""


def period_tasks(domain: Domain, groups: Sequence[Sequence[Held]]) -> Iterator[Task]:
    """A task for each code whose periods do not fit together; none where domains have no dates."""
    if not domain.dated:
        return
    for group in groups:
        ordered = sorted(group, key=lambda record: record.crosswalk)
        found = findings_of(domain, [member_of(record) for record in ordered])
        if found:
            told = ordered[0].record
            yield Task(
                kind=TASK,
                key=" ".join((domain.name, *(str(told.get(name) or "") for name in domain.code))),
                records=tuple(record.id for record in ordered),
                priority=0.5,
                facts={
                    "codes": list(dict.fromkeys(one.code for one in found)),
                    "sources": sorted({record.source for record in ordered}),
                    "sentence": " ".join(dict.fromkeys(one.message for one in found)),
                },
            )
