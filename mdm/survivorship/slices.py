"""Effective-dated records: the time axis is cut where a slice starts or ends, and each piece
survives among the slices that hold in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from mdm.model.domain import Domain
from mdm.records import Document, Finding
from mdm.survivorship.member import ChildId, Member, Survived
from mdm.survivorship.state import Winners, alone, lineage_of, together, told_members
from mdm.survivorship.trust import Ranking, Trust

START, END = "", "9999-99-99"
PERIOD = ("valid_from", "valid_to")


@dataclass(slots=True)
class Slice:
    """A member with the period it holds in; ISO dates as text, `end` exclusive."""

    member: Member
    start: str
    end: str


@dataclass(slots=True)
class Piece:
    """A period in which the golden record has one state."""

    start: str
    end: str
    document: Document
    winners: Winners


def survive_dated(
    domain: Domain, members: Sequence[Member], trust: Trust, today: date, new_child_id: ChildId
) -> Survived:
    """The golden slices of these members, without overlaps, equal neighbours joined."""
    ordered = sorted(members, key=lambda member: member.crosswalk)
    slices, findings = cut(ordered)
    child_id = _founded_on_code(domain, ordered, new_child_id)
    pieces = _pieces(domain, slices, (trust, today, child_id))
    joined = _joined(pieces)
    document = {"slices": [_as_document(piece) for piece in joined]}
    if len(ordered) == 1:
        lineage: Document = {"members": told_members(ordered), "fields": {}}
        return Survived(document, lineage, findings)
    winners = {
        f"slices/{piece.start}" + (f"/{path}" if path else ""): winner
        for piece in joined
        for path, winner in piece.winners.items()
    }
    return Survived(document, lineage_of(ordered, winners), findings)


def _founded_on_code(domain: Domain, members: Sequence[Member], new_child_id: ChildId) -> ChildId:
    """Ids of children that are the same in every slice: the code founds them, not a slice."""
    told = next((member.document for member in members if not member.override), {})
    code = "\x1f".join(str(told.get(name) or "") for name in domain.code)

    def child_id(prefix: str, source: str, source_key: str, *local: str) -> str:
        return new_child_id(prefix, domain.name, code, *local)

    return child_id


def cut(members: Sequence[Member]) -> tuple[list[Slice], list[Finding]]:
    """The members as slices, those of one source without overlaps: a later start ends an earlier
    slice. What a source ended counts only where the source says nothing else any more.

    An override holds in its whole period, but makes no period of its own.
    """
    by_source: dict[str, list[Member]] = {}
    for member in members:
        if not member.override:
            by_source.setdefault(member.source, []).append(member)
    slices = [_slice(member) for member in members if member.override]
    findings: list[Finding] = []
    for source in sorted(by_source):
        told = by_source[source]
        live = [member for member in told if not member.ended] or told
        kept, found = _without_overlaps([_slice(member) for member in live])
        slices += kept
        findings += found
    return slices, findings


def findings_of(domain: Domain, members: Sequence[Member]) -> list[Finding]:
    """What does not fit together: periods of one source, and gaps where the domain wants none."""
    told = [member for member in members if not member.override]
    slices, findings = cut(sorted(told, key=lambda member: member.crosswalk))
    if not domain.gapless:
        return findings
    reached = ""
    for one in sorted(slices, key=lambda one: (one.start, one.end)):
        if reached and reached < one.start:
            findings.append(_gap(domain, reached, one))
        reached = max(reached, one.end)
    return findings


def _gap(domain: Domain, reached: str, one: Slice) -> Finding:
    said = (
        f"No period holds from {reached} up to {one.start}: on these days the"
        f" {domain.name.replace('_', ' ')} is not valid. Have one of the two periods beside the gap"
        f" corrected where it comes from; {one.member.source} tells the one that begins"
        f" {one.start}."
    )
    return Finding("gap", "valid_from", said, one.member.source_key)


def holding_on(members: Sequence[Member], day: str) -> list[Member]:
    """The members that speak on a day, given as ISO text; "" is before all days."""
    slices, _ = cut(members)
    return [one.member for one in slices if one.start <= day < one.end]


def _slice(member: Member) -> Slice:
    told = member.document
    return Slice(member, told.get("valid_from") or START, told.get("valid_to") or END)


def _without_overlaps(slices: Iterable[Slice]) -> tuple[list[Slice], list[Finding]]:
    """Slices of one source in order; among equal starts the one the source changed last holds.

    That an open slice ends where the next one starts is how many systems tell it: no finding.
    """
    findings: list[Finding] = []
    right = []
    for one in slices:
        if one.start < one.end:
            right.append(one)
        else:
            findings.append(_inverted(one))
    by_key = sorted(right, key=lambda one: one.member.crosswalk)
    by_time = sorted(by_key, key=lambda one: one.member.source_time or "", reverse=True)
    kept: list[Slice] = []
    for one in sorted(by_time, key=lambda one: one.start):
        earlier = kept[-1] if kept else None
        if earlier is None or earlier.end <= one.start:
            kept.append(one)
            continue
        if earlier.end != END or earlier.start == one.start:
            findings.append(_overlap(earlier, one))
        if earlier.start < one.start:
            kept[-1] = replace(earlier, end=one.start)
            kept.append(one)
    return kept, findings


def _inverted(one: Slice) -> Finding:
    said = f"The period ends on {one.end}, not after it starts on {one.start}; it is left out."
    return Finding("period_inverted", "valid_to", said, one.member.source_key)


def _overlap(earlier: Slice, later: Slice) -> Finding:
    said = (
        f"{earlier.member.source} has two periods that overlap, from {earlier.start or 'the start'}"
        f" and from {later.start or 'the start'}; "
    )
    if earlier.start < later.start:
        said += f"the earlier one is taken to end on {later.start}."
    else:
        said += f"of these, {earlier.member.source_key} is taken."
    return Finding("overlapping_slices", "valid_from", said, later.member.source_key)


def _pieces(
    domain: Domain, slices: Sequence[Slice], rules: tuple[Trust, date, ChildId]
) -> list[Piece]:
    days = sorted({day for one in slices for day in (one.start, one.end)})
    pieces: list[Piece] = []
    for start, end in pairwise(days):
        holding = [one.member for one in slices if one.start <= start and end <= one.end]
        if not all(member.override for member in holding):
            document, winners = _state(domain, holding, rules)
            pieces.append(Piece(start, end, document, winners))
    return pieces


def _state(
    domain: Domain, holding: Sequence[Member], rules: tuple[Trust, date, ChildId]
) -> tuple[Document, Winners]:
    trust, today, child_id = rules
    undated = [replace(member, document=_undated(member.document)) for member in holding]
    if len(undated) == 1:
        document = alone(domain, undated[0], None, child_id)
        return document, {"": (undated[0], "only")}
    undated.sort(key=lambda member: member.crosswalk)
    ranking = Ranking(undated, trust, today, domain.name)
    return together(domain, undated, ranking, None, child_id)


def _undated(document: Document) -> Document:
    return {name: value for name, value in document.items() if name not in PERIOD}


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is not None and last.end == piece.start and last.document == piece.document:
            last.end = piece.end
        else:
            joined.append(piece)
    return joined


def _as_document(piece: Piece) -> Document:
    period = {} if piece.start == START else {"valid_from": piece.start}
    if piece.end != END:
        period["valid_to"] = piece.end
    return {**period, **piece.document}
