"""Judges a load while it is still staged: over its budget it stops, and says what caused it.

Pure: the caller gathers the facts, a person releases or drops what was stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from mdm.model.domain import Domain, Mastering
from mdm.model.field import Field
from mdm.records import Arrival, Finding

TOP = 5
"""Most frequent values kept of each column and chunk: one over its budget is among them."""
SHOWN = 3
"""Causes that are named."""


@dataclass(frozen=True, slots=True)
class Budgets:
    """How much a load may do before a person is asked.

    Shares are of the load's rows, or of the source's records where those are more.
    """

    missing: float = 0.2
    """Records of the last full load that this full load does not have."""
    rejected: float = 0.3
    equal: float = 0.1
    """Rows that tell one and the same value in a column that identifies."""
    few: float = 0.3
    """Rows whose value in a column that identifies is one of the few most frequent ones."""
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
    standing: int = 0
    """Records of the source that the hub holds: a few changed rows of many are no upheaval."""
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

    @property
    def all(self) -> int:
        """What shares of joins and changes are taken of."""
        return max(self.rows, self.standing)

    def add(self, columns: Mapping[str, Column]) -> None:
        """Counts the columns of some more rows in."""
        for name, more in columns.items():
            known = self.columns.setdefault(name, Column())
            known.told += more.told
            known.invalid += more.invalid
            known.frequent.update(more.frequent)


@dataclass(frozen=True, slots=True)
class Tripped:
    """A budget that is exceeded: by how much, and the few values or rules that caused it."""

    guard: str
    found: float
    budget: float
    sentence: str
    causes: tuple[str, ...]


def tally(domain: Domain, arrivals: Sequence[Arrival]) -> dict[str, Column]:
    """What arrivals tell in the columns that identify, protected values masked; by column."""
    columns: dict[str, Column] = {}
    told = [arrival.told for arrival in arrivals]
    for child, names in _identifying(domain):
        holders = told if child is None else [one for said in told for one in said.get(child) or ()]
        for name in names:
            values = [_text(value) for one in holders if (value := one.get(name))]
            if values:
                frequent = Counter(values).most_common(TOP)
                place = name if child is None else f"{child}.{name}"
                columns[place] = Column(len(values), 0, Counter(dict(frequent)))
    for arrival in arrivals:
        if arrival.findings:
            for place in {_column(one.field) for one in arrival.findings if _is_invalid(one)}:
                columns.setdefault(place, Column()).invalid += 1
    return columns


@lru_cache(maxsize=32)
def _identifying(domain: Domain) -> tuple[tuple[str | None, tuple[str, ...]], ...]:
    """The fields whose values tell records apart, by the child they stand in; None: own.

    Of a domain mastered by code only the code does: names and countries rightly repeat.
    """
    if domain.mastering is not Mastering.FUZZY:
        return ()
    held = [(None, domain.fields), *((child.name, child.fields) for child in domain.children)]
    found = ((name, tuple(f.name for f in fields if _identifies(f))) for name, fields in held)
    return tuple((name, names) for name, names in found if names)


def _identifies(line: Field) -> bool:
    return line.lookup and line.kind not in ("country", "city", "postcode") and not line.reference


def _is_invalid(finding: Finding) -> bool:
    return finding.code.startswith("invalid_")


def _text(value: object) -> str:
    if type(value) is str:
        return value
    return str(value["masked"]) if isinstance(value, dict) and "masked" in value else str(value)


def _column(place: str) -> str:
    """The column of a finding's place: "bank_accounts[0].account" is "bank_accounts.account"."""
    return "".join(part.partition("]")[2] or part for part in place.split("["))


def judge(facts: Facts, budgets: Budgets) -> list[Tripped]:
    """Every budget that the load exceeds; none for a load too small to judge by shares."""
    tripped = [_clusters(facts, budgets)]
    # A file without a row says nothing, however few there were: least of all that all ended.
    if facts.held >= budgets.judged_from or not facts.rows:
        tripped.append(_missing(facts, budgets))
    if facts.rows >= budgets.judged_from:
        tripped += [_rejected(facts, budgets), _merged(facts, budgets)]
        tripped += [_equal(name, column, facts, budgets) for name, column in _sorted(facts)]
        tripped += [_few(name, column, facts, budgets) for name, column in _sorted(facts)]
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


def _few(name: str, column: Column, facts: Facts, budgets: Budgets) -> Tripped | None:
    frequent = column.frequent.most_common(TOP)
    share = _share(sum(count for _value, count in frequent), facts.rows)
    if share <= budgets.few or _equal(name, column, facts, budgets):
        return None
    sentence = (
        f"{share:.0%} of the rows tell one of only {len(frequent)} values of {name}: the column may"
        " hold something else."
    )
    causes = tuple(f"{name}: {value}" for value, _count in frequent[:SHOWN])
    return Tripped("few", share, budgets.few, sentence, causes)


def _invalid(name: str, column: Column, facts: Facts, budgets: Budgets) -> Tripped | None:
    share = _share(column.invalid, max(column.told, facts.rows if not column.told else 0))
    if column.invalid < budgets.judged_from * budgets.invalid or share <= budgets.invalid:
        return None
    sentence = (
        f"{share:.0%} of the values of {name} fail its check: the column may hold something else."
    )
    return Tripped("invalid", share, budgets.invalid, sentence, _causes(column.frequent))


def _merged(facts: Facts, budgets: Budgets) -> Tripped | None:
    share = _share(facts.merged, facts.all)
    if share <= budgets.merged:
        return None
    sentence = f"{facts.merged:,} golden records would be joined with others."
    return Tripped("merged", share, budgets.merged, sentence, _causes(facts.merged_by))


def _flipped(name: str, count: int, facts: Facts, budgets: Budgets) -> Tripped | None:
    share = _share(count, facts.all)
    if share <= budgets.flipped:
        return None
    sentence = f"{name} of {count:,} golden records would change ({share:.0%})."
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
