"""Golden records formed again from what the log says, beside the ones that are stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from matching.rules import Rules as MatchRules
from mdm.domains import DOMAINS
from mdm.golden.decide import Rules, Scene, golden_of
from mdm.golden.identity import Identity
from mdm.golden.state import Golden, Held
from mdm.golden.versions import laid_over
from mdm.model.domain import Domain
from mdm.proof.difference import Difference, between_versions
from mdm.proof.folding import Folded, Folding, folded, held_at
from mdm.proof.grouping import Group
from mdm.quality.today import ENTITY
from mdm.records import Document
from mdm.sealing.keys import Keys
from mdm.store import overrides
from mdm.store.database import Connection, Database
from mdm.store.gather import Entities
from mdm.store.hub import TRUSTED, read_rules, read_trust
from mdm.store.log import Log, Moment
from mdm.store.replay import (
    Kept,
    entities_known,
    goldens_known,
    history_of,
    kept_between,
    kept_of,
)
from mdm.store.write_golden import targets
from mdm.survivorship import Override, Trust
from mdm.survivorship.forms import local_key


@dataclass(frozen=True, slots=True)
class Setting:
    """What a worker needs for every job: it travels once."""

    database: str
    keys: Keys
    rules: Mapping[str, str]
    """The texts of the matching rules that run, by domain."""
    log: Log
    moments: Sequence[int] = ()
    """Numbers of the moments that are asked about."""


@dataclass(frozen=True, slots=True)
class Told:
    """A job: what the source records with these ids said at a moment."""

    domain: str
    seq: int
    first: int = 0
    last: int = -1
    ids: tuple[int, ...] | None = None
    """Instead of a range."""
    past: bool = False
    """Keys of versions that stood at the moments asked about are wanted."""


@dataclass(frozen=True, slots=True)
class Formed:
    """A job: the golden records of these groups at a moment."""

    domain: str
    seq: int
    groups: Sequence[Group]
    latest: bool
    """The moment is the latest: what is kept only of the present is compared too."""
    keep: bool = False
    """The golden records themselves are wanted."""


@dataclass(slots=True)
class Result:
    """What came of forming groups."""

    goldens: int = 0
    differences: list[Difference] = field(default_factory=list)
    kept: dict[str, Golden] = field(default_factory=dict)
    """The recomputed golden records by id, retired ones too, where they were wanted."""


class Former:
    """Does the jobs of a replay on a database; lives in a worker process."""

    def __init__(self, setting: Setting, database: Database) -> None:
        self.database = database
        self.keys, self.log = setting.keys, setting.log
        self.rules: dict[str, MatchRules] = {
            name: read_rules(content, name, setting.keys.match_secret)
            for name, content in setting.rules.items()
        }
        self.moments = [setting.log.at(seq) for seq in setting.moments]
        self._trust: dict[int, Trust] = {}
        self._moment: Moment | None = None
        self._entities: tuple[Entities, set[tuple[str, int]]] = Entities({}, {}), set()

    def told(self, job: Told) -> Folded:
        """What the job's source records said."""
        domain = DOMAINS[job.domain]
        with self.database.read() as connection:
            if job.ids is not None:
                kept = kept_of(connection, job.domain, job.ids)
            else:
                kept = kept_between(connection, job.domain, job.first, job.last)
        moments = self.moments if job.past else ()
        folding = Folding(domain, self.keys, self.rules.get(job.domain), moments)
        return folded(folding, kept, self.log.at(job.seq))

    def formed(self, job: Formed) -> Result:
        """The job's golden records, compared with the stored ones."""
        with self.database.read() as connection:
            return Forming(self, connection, job).result()

    def trust_at(self, seq: int) -> Trust:
        """The trust in every source as activated then."""
        place = sum(from_seq <= seq for from_seq, _texts in self.log.trust) - 1
        if place not in self._trust:
            texts = self.log.trust[place][1] if place >= 0 else {}
            by_kind: dict[str, dict[str, str]] = {kind: {} for kind in TRUSTED}
            for (kind, name), content in texts.items():
                by_kind[kind][name] = content
            self._trust[place] = read_trust(by_kind)
        return self._trust[place]

    def entities_at(
        self, connection: Connection, moment: Moment
    ) -> tuple[Entities, set[tuple[str, int]]]:
        """What records have from their legal entities, as known at the moment, and by what."""
        if self._moment is None or self._moment.seq != moment.seq:
            self._entities = entities_known(connection, moment)
            self._moment = moment
        return self._entities


class Forming:
    """One job underway."""

    def __init__(self, former: Former, connection: Connection, job: Formed) -> None:
        self.former, self.connection, self.job = former, connection, job
        self.domain = DOMAINS[job.domain]
        self.moment = former.log.at(job.seq)
        ids = [record for group in job.groups for record in group.records]
        self.kept = {one.id: one for one in kept_of(connection, job.domain, ids)}
        named = [one for group in job.groups for one in (group.golden_id, *group.retired)]
        self.stored, self.since = goldens_known(connection, job.domain, named, self.moment)
        # What is asked at a moment does not tell the region, which follows a parent's change
        # in a transaction of its own.
        self.entities, self.changed = former.entities_at(connection, self.moment)
        self.waiting: set[str] = set()
        """Golden records that a change of their legal entity had not reached yet."""
        self.overrides: dict[int, list[Override]] = {}
        self.turned: dict[int, int] = {}
        for said, withdrawn in overrides.ever_of_records(connection, ids):
            if said.tx not in self.moment:
                continue
            over = withdrawn is not None and withdrawn in self.moment
            self.turned[said.record_id] = withdrawn if over and withdrawn else said.tx
            if not over:
                self.overrides.setdefault(said.record_id, []).append(said)

    def result(self) -> Result:
        """Every group formed and compared."""
        done = Result()
        for group in self.job.groups:
            found, golden = self._group(group)
            done.differences += found
            done.goldens += 1
            if self.job.keep:
                done.kept[group.golden_id] = golden
                done.kept.update(
                    (one, self.stored[one]) for one in group.retired if one in self.stored
                )
        done.differences += self._retired()
        return done

    def _group(self, group: Group) -> tuple[list[Difference], Golden]:
        records = [
            held
            for record in group.records
            if (held := held_at(self.domain, self.kept[record], self.moment)) is not None
        ]
        stored = self.stored.get(group.golden_id)
        golden = self._golden(group, records, stored, None)
        if stored is None:
            return [self._missing(group.golden_id)], golden
        if not self._same(stored, golden) and self._has_children(stored):
            golden = self._golden(group, records, stored, self._accounted(group.golden_id, stored))
        if not self._same(stored, golden) and self._may_wait(group.golden_id):
            self.waiting.add(group.golden_id)
            golden = self._golden(group, records, stored, None)
        found = [] if self._same(stored, golden) else between_versions(self.domain, stored, golden)
        if not self.job.latest:
            found = [one for one in found if one.path != "region"]
        return found + self._answering(group), golden

    def _may_wait(self, golden_id: str) -> bool:
        """Whether it changed after the moment: perhaps by a change of its legal entity."""
        return self.domain.dated and not self.job.latest and golden_id in self.since

    def _same(self, stored: Golden, golden: Golden) -> bool:
        return stored.says_the_same(golden)

    def _golden(
        self,
        group: Group,
        records: list[Held],
        stored: Golden | None,
        accounted: set[str] | None,
    ) -> Golden:
        decided, instant = self._decided(group, records, stored)
        # What was activated counts for every record that stands now; at an earlier moment some
        # may have waited to be decided by it.
        trust = self.former.trust_at(self.moment.seq if self.job.latest else decided)
        rules = Rules(trust, instant, self.former.keys.child_id, lambda: 0, tx=0)
        said = {one: self.overrides[one] for one in group.records if one in self.overrides}
        scene = Scene(
            self.domain,
            {},
            regions=self.entities.regions if self.job.latest else {},
            zones=self._zones(group, decided),
            overrides=said,
            then=self._then(said),
        )
        records.sort(key=lambda record: record.crosswalk)
        founder = next(r for r, own in zip(group.records, group.own, strict=True) if own)
        identity = Identity(group.golden_id, founder, assigned=False, retired=group.retired)
        prior = None
        if stored is not None and accounted is not None:
            prior = _with_children(self.domain, stored, accounted)
        golden = golden_of(scene, rules, records, identity, prior)
        golden.version = stored.version if stored else 1
        return golden

    def _zones(self, group: Group, decided: int) -> Mapping[str, str | None]:
        """The time zones that counted for a group: those of the moment, or of its decision."""
        if group.golden_id not in self.waiting:
            return self.entities.zones
        return entities_known(self.connection, self.former.log.at(decided))[0].zones

    def _then(self, said: Mapping[int, Sequence[Override]]) -> dict[int, dict[int, Held]]:
        """The group's records as they stood when overrides that listen to them were set."""
        listening = {one.tx for some in said.values() for one in some if one.listens}
        found: dict[int, dict[int, Held]] = {}
        for tx in listening:
            moment = self.former.log.at(int(self.former.log.seq[tx]))
            stood = ((one.id, held_at(self.domain, one, moment)) for one in self.kept.values())
            found[tx] = {record_id: held for record_id, held in stood if held is not None}
        return found

    def _decided(
        self, group: Group, records: Sequence[Held], stored: Golden | None
    ) -> tuple[int, datetime]:
        """When the group was decided last, as far as it can matter, and the instant of then."""
        acts = [record.tx for record in records]
        if stored is not None:
            acts.append(stored.tx)
            if self.domain.dated and group.golden_id not in self.waiting:
                # A legal entity that moves reaches what the golden record refers to, not what a
                # losing source does.
                named = targets(self.domain, stored.record)
                acts += [tx for code, tx in self.changed if f"{ENTITY}:{code}" in named]
        acts += [self.turned[one] for one in group.records if one in self.turned]
        if group.decided:
            acts.append(group.decided)
        log = self.former.log
        last = max(acts, key=lambda tx: int(log.seq[tx]))
        seq = int(log.seq[last])
        return seq, log.clock(self.domain.name, seq, int(log.instant[last]), self.moment.seq)

    def _has_children(self, stored: Golden) -> bool:
        return any(stored.record.get(child.name) for child in self.domain.children)

    def _accounted(self, golden_id: str, stored: Golden) -> set[str]:
        """Ids of children that a record which ever stood in the group can have founded."""
        past = history_of(self.connection, self.domain.name, [golden_id]).get(golden_id, [])
        members = {m[0] for one in (*past, stored) for m in one.lineage.get("members", ())}
        return {
            made
            for kept in kept_of(self.connection, self.domain.name, members)
            for made in child_ids(self.domain, self.former.keys, kept)
        }

    def _missing(self, golden_id: str) -> Difference:
        return Difference("golden record", self.domain.name, golden_id, "", None, "a golden record")

    def _answering(self, group: Group) -> list[Difference]:
        """Source records that answer with another id than the ledger says, at present."""
        if not self.job.latest or group.golden_id in self.since:
            return []
        found = []
        for record, own in zip(group.records, group.own, strict=True):
            kept = self.kept[record]
            said = f"{kept.source}:{kept.source_key}"
            for path, is_, due in (
                ("golden_id", kept.golden_id, group.golden_id),
                ("own_id", kept.own_id, own),
            ):
                if is_ != due:
                    found.append(
                        Difference("source record", self.domain.name, said, path, is_, due)
                    )
        return found

    def _retired(self) -> list[Difference]:
        """Retired golden records that are not what they were when they were last alive."""
        into = {one: group.golden_id for group in self.job.groups for one in group.retired}
        past = history_of(self.connection, self.domain.name, list(into))
        found = []
        for golden_id, survivor in into.items():
            stored = self.stored.get(golden_id)
            if stored is None:
                found.append(self._missing(golden_id))
                continue
            alive = [
                one
                for one in past.get(golden_id, ())
                if one.merged_into is None and one.version < stored.version
            ]
            due = alive[-1] if alive else stored
            due.status, due.merged_into = "merged", survivor
            if not stored.says_the_same(due):
                found += between_versions(self.domain, stored, due)
        return found


def child_ids(domain: Domain, keys: Keys, kept: Kept) -> set[str]:
    """Every child id that a source record can have founded with what it ever said."""
    found = set()
    documents: list[Document] = [version.told for version in kept.versions]
    documents += [version.record for version in kept.versions]
    whole: Document = {}
    for version in kept.versions:
        whole = laid_over(domain, whole, version.told)
        documents.append(whole)
    for child in domain.children:
        for document in documents:
            for holder in document.get(child.name) or ():
                local = local_key(child, holder)
                found.add(keys.child_id(child.prefix, kept.source, kept.source_key, *local))
    return found


def _with_children(domain: Domain, stored: Golden, accounted: Collection[str]) -> Golden:
    """The stored golden record with those of its children whose ids the log accounts for."""
    record = dict(stored.record)
    for child in domain.children:
        if child.name in record:
            record[child.name] = [one for one in record[child.name] if one.get("id") in accounted]
    return Golden(
        no=0,
        golden_id=stored.golden_id,
        domain=stored.domain,
        version=stored.version,
        status=stored.status,
        region=stored.region,
        record=record,
        lineage=stored.lineage,
        merged_into=None,
        tx=stored.tx,
    )
