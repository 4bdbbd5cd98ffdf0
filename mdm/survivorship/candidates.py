"""Who else tells a value: the losing candidates of every golden value, found again when asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mdm.errors import UnknownName
from mdm.model.domain import Domain
from mdm.model.field import Child
from mdm.records import Document
from mdm.survivorship.children import united
from mdm.survivorship.fields import told_by
from mdm.survivorship.forms import identity
from mdm.survivorship.member import Member, Told
from mdm.survivorship.slices import START, holding_on
from mdm.survivorship.state import all_members
from mdm.survivorship.strategies import EXPLANATIONS
from mdm.survivorship.trust import Ranking, Trust


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value a member tells, with the points of trust it had; `won`: it is the golden one."""

    member: Member
    value: Any
    trust: int
    won: bool


@dataclass(frozen=True, slots=True)
class Why:
    """The answer to "why this value": the rule, in words, and all who told one, winner first."""

    rule: str
    sentence: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Golden:
    """A golden record with the lineage it was given."""

    domain: Domain
    document: Document
    lineage: Document


def why(golden: Golden, path: str, members: Sequence[Member], trust: Trust, today: date) -> Why:
    """Why a golden value is what it is; UnknownName where the record has no value at this path.

    `members` are the source records of the lineage, as they were; a path is one of lineage.
    """
    ordered = sorted(members, key=lambda member: member.crosswalk)
    domain, document, inner = golden.domain, golden.document, path
    if domain.dated:
        document, inner, ordered = _slice(golden.document, path, ordered)
    told, trust_path = _told(domain, document, inner, Ranking(ordered, trust, today, domain.name))
    if not told:
        raise UnknownName.among("value at", path, sorted(golden.lineage["fields"]) or ["name"])
    place, rule = origin(golden.lineage, path)
    _, source, source_key = all_members(golden.lineage)[place]
    candidates = [
        Candidate(
            member=one.member,
            value=one.value,
            trust=trust.score(one.member, trust_path, today),
            won=one.member.crosswalk == (source, source_key),
        )
        for one in told
    ]
    candidates.sort(key=lambda candidate: not candidate.won)
    return Why(rule, EXPLANATIONS[rule], tuple(candidates))


def origin(lineage: Document, path: str) -> tuple[int, str]:
    """The member and the rule of a value; with one member all values are its own."""
    fields = lineage["fields"]
    wanted = path
    while wanted:
        if wanted in fields:
            place, rule = fields[wanted]
            return int(place), str(rule)
        wanted = wanted.rpartition("/")[0]
    return 0, "only"


def _slice(
    document: Document, path: str, members: Sequence[Member]
) -> tuple[Document, str, list[Member]]:
    """The golden slice a path names, the rest of the path, and the members that hold in it."""
    _, start, *rest = path.split("/")
    for state in document["slices"]:
        if (state.get("valid_from") or START) == start:
            return state, "/".join(rest), holding_on(members, start)
    starts = [state.get("valid_from") or START for state in document["slices"]]
    raise UnknownName.among("slice that starts on", start, starts)


def _told(
    domain: Domain, document: Document, path: str, ranking: Ranking
) -> tuple[list[Told], str]:
    name, _, rest = path.partition("/")
    if name in domain.by_name:
        return told_by(domain.by_name[name], ranking), name
    child = domain.child_by_name.get(name)
    if child is None:
        known = [*domain.by_name, *domain.child_by_name]
        raise UnknownName.among(f"field of {domain.name}", name, known)
    wanted, _, field = rest.partition("/")
    told = _child_told(child, document, wanted, ranking)
    if not field:
        return told, name
    values = [
        Told(one.member, one.value[field]) for one in told if one.value.get(field) is not None
    ]
    return values, f"{name}.{field}"


def _child_told(child: Child, document: Document, wanted: str, ranking: Ranking) -> list[Told]:
    country = document.get("country")
    for holder in document.get(child.name) or ():
        if holder["id"] == wanted:
            members = ranking.of(child.name)
            found = united(child, members, ranking, country)
            return found.get(identity(child, holder, country), [])
    return []
