"""One state of a golden record: what its members tell together, with the origin of every value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mdm.model.domain import Domain
from mdm.records import Document
from mdm.survivorship.children import Ids, lone_children, surviving_children, united
from mdm.survivorship.fields import surviving_fields
from mdm.survivorship.member import ChildId, Member, is_told
from mdm.survivorship.trust import Ranking

Winners = dict[str, tuple[Member, str]]
"""By path, the member that gives a value and the rule that chose it."""


def told_members(members: Sequence[Member]) -> list[list[object]]:
    """The members as lineage names them."""
    return [[member.record_id, member.source, member.source_key] for member in members]


def lineage_of(ordered: Sequence[Member], winners: Winners) -> Document:
    """The lineage of members in the order of their crosswalk keys, overrides behind them."""
    records = [member for member in ordered if not member.override]
    overrides = [member for member in ordered if member.override]
    place = {member.crosswalk: number for number, member in enumerate((*records, *overrides))}
    fields = {path: [place[m.crosswalk], rule] for path, (m, rule) in winners.items()}
    lineage: Document = {"members": told_members(records), "fields": fields}
    if overrides:
        lineage["overrides"] = told_members(overrides)
    return lineage


def all_members(lineage: Document) -> list[list[Any]]:
    """What the numbers of a lineage count: its source records, then its overrides."""
    return [*lineage["members"], *lineage.get("overrides", ())]


def alone(domain: Domain, member: Member, prior: Document | None, child_id: ChildId) -> Document:
    """What one member tells, as a golden document."""
    document = {name: value for name, value in member.document.items() if is_told(value)}
    for child in domain.children:
        if child.name in document:
            document[child.name] = lone_children(child, member, prior, child_id)
    return document


def together(
    domain: Domain,
    members: Sequence[Member],
    ranking: Ranking,
    prior: Document | None,
    child_id: ChildId,
) -> tuple[Document, Winners]:
    """What several members tell, as a golden document, and who gave what."""
    document, winners = surviving_fields(domain.fields, ranking)
    country = document.get("country")
    for child in domain.children:
        found = united(child, members, ranking, str(country) if country else None)
        if found:
            ids = Ids(child, members, (prior or {}).get(child.name) or (), child_id)
            document[child.name], gave = surviving_children(child, found, ids, ranking)
            winners.update(gave)
    return document, winners
