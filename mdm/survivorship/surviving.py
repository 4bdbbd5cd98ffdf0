"""From the members of a group to its golden document, with the origin of every value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from mdm.model.domain import Domain
from mdm.records import Document
from mdm.survivorship.member import ChildId, Member, Survived
from mdm.survivorship.slices import survive_dated
from mdm.survivorship.state import alone, lineage_of, together, told_members
from mdm.survivorship.trust import Ranking, Trust


def survive(  # noqa: PLR0913 - all that a golden value depends on
    domain: Domain,
    members: Sequence[Member],
    trust: Trust,
    today: date,
    *,
    prior: Document | None = None,
    new_child_id: ChildId,
) -> Survived:
    """The golden record of these members; the same whatever order they come in.

    `prior` is the golden document before: children keep the ids they have in it.
    """
    if domain.dated:
        return survive_dated(domain, members, trust, today, new_child_id)
    if len(members) == 1:
        document = alone(domain, members[0], prior, new_child_id)
        return Survived(document, {"members": told_members(members), "fields": {}})
    ordered = sorted(members, key=lambda member: member.crosswalk)
    ranking = Ranking(ordered, trust, today, domain.name)
    document, winners = together(domain, ordered, ranking, prior, new_child_id)
    return Survived(document, lineage_of(ordered, winners))
