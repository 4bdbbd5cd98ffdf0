"""Children: united over the members, matched by their key, never mixed from several sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mdm.model.field import Child
from mdm.records import Document
from mdm.survivorship.fields import choose
from mdm.survivorship.forms import Identity, identity, local_key
from mdm.survivorship.member import HUB, ChildId, Member, Told, is_told
from mdm.survivorship.trust import Ranking

ID_LENGTH, FOUNDER_LENGTH = 22, 8


def lone_children(
    child: Child, member: Member, prior: Document | None, child_id: ChildId
) -> list[Document]:
    """The children of a golden record that has one member, each with its permanent id."""
    holders: Sequence[Document] = member.document[child.name]
    if len(holders) > 1:
        holders = list(_distinct(child, holders, member.document.get("country")).values())
    source, key = member.source, member.source_key
    if prior is None and len(holders) == 1:
        only = holders[0]
        return [{"id": child_id(child.prefix, source, key, *local_key(child, only)), **_told(only)}]
    ids = [child_id(child.prefix, source, key, *local_key(child, holder)) for holder in holders]
    before = (prior or {}).get(child.name)
    if before:
        held = {one["id"] for one in before}
        if not held.issuperset(ids):
            ids = _kept(child, holders, ids, (member, before, child_id))
    return [{"id": one, **_told(holder)} for one, holder in zip(ids, holders, strict=True)]


def _told(holder: Document) -> Document:
    if "id" not in holder and None not in holder.values():
        return holder
    return {name: value for name, value in holder.items() if value is not None and name != "id"}


def _distinct(
    child: Child, holders: Sequence[Document], country: str | None
) -> dict[Identity, Document]:
    found: dict[Identity, Document] = {}
    for holder in holders:
        key = identity(child, holder, country)
        same = found.setdefault(key, holder)
        if same is not holder and child.scoped:
            found[key] = {**_told(holder), **_told(same)}
    return found


def _kept(
    child: Child,
    holders: Sequence[Document],
    fresh: Sequence[str],
    standing: tuple[Member, Sequence[Document], ChildId],
) -> list[str]:
    """The ids these children had under another spelling of their keys, else the fresh ones."""
    member, before, child_id = standing
    ids = Ids(child, [member], before, child_id)
    country = member.document.get("country")
    return [
        ids.standing(identity(child, holder, country)) or one
        for holder, one in zip(holders, fresh, strict=True)
    ]


@dataclass(slots=True)
class Ids:
    """The ids of one kind of children: those that stand, as long as their founder is a member."""

    child: Child
    members: Sequence[Member]
    before: Sequence[Document]
    child_id: ChildId
    _by_identity: dict[Identity, str] | None = None
    _founders: frozenset[str] = field(default_factory=frozenset)

    def standing(self, wanted: Identity) -> str | None:
        """The id of the child with this identity before, unless its founder went elsewhere.

        A founder that parted takes its id along: unmerging is exact.
        """
        if not self.before:
            return None
        if self._by_identity is None:
            self._by_identity = {identity(self.child, one, None): one["id"] for one in self.before}
            self._founders = frozenset(self._founder(member) for member in self.members)
        held = self._by_identity.get(wanted)
        if held is None or _founder_part(self.child.prefix, held) not in self._founders:
            return None
        return held

    def _founder(self, member: Member) -> str:
        made = self.child_id(self.child.prefix, member.source, member.source_key, "")
        return _founder_part(self.child.prefix, made)

    def fresh(self, told: Sequence[Told]) -> str:
        """A new id, founded by the first in crosswalk order of the members that tell the child."""
        # An override founds a child only where nobody else tells it: its end must not take the id.
        founder = min(told, key=lambda one: (one.member.override, one.member.crosswalk))
        member = founder.member
        key = local_key(self.child, founder.value)
        return self.child_id(self.child.prefix, member.source, member.source_key, *key)


def _founder_part(prefix: str, child_id: str) -> str:
    return child_id[len(prefix) + 1 :][:FOUNDER_LENGTH]


def united(
    child: Child, members: Sequence[Member], ranking: Ranking, country: str | None
) -> dict[Identity, list[Told]]:
    """Every child by its identity, with all who tell it, the most believed first."""
    found: dict[Identity, list[Told]] = {}
    for member in ranking.of(child.name):
        holders = member.document.get(child.name)
        if holders:
            own = member.document.get("country") or country
            for key, holder in _distinct(child, holders, own).items():
                found.setdefault(key, []).append(Told(member, holder))
    return found


def surviving_children(
    child: Child,
    found: Mapping[Identity, list[Told]],
    ids: Ids,
    ranking: Ranking,
) -> tuple[list[Document], dict[str, tuple[Member, str]]]:
    """The golden children, and by path the member and the rule that gave each of them."""
    children: list[Document] = []
    lineage: dict[str, tuple[Member, str]] = {}
    for key, told in found.items():
        known = ids.standing(key) or ids.fresh(told)
        path = f"{child.name}/{known}"
        if child.scoped:
            values, winners = _by_field(child, told, ranking)
            lineage.update({f"{path}/{name}": winner for name, winner in winners.items()})
        else:
            values = _told(told[0].value)
            lineage[path] = (told[0].member, _rule(told))
        children.append({"id": known, **values})
    return children, lineage


def _rule(told: Sequence[Told]) -> str:
    if told[0].member.source == HUB:
        return "override"
    return "only" if len(told) == 1 else "trusted"


def _by_field(
    child: Child, told: Sequence[Told], ranking: Ranking
) -> tuple[Document, dict[str, tuple[Member, str]]]:
    holders = {one.member.crosswalk: one.value for one in told}
    within = told[0].value
    values: Document = {}
    winners: dict[str, tuple[Member, str]] = {}
    for line in child.fields:
        said = [
            Told(member, holders[member.crosswalk][line.name])
            for member in ranking.of(f"{child.name}.{line.name}", within)
            if member.crosswalk in holders and is_told(holders[member.crosswalk].get(line.name))
        ]
        if said:
            owned = ranking.owns(said[0].member, f"{child.name}.{line.name}", within)
            wanted = ranking.rule(f"{child.name}.{line.name}", line.survive)
            winner, rule = choose(line, said, wanted, owned=owned)
            values[line.name] = winner.value
            winners[line.name] = (winner.member, rule)
    return values, winners
