"""What the rules say of golden records, the whole hub over: the rules that also judge arrivals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as made

from mdm.model.domain import Domain
from mdm.quality import check
from mdm.records import Document
from mdm.staging import Progress
from mdm.store import whole
from mdm.store.hub import Hub

SHOWN = 3
"""Records that are named of each finding."""
_PLACE = re.compile(r"\[\d+\]")


@dataclass(slots=True)
class Failing:
    """Golden records that fail one rule in one field."""

    domain: str
    code: str
    field: str
    sentence: str
    """What is wrong with the first of them."""
    records: int = 0
    examples: list[str] = made(default_factory=list)


@dataclass(slots=True)
class Judged:
    """What was judged, and all that failed, the most frequent first."""

    records: int
    failing: list[Failing]


def judged(hub: Hub, domains: Iterable[Domain], progress: Progress) -> Judged:
    """Every living golden record of these domains, judged by the rules as they are now."""
    found: dict[tuple[str, str, str], Failing] = {}
    count = 0
    with hub.database.read() as connection:
        for domain in domains:
            for page in whole.living(connection, domain.name):
                for golden_id, record in page:
                    _judge(found, domain, golden_id, record)
                count += len(page)
                progress(f"judging {domain.path}", count)
    return Judged(
        count, sorted(found.values(), key=lambda one: (-one.records, one.code, one.field))
    )


def _judge(
    found: dict[tuple[str, str, str], Failing], domain: Domain, golden_id: str, record: Document
) -> None:
    """Counts a record once under each rule and field that it fails, in however many places."""
    failed = {(one.code, _PLACE.sub("", one.field)): one for one in check(domain, record)}
    for (code, path), one in failed.items():
        place = (domain.name, code, path)
        failing = found.setdefault(place, Failing(*place, one.message))
        failing.records += 1
        if len(failing.examples) < SHOWN:
            failing.examples.append(golden_id)
