"""The rebuild check: the golden state as the log gives it, beside the one that is stored (law 10).

The state at a moment is a function of the versions that source records had told by then, the
decisions and overrides in force, the configuration that ran, the clock, and the id ledger, which
is read. It is computed from these alone, all records of a domain at once, and compared.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from matching.rules import Rules, of_this_engine
from mdm.domains import DOMAINS
from mdm.golden.state import Golden
from mdm.model.domain import Domain, Mastering
from mdm.pairing import key_of_code
from mdm.proof.crew import Crew, crew_of
from mdm.proof.difference import Difference, between
from mdm.proof.folding import Folded
from mdm.proof.forming import Formed, Setting, Told
from mdm.proof.grouping import Grouped, Records, Scored, grouped_by_code, grouped_by_match
from mdm.proof.sample import Index, Reach, Sample, around, index_of
from mdm.quality.dependent import slice_on
from mdm.staging import Progress, cores_of
from mdm.store import follow_ups, gather, replay
from mdm.store.database import Connection
from mdm.store.flaws import flaws
from mdm.store.hub import Hub, read_rules
from mdm.store.log import Log, read_log
from mdm.store.sequencer import sequence
from mdm.workers import no_cycles_sought

RECORDS = 10_000
"""Ids of source records read by one job."""
GROUPS = 2_000
"""Golden records formed by one job."""
DAY = 86_400
YEARS = 1_461
"""Days before and after those of the log that are asked about."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub answered for an id: the same in every way it can be asked."""

    golden_id: str
    status: str
    record: Any


Ask = Callable[[str, str, date, int], Answer | None]
"""The hub's own answer for (domain, golden id, as of, known at)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A moment at which answers were compared."""

    domain: str
    known_at: int
    as_of: str
    golden_records: int


@dataclass(slots=True)
class Report:
    """What was compared, and every difference."""

    seed: int
    known_at: int = 0
    source_records: int = 0
    golden_records: int = 0
    suspended: int = 0
    """Source records in groups under an over-common match key: their groups are not compared."""
    unreached: int = 0
    """Golden records that a change has not reached yet: they are not compared."""
    underway: list[str] = field(default_factory=list)
    """Domains and moments at which a re-match was underway: groups were not compared."""
    outdated: list[str] = field(default_factory=list)
    """Domains and moments at which another version of the matching engine had matched: the same."""
    unchecked: list[str] = field(default_factory=list)
    """Domains whose present state was not compared, for one of these two reasons."""
    moments: list[Asked] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether the present state of every domain was compared, and nothing differs anywhere."""
        return not self.differences and not self.unchecked


@dataclass(frozen=True, slots=True)
class Wish:
    """How the check is to be made: the seed of its choices, and at how many moments it asks."""

    seed: int
    moments: int = 20
    ids: int = 50
    """Golden ids asked at each moment, of each domain."""
    whole: int = 2_000
    """Source records of a domain up to which all of it is recomputed at each moment."""


def check(hub: Hub, wish: Wish, ask: Ask, progress: Progress) -> Report:
    """Recomputes the golden state and earlier answers, and compares them with what is stored.

    Writes nothing but the numbers of transactions that were not numbered yet.
    """
    started = time.monotonic()
    sequence(hub.database, "rebuild check")
    with hub.database.read() as connection:
        log = read_log(connection)
        ranges = {name: replay.id_range(connection, name) for name in DOMAINS}
        unreached = {name: follow_ups.unreached(connection, DOMAINS[name]) for name in DOMAINS}
    report = Report(wish.seed, log.head)
    moments = _moments(log, wish)
    rules = {name: ran.content for name in DOMAINS if (ran := log.ran(name, log.head)) is not None}
    setting = Setting(
        hub.database.url, hub.keys, rules, log, [known_at for known_at, _as_of in moments]
    )
    cores = cores_of(hub.settings)
    count = sum(held for _first, _last, held in ranges.values())
    with no_cycles_sought(), crew_of(setting, hub.database, cores, count) as crew:
        whole = Check(hub, wish, log, crew, report, progress, unreached)
        for name, (first, last, held) in ranges.items():
            if held:
                whole.domain(DOMAINS[name], (first, last, held), moments, ask)
    progress("checking the order of the log", 0)
    with hub.database.read() as connection:
        report.differences += [
            Difference(flaw.subject, flaw.domain, flaw.id, flaw.path, flaw.stored, flaw.expected)
            for flaw in flaws(connection)
        ]
    report.seconds = round(time.monotonic() - started, 3)
    return report


def _moments(log: Log, wish: Wish) -> list[tuple[int, date]]:
    """Random pairs of a number in the log and a business day around the days of the log."""
    if not log.head:
        return []
    chosen = random.Random(wish.seed)
    days = log.instant[log.instant > 0] // DAY + date(1970, 1, 1).toordinal()
    first, last = int(days.min()) - YEARS, int(days.max()) + YEARS
    return [
        (chosen.randint(1, log.head), date.fromordinal(chosen.randint(first, last)))
        for _ in range(wish.moments)
    ]


@dataclass(frozen=True, slots=True)
class Check:
    """A check underway."""

    hub: Hub
    wish: Wish
    log: Log
    crew: Crew
    report: Report
    progress: Progress
    unreached: Mapping[str, set[str]]
    """By domain the golden records that wait to be decided anew."""

    def domain(
        self,
        domain: Domain,
        held: tuple[int, int, int],
        moments: Sequence[tuple[int, date]],
        ask: Ask,
    ) -> None:
        """Compares the present state of a domain, then its answers at the moments."""
        first, last, count = held
        records = self._records(domain, first, last, past=count > self.wish.whole)
        self.report.source_records += len(records.ids)
        index = self._present(domain, records, count)
        del records
        for number, (known_at, as_of) in enumerate(moments):
            self.progress(f"asking {domain.path}", number)
            if self._settled(domain, known_at):
                sample = self._sample(domain, held, index, (number, known_at))
                self._ask(domain, sample, (known_at, as_of), ask)

    def _present(self, domain: Domain, records: Records, count: int) -> Index | None:
        """Compares the present state; the index by which samples of earlier ones are found."""
        if not self._settled(domain, self.log.head):
            self.report.unchecked.append(domain.path)
            return None
        scored = self._scored(domain, records, self.log.head)
        grouped = self._grouped(domain, records, scored, self.log.head)
        self._compare(domain, grouped, self.log.head)
        if count <= self.wish.whole:
            return None
        return index_of(domain, records, scored, self.hub)

    def _settled(self, domain: Domain, known_at: int) -> bool:
        """Whether groups follow one set of rules on this engine.

        Until a re-match ends they follow two; what an earlier engine gave, this one cannot give.
        """
        ran = self.log.ran(domain.name, known_at)
        if ran is None:
            return True
        if not of_this_engine(ran.content):
            self.report.outdated.append(f"{domain.path} at {known_at}")
        elif ran.settled > known_at:
            self.report.underway.append(f"{domain.path} at {known_at}")
        else:
            return True
        return False

    def _rules(self, domain: Domain, known_at: int) -> Rules | None:
        """The matching rules that ran then."""
        ran = self.log.ran(domain.name, known_at)
        if domain.mastering is not Mastering.FUZZY or ran is None:
            return None
        return read_rules(ran.content, domain.name, self.hub.keys.match_secret)

    def _records(self, domain: Domain, first: int, last: int, *, past: bool) -> Records:
        def parts() -> Iterator[Folded]:
            starts = range(first, last + 1, RECORDS)
            jobs = (
                Told(domain.name, self.log.head, start, min(start + RECORDS - 1, last), past=past)
                for start in starts
            )
            done = 0
            for part in self.crew.told(jobs):
                done += len(part.ids)
                self.progress(f"folding {domain.path}", done)
                yield part

        return Records.of(parts(), self.report.differences)

    def _scored(self, domain: Domain, records: Records, known_at: int) -> Scored | None:
        rules = self._rules(domain, known_at)
        if rules is None:
            return None
        self.progress(f"matching {domain.path}", 0)
        return records.score(rules, self.crew.cores)

    def _grouped(
        self, domain: Domain, records: Records, scored: Scored | None, known_at: int
    ) -> Grouped:
        moment = self.log.at(known_at)
        with self.hub.database.read() as connection:
            ledger = replay.read_ledger(connection, domain.name, moment, records.ids)
            if scored is None:
                return grouped_by_code(records, ledger)
            words, turned = replay.words_in_force(connection, domain.name, moment)
            grouped = grouped_by_match(records, scored, words, turned, ledger)
            return self._without_crowded(connection, grouped)

    @staticmethod
    def _without_crowded(connection: Connection, grouped: Grouped) -> Grouped:
        """The law is suspended for what shares a group with a record under an over-common key."""
        if not grouped.suspended:
            return grouped
        golden_ids = set(gather.golden_ids_of(connection, grouped.suspended).values())
        return grouped.only(None, gather.records_of_goldens(connection, golden_ids))

    def _compare(self, domain: Domain, grouped: Grouped, known_at: int) -> None:
        """Every golden record of these groups beside the stored one."""
        report = self.report
        report.suspended += len(grouped.suspended)
        report.differences += _misnamed(domain, grouped)
        standing = len(grouped.groups)
        grouped = grouped.without(self.unreached[domain.name])
        report.unreached += standing - len(grouped.groups)
        done = 0
        for result in self.crew.formed(_jobs(domain, grouped, known_at, latest=True)):
            done += result.goldens
            report.differences += result.differences
            self.progress(f"comparing {domain.path}", done)
        report.golden_records += done

    def _sample(
        self,
        domain: Domain,
        held: tuple[int, int, int],
        index: Index | None,
        moment: tuple[int, int],
    ) -> Sample:
        """Source records known then, with all that could share a group with them."""
        number, known_at = moment
        first, last, _count = held

        def tell(ids: tuple[int, ...] | None) -> Records:
            job = Told(domain.name, known_at, first, last, ids)
            return Records.of(self.crew.told([job]), [])

        then, now = (self.log.ran(domain.name, at) for at in (known_at, self.log.head))
        if index is None or then != now:  # other rules have other keys: no index leads there
            records = tell(None)
            return Sample(records, self._scored(domain, records, known_at))
        chosen = random.Random(f"{self.wish.seed} {domain.name} {number}")
        seeds = {chosen.randint(first, last) for _ in range(self.wish.ids)}
        with self.hub.database.read() as connection:
            words, _ = replay.words_in_force(connection, domain.name, self.log.at(known_at))
        secret, rules = self.hub.keys.match_secret, self._rules(domain, known_at)
        code_key = partial(key_of_code, secret, domain)
        return around(seeds, Reach(tell, rules, words, index, number, code_key))

    def _ask(self, domain: Domain, sample: Sample, asked: tuple[int, date], ask: Ask) -> None:
        """The answers at a moment beside those that the recomputed state gives."""
        known_at, as_of = asked
        grouped = self._grouped(domain, sample.records, sample.scored, known_at)
        grouped = grouped.only(sample.wanted, sample.suspended)
        found = [*_misnamed(domain, grouped)]
        grouped = grouped.without(self.unreached[domain.name])
        kept: dict[str, Golden] = {}
        for result in self.crew.formed(_jobs(domain, grouped, known_at, latest=False)):
            found += result.differences
            kept |= result.kept
        chosen = random.Random(f"{self.wish.seed} {domain.name} {known_at} {as_of}")
        ids = chosen.sample(sorted(kept), min(self.wish.ids, len(kept)))
        for golden_id in ids:
            found += _answered(
                domain, golden_id, kept, ask(domain.name, golden_id, as_of, known_at), as_of
            )
        said = as_of.isoformat()
        self.report.differences += [replace(one, known_at=known_at, as_of=said) for one in found]
        self.report.moments.append(Asked(domain.name, known_at, said, len(ids)))


def _jobs(domain: Domain, grouped: Grouped, known_at: int, *, latest: bool) -> Iterator[Formed]:
    for start in range(0, len(grouped.groups), GROUPS):
        groups = grouped.groups[start : start + GROUPS]
        yield Formed(domain.name, known_at, groups, latest, keep=not latest)


def _misnamed(domain: Domain, grouped: Grouped) -> list[Difference]:
    return [
        Difference("id ledger", domain.name, one.name, one.path, one.said, one.due)
        for one in grouped.misnamed
    ]


def _answered(
    domain: Domain, golden_id: str, kept: Mapping[str, Golden], answer: Answer | None, as_of: date
) -> list[Difference]:
    """How the hub's answer for an id differs from the recomputed one."""
    golden = kept[golden_id]
    while golden.merged_into is not None:
        golden = kept[golden.merged_into]
    record = slice_on(golden.record["slices"], as_of) if domain.dated else golden.record
    due = Answer(golden.golden_id, golden.status, record)
    if answer is None:
        return [Difference("answer", domain.name, golden_id, "", None, "an answer")]
    found = [
        Difference("answer", domain.name, golden_id, name, is_, should)
        for name, is_, should in (
            ("golden_id", answer.golden_id, due.golden_id),
            ("status", answer.status, due.status),
        )
        if is_ != should
    ]
    return found + between(domain, ("answer", golden_id), answer.record, due.record)
