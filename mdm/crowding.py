"""Keys that too many records have: they make no pairs, and a person is told, never nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from matching.blocking import KEY_NAMES
from matching.explain import key_in_words
from matching.online import Form, prepare
from matching.rules import Rules
from mdm.golden.state import Task
from mdm.model.domain import Domain
from mdm.model.match_row import MatchRow
from mdm.store import crowds, nearby
from mdm.store.transaction import Tx

EXAMPLES = 2
"""Source records that a task names."""


def report_crowds(
    tx: Tx, domain: Domain, rules: Rules, keys: Collection[int], rows: Mapping[int, MatchRow]
) -> int:
    """Opens one task for each key that is too common; `rows`: records that have them, by id."""
    counts = nearby.counts(tx.connection, keys)
    forms = {record_id: prepare(row, rules) for record_id, row in rows.items()}
    return crowds.report(tx, domain, list(_tasks(domain, rules.key_cap, counts, forms)))


def settle_crowds(tx: Tx, domain: Domain, rules: Rules) -> None:
    """Closes the tasks of keys that are not too common any more."""
    standing = crowds.reported(tx, domain)
    counts = nearby.counts(tx.connection, standing)
    gone = [number for key, number in standing.items() if counts.get(key, 0) <= rules.key_cap]
    crowds.settle(tx, gone)


def _tasks(
    domain: Domain, cap: int, counts: Mapping[int, int], forms: Mapping[int, Form]
) -> Iterable[Task]:
    having: dict[int, list[int]] = {}
    kinds: dict[int, tuple[int, Form]] = {}
    for record_id, form in forms.items():
        for key, kind in form.keys.items():
            if key in counts:
                having.setdefault(key, []).append(record_id)
                kinds.setdefault(key, (kind, form))
    for key, (kind, form) in kinds.items():
        values = shown_values(domain, key_in_words(form, kind))
        yield Task(
            kind=crowds.KIND,
            key=f"{domain.name}:{key}",
            records=tuple(sorted(having[key])[:EXAMPLES]),
            priority=1.0,
            facts={
                "name": KEY_NAMES[kind],
                "values": {name: list(told) for name, told in values.items()},
                "records": counts[key],
                "cap": cap,
                "sentence": sentence(KEY_NAMES[kind], values, cap),
            },
        )


def shown_values(
    domain: Domain, values: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """The values that may be shown: none of a protected field."""
    hidden = {field.match for _child, field in domain.protected}
    return {name: told for name, told in values.items() if name not in hidden}


def sentence(name: str, values: Mapping[str, tuple[str, ...]], cap: int) -> str:
    """What the task says."""
    told = ", ".join(value for some in values.values() for value in some) or "not shown"
    return (
        f"More than {cap} records have the same {name} ({told}): they are not compared by it."
        " If it stands for nothing, list it as a placeholder."
    )
