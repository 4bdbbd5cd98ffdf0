"""Judges a load while it is still staged: over its budget it stops, and says what caused it.

Pure: the caller gathers the facts, a person releases or drops what was stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from mdm.model.domain import Domain
from mdm.model.field import Child, Field
from mdm.records import Arrival

TOP = 5
"""Most frequent values kept of each column and chunk: one over its budget is among them."""
SHOWN = 3
"""Causes that are named."""


@dataclass(frozen=True, slots=True)
class Budgets:
    """How much a load may do before a person is asked; shares are of the load's rows."""

    missing: float = 0.2
    """Records of the last full load that this full load does not have."""
    rejected: float = 0.3
    equal: float = 0.1
    """Rows that tell one and the same value in a column that identifies."""
    invalid: float = 0.5
    """Values of a column that fail its check: the column holds something else."""
    merged: float = 0.3
    """Golden records that the load joins."""
    flipped: float = 0.3
    """Golden records whose value of one field changes."""
    cluster: int = 50
    """Source records in one golden record."""
    judged_from: int = 100
    """Rows from which shares say something."""


@dataclass(slots=True)
class Column:
    """What a load tells in one identifying column."""

    told: int = 0
    invalid: int = 0
    frequent: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Facts:
    """What is known of a staged load."""

    rows: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    """Refused rows by reason."""
    held: int = 0
    """Records that the last full load had, where this load is full too."""
    missing: int = 0
    columns: dict[str, Column] = field(default_factory=dict)
    merged: int = 0
    merged_by: Counter[str] = field(default_factory=Counter)
    """Joined golden records by what they share: a value, or a rule."""
    flipped: Counter[str] = field(default_factory=Counter)
    """Golden records whose value changes, by field."""
    clusters: Counter[str] = field(default_factory=Counter)
    """Sizes of the largest groups, by what holds them together."""


@dataclass(frozen=True, slots=True)
class Tripped:
    """A budget that is exceeded: by how much, and the few values or rules that caused it."""

    guard: str
    found: float
    budget: float
    sentence: str
    causes: tuple[str, ...]


def tally(domain: Domain, arrivals: Iterable[Arrival], facts: Facts) -> None:
    """Counts what arrivals tell in the columns that identify, protected ones by fingerprint."""
    frequent: dict[str, Counter[str]] = {}
    for arrival in arrivals:
        for name, value in _identifying(domain, arrival):
            column = facts.columns.setdefault(name, Column())
            column.told += 1
            frequent.setdefault(name, Counter())[value] += 1
        for place in {_column(finding.field) for finding in arrival.findings}:
            facts.columns.setdefault(place, Column()).invalid += 1
    for name, values in frequent.items():
        facts.columns[name].frequent.update(dict(values.most_common(TOP)))


def _identifying(domain: Domain, arrival: Arrival) -> Iterable[tuple[str, str]]:
    told = arrival.told
    for line in domain.fields:
        if _identifies(line) and line.name not in domain.code and told.get(line.name):
            yield line.name, _text(told[line.name])
    for child in domain.children:
        for holder in told.get(child.name) or ():
            for line in child.fields:
                if _identifies(line) and not _is_shared(child, line) and holder.get(line.name):
                    yield f"{child.name}.{line.name}", _text(holder[line.name])


def _identifies(line: Field) -> bool:
    return line.lookup and line.kind not in ("country", "city", "postcode") and not line.reference


def _is_shared(child: Child, line: Field) -> bool:
    """Whether many records rightly tell the same: a city, a postal code, a company of ours."""
    return child.scoped or line.kind == "code"


def _text(value: object) -> str:
    return str(value["masked"]) if isinstance(value, dict) and "masked" in value else str(value)


def _column(place: str) -> str:
    """The column of a finding's place: "bank_accounts[0].account" is "bank_accounts.account"."""
    return "".join(part.partition("]")[2] or part for part in place.split("["))


def judge(facts: Facts, budgets: Budgets) -> list[Tripped]:
    """Every budget that the load exceeds; none for a load too small to judge by shares."""
    tripped = [_clusters(facts, budgets)]
    if facts.held >= budgets.judged_from:
        tripped.append(_missing(facts, budgets))
    if facts.rows >= budgets.judged_from:
        tripped += [_rejected(facts, budgets), _merged(facts, budgets)]
        tripped += [_equal(name, column, facts, budgets) for name, column in _sorted(facts)]
        tripped += [_invalid(name, column, facts, budgets) for name, column in _sorted(facts)]
        tripped += [
            _flipped(name, count, facts, budgets) for name, count in facts.flipped.most_common()
        ]
    return [one for one in tripped if one is not None]


def _sorted(facts: Facts) -> list[tuple[str, Column]]:
    return sorted(facts.columns.items())


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _missing(facts: Facts, budgets: Budgets) -> Tripped | None:
    share = _share(facts.missing, facts.held)
    if share <= budgets.missing:
        return None
    sentence = (
        f"{facts.missing:,} of {facts.held:,} records of the last full load are not in this one"
        f" ({share:.0%}): the export may be cut off or filtered."
    )
    return Tripped("missing", share, budgets.missing, sentence, ())


def _rejected(facts: Facts, budgets: Budgets) -> Tripped | None:
    count = facts.rejected.total()
    share = _share(count, facts.rows)
    if share <= budgets.rejected:
        return None
    sentence = f"{count:,} of {facts.rows:,} rows are refused ({share:.0%})."
    return Tripped("rejected", share, budgets.rejected, sentence, _causes(facts.rejected))


def _equal(name: str, column: Column, facts: Facts, budgets: Budgets) -> Tripped | None:
    for value, count in column.frequent.most_common(1):
        share = _share(count, facts.rows)
        if share > budgets.equal:
            sentence = (
                f"{share:.0%} of the rows tell the same {name}: a placeholder, or a column that"
                " was swapped."
            )
            return Tripped("equal", share, budgets.equal, sentence, (f"{name}: {value}",))
    return None


def _invalid(name: str, column: Column, facts: Facts, budgets: Budgets) -> Tripped | None:
    share = _share(column.invalid, max(column.told, facts.rows if not column.told else 0))
    if column.invalid < budgets.judged_from * budgets.invalid or share <= budgets.invalid:
        return None
    sentence = (
        f"{share:.0%} of the values of {name} fail its check: the column may hold something else."
    )
    return Tripped("invalid", share, budgets.invalid, sentence, _causes(column.frequent))


def _merged(facts: Facts, budgets: Budgets) -> Tripped | None:
    share = _share(facts.merged, facts.rows)
    if share <= budgets.merged:
        return None
    sentence = f"The load joins {facts.merged:,} golden records ({share:.0%} of its rows)."
    return Tripped("merged", share, budgets.merged, sentence, _causes(facts.merged_by))


def _flipped(name: str, count: int, facts: Facts, budgets: Budgets) -> Tripped | None:
    share = _share(count, facts.rows)
    if share <= budgets.flipped:
        return None
    sentence = f"The load changes {name} of {count:,} golden records ({share:.0%} of its rows)."
    return Tripped("flipped", share, budgets.flipped, sentence, (name,))


def _clusters(facts: Facts, budgets: Budgets) -> Tripped | None:
    large = Counter(
        {cause: size for cause, size in facts.clusters.items() if size > budgets.cluster}
    )
    if not large:
        return None
    size = max(large.values())
    sentence = f"{size:,} source records would become one golden record."
    return Tripped("cluster", size, budgets.cluster, sentence, _causes(large))


def _causes(counts: Counter[str]) -> tuple[str, ...]:
    return tuple(f"{cause} ({count:,})" for cause, count in counts.most_common(SHOWN))
