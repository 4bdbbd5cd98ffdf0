"""Which open questions are most worth a decision: the uncertain ones, and some at random."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.ask import worth_asking
from matching.fields import FIELDS, MISSING
from matching.find import bits_of
from mdm.model.domain import Domain
from mdm.store.database import Connection
from mdm.store.hub import Hub, rules_of
from mdm.store.tasks import StoredTask, Wanted, tasks

MOST_WEIGHED = 20_000
"""Open questions that are weighed against each other, those nearest to even odds."""


def most_telling(hub: Hub, connection: Connection, domain: Domain, count: int) -> list[StoredTask]:
    """The open possible duplicates from whose answers the rules would learn most."""
    wanted = Wanted(
        domain=domain.name, kind="possible_duplicate", sort="uncertainty", limit=MOST_WEIGHED
    )
    found = [one for one in tasks(connection, wanted) if _is_readable(one)]
    if not found:
        return []
    levels = np.array([_levels(one.facts["evidence"]) for one in found], dtype=np.int8)
    bits = bits_of(levels, rules_of(connection, hub, domain.name))
    chosen = worth_asking(levels, bits, min(count, len(found)))
    return [found[place] for place in chosen.tolist()]


def _is_readable(task: StoredTask) -> bool:
    """Whether the pair was scored on the fields of today."""
    return len(task.facts.get("evidence", "")) == len(FIELDS)


def _levels(evidence: str) -> Sequence[int]:
    return [-1 if code == MISSING else int(code) for code in evidence]
