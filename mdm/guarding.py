"""Gathers what guards judge of a staged load: what it would do to golden records, before it does.

What rows tell was counted while they were staged. What they change follows from a comparison with
the records we hold, what they join from the identifiers they share with golden records; both count
too much rather than too little. Only where that exceeds a budget is the load rehearsed, in a
transaction that is rolled back, to know exactly.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from matching.placeholder import FORMS, stands_for_nothing
from matching.rules import Rules as MatchRules
from mdm.first_plan import Grouped
from mdm.golden.decide import Change
from mdm.golden.state import Held
from mdm.golden.versions import is_late
from mdm.inbound.guard import Budgets, Facts, Tripped, judge, tally
from mdm.intake import Batch
from mdm.model.domain import Domain, Mastering
from mdm.model.match_row import column_of
from mdm.pipeline import apply
from mdm.records import Arrival, Document
from mdm.staging import Place, Spool, Staged, StagedChunk
from mdm.store import find, gather
from mdm.store.hub import Hub, rules_of
from mdm.store.search_keys import search_key
from mdm.store.transaction import Act, transaction

COMPARED = 4_000
"""Arrivals compared at a time."""
REHEARSED = 20_000
"""Arrivals up to which a load over its budget is rehearsed; of more the comparison decides."""
EXAMPLES = 200
"""Records of a group that are looked at to say what holds it together."""
LINKING = frozenset(("tax_number", "vat_number", "lei"))
"""Columns whose equal values link by themselves."""


@dataclass(slots=True)
class Part:
    """What a load tells in one domain: staged, not applied."""

    domain: Domain
    files: list[Staged]
    left_out: set[tuple[int, int]]
    """(chunk, place in it) of arrivals that a later row of the same load tells again."""
    absent: list[int] | None = None
    """Records that a complete load does not have; None: that is not to be told."""
    groups: Grouped | None = None
    """Of many new records in an empty domain: how they are grouped."""

    @property
    def chunks(self) -> list[StagedChunk]:
        """The staged chunks of all files."""
        return [chunk for staged in self.files for chunk in staged.chunks]

    def places(self) -> list[Place]:
        """Where the arrivals that count lie in the spool."""
        return [
            place
            for number, chunk in enumerate(self.chunks)
            for at, place in enumerate(chunk.places())
            if not self.left_out or (number, at) not in self.left_out
        ]


@dataclass(frozen=True, slots=True)
class Guarded:
    """A part of a load that is judged."""

    hub: Hub
    act: Act
    spool: Spool
    where: Batch
    part: Part
    budgets: Budgets


def judged(guarded: Guarded) -> list[Tripped]:
    """Every budget that this part of a load exceeds; nothing is written."""
    part = guarded.part
    facts = _told(part)
    if part.groups is not None:
        _largest_groups(guarded, part.groups, facts)
        return judge(facts, guarded.budgets)
    places = part.places()
    if places:
        _effect(guarded, places, facts)
    return judge(facts, guarded.budgets)


def _told(part: Part) -> Facts:
    """What is known of the rows alone, and how many records are missing."""
    facts = Facts()
    for staged in part.files:
        facts.rows += staged.rows
        facts.standing = max(facts.standing, staged.standing)
        facts.rejected.update(reject.code.replace("_", " ") for reject in staged.rejects)
        facts.add(staged.facts.columns)
    if part.absent is not None:
        facts.held, facts.missing = facts.standing, len(part.absent)
    return facts


def _largest_groups(guarded: Guarded, groups: Grouped, facts: Facts) -> None:
    labels, sizes = np.unique(groups.clusters.labels, return_counts=True)
    large = np.flatnonzero(sizes > guarded.budgets.cluster)
    if not len(large):
        return
    places = guarded.part.places()
    for label, size in zip(labels[large].tolist(), sizes[large].tolist(), strict=True):
        rows = np.flatnonzero(groups.clusters.labels == label)[:EXAMPLES]
        arrivals = [guarded.spool.arrival(places[row]) for row in rows.tolist()]
        facts.clusters[_shared(guarded.where.domain, arrivals)] = size


def _shared(domain: Domain, arrivals: list[Arrival]) -> str:
    """The value that most of these arrivals share, as "column: value"."""
    told = tally(domain, arrivals)
    found = Counter(
        {
            f"{name}: {value}": count
            for name, column in told.items()
            for value, count in column.frequent.items()
        }
    )
    shared = found.most_common(1)
    return shared[0][0] if shared else "the matching rules"


def _effect(guarded: Guarded, places: list[Place], facts: Facts) -> None:
    """Counts changed values, joins and groups: too many rather than too few, else exactly."""
    hub, domain = guarded.hub, guarded.where.domain
    rules = None
    if domain.mastering is Mastering.FUZZY:
        with hub.database.read() as connection:
            rules = rules_of(connection, hub, domain.name)
    links = _compare(guarded, places, facts, rules)
    if rules is not None:
        _joins(guarded, links, facts)
    exact = rules is None or rules.auto_link == "identifiers"
    over = {one.guard for one in judge(facts, guarded.budgets)} & {"merged", "flipped", "cluster"}
    if len(places) <= REHEARSED and (over or not exact):
        _rehearse(guarded, places, facts)


def _compare(
    guarded: Guarded, places: list[Place], facts: Facts, rules: MatchRules | None
) -> Links:
    """Counts changed values by field, and notes which arrivals share identifiers with whom.

    An identifier that a record had before brings nothing together that is not together already.
    """
    hub, where = guarded.hub, guarded.where
    links = Links()
    with hub.database.read() as connection:
        for start in range(0, len(places), COMPARED):
            some = places[start : start + COMPARED]
            arrivals = [guarded.spool.arrival(place) for place in some]
            keys = [arrival.source_key for arrival in arrivals] if facts.standing else []
            held = gather.held_by_key(connection, where.domain.name, where.source, keys)
            for arrival in arrivals:
                before = held.get(arrival.source_key)
                if before is not None and not is_late(before, arrival):
                    facts.flipped.update(_flips(where.domain, before.record, arrival.told))
            if rules is not None:
                linking = [_newly(guarded, arrival, held, rules) for arrival in arrivals]
                links.add(zip(some, arrivals, linking, strict=True), held)
                wanted = {key for keys in linking for key in keys}
                links.hold(find.goldens_under(connection, where.domain.name, wanted))
    return links


def _flips(domain: Domain, before: Document, told: Document) -> Iterator[str]:
    """The fields that said something before and say something else now."""
    for line in domain.fields:
        old = before.get(line.name)
        if old is not None and line.name in told and told[line.name] != old:
            yield line.name
    for child in domain.children:
        if child.name in told and (holders := before.get(child.name)):
            now = told[child.name] or ()
            if any(holder not in now for holder in holders):
                yield child.name


def _newly(
    guarded: Guarded, arrival: Arrival, held: Mapping[str, Held], rules: MatchRules
) -> list[int]:
    """The search keys of identifiers that the arrival tells and its record did not have before."""
    before = held.get(arrival.source_key)
    known = _linking(guarded, before.record, rules) if before is not None else ()
    return [key for key in _linking(guarded, arrival.told, rules) if key not in known]


def _linking(guarded: Guarded, told: Document, rules: MatchRules) -> list[int]:
    """The search keys of identifiers that link by themselves; a placeholder links nobody."""
    domain, secret = guarded.where.domain, guarded.hub.keys.match_secret
    country = told.get("country")
    return [
        search_key(secret, domain.name, line, value, country)
        for name, lines in domain.lookups_by_holder
        for holder in ((told,) if name is None else told.get(name) or ())
        for line in lines
        if line.match in LINKING
        and (value := holder.get(line.name))
        and not _is_placeholder(column_of(line.match_by_kind, holder, line.match), value, rules)
    ]


def _is_placeholder(column: str, value: str, rules: MatchRules) -> bool:
    form = FORMS[column](value)
    return not form or stands_for_nothing(column, form, rules)


@dataclass(slots=True)
class Links:
    """Which arrivals and golden records share identifiers, however indirectly."""

    leads: dict[int | str, int | str] = field(default_factory=dict)
    fresh: list[int] = field(default_factory=list)
    """A key of every arrival that is new."""
    example: dict[int, Place] = field(default_factory=dict)
    """By key, an arrival that has it."""
    times: Counter[int] = field(default_factory=Counter)

    def add(
        self, told: Iterable[tuple[Place, Arrival, list[int]]], held: Mapping[str, Held]
    ) -> None:
        """Notes arrivals with their keys, and the golden records that the held ones are part of."""
        for place, arrival, keys in told:
            before = held.get(arrival.source_key)
            if not keys:
                continue
            self.times.update(keys)
            for key in keys:
                self.example.setdefault(key, place)
                self._join(keys[0], key)
            if before is None:
                self.fresh.append(keys[0])
            elif before.golden_id is not None:
                self._join(before.golden_id, keys[0])

    def hold(self, goldens: Iterable[tuple[int, str]]) -> None:
        """Notes golden records that stand under keys."""
        for key, golden_id in goldens:
            self._join(golden_id, key)

    def groups(self) -> dict[int | str, Group]:
        """What shares identifiers, by any name of the group; only what brings records together."""
        found: dict[int | str, Group] = defaultdict(Group)
        for node in list(self.leads):
            if isinstance(node, str):
                found[self._root(node)].goldens += 1
        for key in self.fresh:
            found[self._root(key)].fresh += 1
        for key, times in self.times.items():
            group = found.get(self._root(key))
            if group is not None and times > group.times:
                group.key, group.times = key, times
        return found

    def _join(self, one: int | str, other: int | str) -> None:
        left, right = self._root(one), self._root(other)
        if left != right:
            self.leads[right] = left

    def _root(self, node: int | str) -> int | str:
        lead = self.leads.setdefault(node, node)
        while lead != node:
            self.leads[node] = self.leads[lead]
            node, lead = lead, self.leads[lead]
        return node


@dataclass(slots=True)
class Group:
    """What shares identifiers: golden records, new records, and their most frequent key."""

    goldens: int = 0
    fresh: int = 0
    key: int | None = None
    times: int = 0


def _joins(guarded: Guarded, links: Links, facts: Facts) -> None:
    """Counts golden records that share identifiers, and names the values that do it."""
    groups = list(links.groups().values())
    facts.merged = sum(group.goldens - 1 for group in groups if group.goldens > 1)
    groups.sort(key=lambda group: -(group.goldens + group.fresh))
    for group in groups[:EXAMPLES]:
        if group.goldens + group.fresh > 1 and group.key is not None:
            cause = _named(guarded, links.example[group.key], group.key)
            facts.clusters[cause] = max(facts.clusters[cause], group.goldens + group.fresh)
            if group.goldens > 1:
                facts.merged_by[cause] += group.goldens - 1


def _named(guarded: Guarded, place: Place, key: int) -> str:
    """The value behind a key, as "column: value"."""
    arrival, domain = guarded.spool.arrival(place), guarded.where.domain
    secret, country = guarded.hub.keys.match_secret, arrival.told.get("country")
    for name, lines in domain.lookups_by_holder:
        for holder in (arrival.told,) if name is None else arrival.told.get(name) or ():
            for line in lines:
                value = holder.get(line.name)
                if value and search_key(secret, domain.name, line, value, country) == key:
                    column = line.name if name is None else f"{name}.{line.name}"
                    return f"{column}: {value}"
    return "an identifier"


def _rehearse(guarded: Guarded, places: list[Place], facts: Facts) -> None:
    """Applies the arrivals in a transaction that is rolled back, and counts what it did."""
    changes: list[Change] = []
    with transaction(guarded.hub.database, guarded.act) as tx:
        tx.cancelled = True
        for start in range(0, len(places), COMPARED):
            arrivals = [guarded.spool.arrival(place) for place in places[start : start + COMPARED]]
            changes += apply(tx, guarded.hub, guarded.where.of(arrivals)).changes
    causes = facts.merged_by or Counter({"the matching rules": 1})
    facts.merged = len({one.after.golden_id for one in changes if one.happened == "merged"})
    facts.flipped = Counter(name for _id, name in {flip for one in changes for flip in _of(one)})
    brought = max((_brought(change) for change in changes), default=0)
    facts.clusters = Counter({next(iter(facts.clusters), next(iter(causes))): brought})
    facts.merged_by = causes if facts.merged else Counter()


def _of(change: Change) -> Iterator[tuple[str, str]]:
    """(golden id, field) of values that were something before and are something else now."""
    before, after = change.before, change.after
    if before is None or after.merged_into is not None or before.merged_into is not None:
        return
    for name, old in before.record.items():
        if after.record.get(name) != old:
            yield after.golden_id, name


def _brought(change: Change) -> int:
    """Source records that a golden record has more than before."""
    if change.after.merged_into is not None:
        return 0
    before = change.before.lineage["members"] if change.before is not None else ()
    return len(change.after.lineage["members"]) - len(before)
