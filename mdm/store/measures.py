"""What waits in the hub, counted for those who watch it; each count by an index."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from mdm.store.statements import text


@dataclass(frozen=True, slots=True)
class Measure:
    """A count by labels: its name, its meaning, and the statement of (labels..., count)."""

    name: str
    meaning: str
    labels: tuple[str, ...]
    sql: str


MEASURES = (
    Measure(
        "mdm_tasks_open",
        "Tasks that wait for a person.",
        ("domain", "kind"),
        "SELECT domain, kind, COUNT(*) FROM task WHERE state = 'open' GROUP BY domain, kind",
    ),
    Measure(
        "mdm_rejects_open",
        "Refused rows that nobody corrected yet.",
        ("source", "domain"),
        "SELECT source, domain, COUNT(*) FROM reject WHERE state = 'open' GROUP BY source, domain",
    ),
    Measure(
        "mdm_outbox_pending",
        "Events that the broker has not acknowledged yet.",
        ("subscriber",),
        "SELECT subscriber, COUNT(*) FROM outbox WHERE state = 'pending' GROUP BY subscriber",
    ),
    Measure(
        "mdm_outbox_refused",
        "Events that were refused: to be tried again, or given up (dead).",
        ("subscriber", "state"),
        "SELECT subscriber, state, COUNT(*) FROM outbox WHERE next_at IS NOT NULL"
        " GROUP BY subscriber, state",
    ),
    Measure(
        "mdm_loads_stopped",
        "Loads that a guard stopped and that wait for a person.",
        ("source",),
        "SELECT source, COUNT(*) FROM load WHERE state = 'stopped' GROUP BY source",
    ),
)


def counted(connection: Connection, measure: Measure) -> list[tuple[list[str], int]]:
    """The labels and the count of everything that is not zero."""
    rows = connection.execute(text(measure.sql))
    return [([str(label) for label in row[:-1]], int(row[-1])) for row in rows]
