"""Merge and unmerge of golden records: decisions on their source records, exactly inverse (law 5).

A merge is a `same` decision on all source records of both. An unmerge withdraws the decision that
joined an original and says that its records and those it was joined to are different, so that no
rule rejoins them. Everything else follows: ids, children, crosswalk and tasks are functions of
records and decisions, and what was done to an original meanwhile goes with it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from mdm.decisions import Said, keep, say
from mdm.errors import BadRequest, KeptApart, NeverMerged, NotFound, RetiredRecord, SameRecord
from mdm.golden.decide import kind_of
from mdm.golden.state import Decision
from mdm.model.domain import Domain, Mastering
from mdm.pipeline import decide_within, gather_scene
from mdm.records import Document
from mdm.store import decisions, find, gather, merges
from mdm.store.hub import Hub
from mdm.store.merges import Joined
from mdm.store.transaction import Tx

LINEAR, SUBTREE = "linear", "subtree"
SCOPES = (LINEAR, SUBTREE)


@dataclass(frozen=True, slots=True)
class Acting:
    """An act underway: its transaction, the domain, and why it is done."""

    tx: Tx
    hub: Hub
    domain: Domain
    reason: str


@dataclass(slots=True)
class Unmerged:
    """What an unmerge did: the decision that keeps the parts apart, and what it could not do."""

    survivor: str
    restored: list[str]
    """The golden ids that answer for themselves again, the one that was asked for first."""
    decision: int
    withdrawn: list[int] = field(default_factory=list)
    not_restored: list[str] = field(default_factory=list)
    """A sentence for everything that is not as before the merge though nobody changed it."""
    moved: list[str] = field(default_factory=list)
    """A sentence for every record of the original that stands elsewhere now."""


@dataclass(frozen=True, slots=True)
class Split:
    """How a group is to be taken apart."""

    part: frozenset[int]
    """Source records that leave."""
    rest: frozenset[int]
    """Those they must stay apart from."""
    survivor: str
    """The id that answers for all of them: where a person chose it, it stays so for the rest."""
    staying: tuple[tuple[int, int], ...] = ()
    """Pairs that remain the same although what joined them is withdrawn."""
    undone: frozenset[int] | None = None
    """The decisions that are taken back; None: all that tie the part to the rest."""


def merge(acting: Acting, one: str, other: str, survivor: str | None) -> int:
    """Makes two golden records one; returns the decision's number.

    The survivor is the one that is named, else the older. Raises SameRecord, RetiredRecord,
    KeptApart or Conflict, with nothing changed.
    """
    tx, domain, pair = acting.tx, acting.domain, (one, other)
    require_matched(domain)
    if one == other:
        raise SameRecord(f"{one} cannot be merged with itself; name two golden records.")
    if survivor is not None and survivor not in pair:
        raise BadRequest(f"The survivor is one of: {one}, {other}.", field="survivor")
    sides = [_living(tx, domain, golden_id) for golden_id in pair]
    left, right = (_own(tx, domain, *both) for both in zip(pair, sides, strict=True))
    said = Said(
        kind="same",
        domain=domain,
        left=left,
        right=right,
        reason=acting.reason,
        survivor=survivor,
    )
    number = say(tx, acting.hub, said)
    answering = set(gather.golden_ids_of(tx.connection, sides[0] | sides[1]).values())
    if len(answering) > 1:
        raise KeptApart(
            f"{one} and {other} do not come together: {_against(tx, sides[0] | sides[1])}."
        )
    return number


def require_matched(domain: Domain) -> None:
    """BadRequest where records are one by their code: there, nobody can join or part them."""
    if domain.mastering is not Mastering.FUZZY:
        raise BadRequest(
            f"{domain.path} are one by their code ({', '.join(domain.code)}): correct the code in"
            " its source to join or part them."
        )


def _living(tx: Tx, domain: Domain, golden_id: str) -> set[int]:
    stored = find.golden_by_id(tx.connection, golden_id)
    if stored is None or stored.domain != domain.name:
        raise NotFound(f"There is no {domain.name.replace('_', ' ')} {golden_id!r}.")
    if stored.merged_into is not None:
        into = find.answering_id(tx.connection, golden_id)
        raise RetiredRecord(
            f"{golden_id} was merged already and leads to {into}; merge with {into}, or unmerge it"
            " first.",
            survivor=into,
        )
    if stored.status == "erased":
        raise RetiredRecord(f"{golden_id} was erased; there is nothing to merge.")
    return gather.records_of_goldens(tx.connection, [golden_id])


def _own(tx: Tx, domain: Domain, golden_id: str, held: set[int]) -> tuple[int, ...]:
    """The records of the original itself: not those of others that people merged into it.

    A merge concerns the original it names; what was merged into that before comes along by the
    decision that did so, and goes with it again.
    """
    founder = find.founder_of(tx.connection, golden_id)
    assert founder is not None
    scene = gather_scene(tx, domain, held, {})
    return tuple(sorted(kind_of(scene, founder) & held))


def _against(tx: Tx, records: Collection[int]) -> str:
    standing = gather.decisions_of(tx.connection, records)
    numbers = [str(one.id) for one in standing if one.kind == "different"]
    if numbers:
        return f"decisions in force keep some of their records apart (no. {', '.join(numbers)})"
    return "another decision in force stands against it"


def unmerge(acting: Acting, survivor: str, original: str, scope: str) -> Unmerged:
    """Takes an original out of the golden record it was merged into, under its own id again.

    `subtree` takes back the merge as it was made: what had been merged into the original before
    comes along. `linear` takes the original alone. Raises NeverMerged or KeptApart.
    """
    tx, domain = acting.tx, acting.domain
    require_matched(domain)
    founder = find.founder_of(tx.connection, original)
    if founder is None:
        raise NotFound(f"There is no {domain.name.replace('_', ' ')} {original!r}.")
    answering = gather.golden_ids_of(tx.connection, [founder])[founder]
    act = merges.joined(tx.connection, original)
    if answering != survivor or original == survivor or act is None:
        known = ", ".join(one for one in merges.founded(tx.connection, survivor) if one != survivor)
        raise NeverMerged(
            f"{original} is not merged into {survivor}; merged into it are: {known or 'none'}."
        )
    split = _split(tx, act, survivor, scope)
    done = _part(acting, split)
    done.survivor = survivor
    now = gather.golden_ids_of(tx.connection, [founder])[founder]
    if now == gather.golden_ids_of(tx.connection, split.rest).get(min(split.rest)):
        raise KeptApart(
            f"{original} stays in {survivor}: {_together(tx, split)}. Withdraw that first."
        )
    done.restored = [now] if now == original else [original, now]
    done.not_restored = _not_restored(tx, act, original, split)
    done.moved = [
        f"Source record {one} is in {golden_id} now, not in {now}."
        for one, golden_id in sorted(gather.golden_ids_of(tx.connection, split.part).items())
        if golden_id != now
    ]
    return done


def unmerge_records(acting: Acting, survivor: str, records: Sequence[int]) -> Unmerged:
    """Takes source records out of a golden record into one of their own."""
    tx = acting.tx
    require_matched(acting.domain)
    held = gather.records_of_goldens(tx.connection, [survivor])
    part = frozenset(records)
    if not part or not part <= held:
        raise NeverMerged(
            f"{survivor} is made of the source records {sorted(held)};"
            f" not of {sorted(part - held)}."
        )
    if part == held:
        raise NeverMerged(f"These are all source records of {survivor}; there is nothing to part.")
    split = Split(part, frozenset(held - part), survivor)
    done = _part(acting, split)
    ids = gather.golden_ids_of(tx.connection, held)
    if {ids[one] for one in split.part} & {ids[one] for one in split.rest}:
        raise KeptApart(f"They stay together: {_together(tx, split)}. Withdraw that first.")
    done.survivor = ids[min(split.rest)]
    done.restored = sorted({ids[one] for one in split.part})
    return done


def _split(tx: Tx, act: Joined, survivor: str, scope: str) -> Split:
    """Which records leave, and from which they must stay apart."""
    if scope not in SCOPES:
        raise BadRequest(f"The scope is one of: {', '.join(SCOPES)}.", field="scope")
    held = gather.records_of_goldens(tx.connection, [survivor])
    founders = merges.founded(tx.connection, survivor)
    part, rest = (side & held for side in _sides(tx, act, founders[act.golden_id]))
    undone = {act.decision} if act.decision is not None else set()
    if scope == SUBTREE:
        return Split(part, rest - part, survivor, undone=frozenset(undone))
    before = merges.before(tx.connection, act.golden_id, act.tx)
    whole = frozenset(before.records if before else part)
    inside = [one for one, founder in founders.items() if founder in whole]
    staying = []
    for one in inside:
        joined = merges.joined(tx.connection, one)
        if one != act.golden_id and joined is not None:
            own, _other = _sides(tx, joined, founders[one])
            part -= own
            rest |= own & held
            staying.append((founders[one], founders[survivor]))
            undone |= {joined.decision} if joined.decision is not None else set()
    return Split(part, rest - part, survivor, tuple(staying), frozenset(undone))


def _sides(tx: Tx, act: Joined, founder: int) -> tuple[frozenset[int], frozenset[int]]:
    """The records of the original and of what it was joined to, as the merge named them."""
    if act.decision is not None:
        sides = [frozenset(side) for side in decisions.sides(tx.connection, act.decision)]
        if founder in sides[1]:
            sides.reverse()
        if founder in sides[0]:
            return sides[0], sides[1]
    # The rules joined them, or a decision that names others: all that each was made of.
    before = [merges.before(tx.connection, one, act.tx) for one in (act.golden_id, act.into)]
    part, rest = (frozenset(one.records) if one else frozenset() for one in before)
    return part | {founder}, rest


def _part(acting: Acting, split: Split) -> Unmerged:
    """Withdraws what says that the parts are the same, and says that they are different."""
    tx, domain, reason = acting.tx, acting.domain, acting.reason
    concerned = {*split.part, *split.rest}
    withdrawn = []
    chosen = None
    for one in gather.decisions_of(tx.connection, split.part):
        if one.kind == "same" and _crosses(one, split):
            if split.undone is not None and one.id not in split.undone:
                raise KeptApart(
                    f"Decision {one.id} in force says that records of both are the same. Withdraw"
                    " it first, then unmerge.",
                    decision=one.id,
                )
            decisions.withdraw_decision(tx, one.id)
            withdrawn.append(one.id)
            concerned |= {*one.left, *one.right}
            chosen = split.survivor if one.survivor == split.survivor else chosen
            for some in (split.part, concerned - split.part):
                _say_again(acting, one, some, chosen)
    for left, right in split.staying:
        keep(tx, Said("same", domain, (left,), (right,), reason, chosen))
    sides = tuple(sorted(split.part)), tuple(sorted(split.rest))
    number = keep(tx, Said("different", domain, *sides, reason))
    decide_within(tx, acting.hub, domain, concerned)
    return Unmerged("", [], number, withdrawn)


def _say_again(
    acting: Acting, decision: Decision, among: Collection[int], survivor: str | None
) -> None:
    """Says what a withdrawn decision said of records that stay together."""
    left = tuple(one for one in decision.left if one in among)
    right = tuple(one for one in decision.right if one in among)
    if left and right:
        said = Said("same", acting.domain, left, right, acting.reason, survivor)
        keep(acting.tx, said)


def _crosses(decision: Decision, split: Split) -> bool:
    return any(
        (a in split.part and b in split.rest) or (b in split.part and a in split.rest)
        for a, b in decision.pairs
    )


def _together(tx: Tx, split: Split) -> str:
    standing = gather.decisions_of(tx.connection, split.part | split.rest)
    numbers = [str(one.id) for one in standing if one.kind == "same"]
    return f"decisions in force tie its records to others there (no. {', '.join(numbers)})"


def _not_restored(tx: Tx, act: Joined, original: str, split: Split) -> list[str]:
    """What is not as before the merge though nothing else was done to it since, as sentences."""
    now = gather.goldens_by_id(tx.connection, [original])[original]
    if now.merged_into is not None:
        return [
            f"{original} leads to {now.merged_into}: other decisions in force, made meanwhile, join"
            " its records to that."
        ]
    said: list[str] = []
    before = merges.before(tx.connection, original, act.tx)
    members = gather.records_of_goldens(tx.connection, [original])
    untouched = not merges.changed_since(tx.connection, act.tx, members)
    if untouched and before is not None and members == set(before.records):
        said += _lost_children(before.record, now.record)
    questions = merges.closed_questions(tx.connection, act.tx, split.part)
    said += [
        f"The question about {key.replace('|', ' and ')} is not asked again."
        for key in questions
        if set(key.split("|")) != {original, act.into}
    ]
    return said


def _lost_children(before: Document, now: Document) -> list[str]:
    """Children that say what they said before the merge, but under another id."""
    said = []
    for name, value in before.items():
        held = now.get(name)
        if not isinstance(value, list) or not isinstance(held, list):
            continue
        ids = {_content(one): one["id"] for one in held}
        standing = set(ids.values())
        said += [
            f"One of {name} has the id {ids[_content(one)]}; before the merge it was {one['id']}."
            for one in value
            if one["id"] not in standing and _content(one) in ids
        ]
    return said


def _content(child: Document) -> str:
    return repr(sorted((name, value) for name, value in child.items() if name != "id"))
