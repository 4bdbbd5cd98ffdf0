"""How versions of one source record follow each other, and what they say folded together (law 11).

Versions follow the source's own sequence where it gives one, else the order of receipt. A field a
version does not tell stays as in the preceding version; null withdraws it. A version that arrives
late takes its place in the order, and what follows it is folded again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mdm.golden.state import Held
from mdm.model.domain import Domain
from mdm.records import IN_PART, Arrival, Document


@dataclass(frozen=True, slots=True)
class Told:
    """What one version told, and where it stands in the source's order and in that of receipt."""

    sequence: str | None
    receipt: int
    told: Document


def fold(domain: Domain, versions: Iterable[Told]) -> Document:
    """What the record says after all these versions, in the source's order."""
    received = sorted(versions, key=lambda version: version.receipt)
    placed: list[tuple[str, int, Document]] = []
    latest = ""
    for version in received:
        # A version without a sequence counts from where the source stood when it came.
        place = version.sequence or latest
        latest = max(latest, place)
        placed.append((place, version.receipt, version.told))
    folded: Document = {}
    for _place, _receipt, told in sorted(placed, key=lambda one: one[:2]):
        folded = laid_over(domain, folded, told)
    return folded


def laid_over(domain: Domain, before: Document, told: Document) -> Document:
    """The preceding document with what a version tells laid over it; withdrawn fields are gone.

    A told list of children replaces the list before, but children of a scope (company data)
    replace only the same scope's: a change for one company says nothing of the others. So does a
    child told in part (the city of an address, and no street): it changes the one it means.
    """
    after = {**before, **told}
    for child in domain.children:
        said = told.get(child.name)
        if not said:
            continue
        if child.scoped and before.get(child.name):
            after[child.name] = _by_scope(child.key, before[child.name], said)
        elif any(IN_PART in holder for holder in said):
            after[child.name] = _in_part(before.get(child.name) or (), said) or None
    return {name: value for name, value in after.items() if value is not None}


def _by_scope(key: tuple[str, ...], before: list[Document], told: list[Document]) -> list[Document]:
    scopes = {tuple(holder.get(name) for name in key): holder for holder in before}
    for holder in told:
        scope = tuple(holder.get(name) for name in key)
        merged = {**scopes.get(scope, {}), **holder}
        scopes[scope] = _told(merged)
    return list(scopes.values())


def _in_part(before: Sequence[Document], told: Sequence[Document]) -> list[Document]:
    whole = [_told(holder) for holder in told if IN_PART not in holder]
    # Where others are told whole, they are the list; where none is, those before stay.
    after = [] if whole else list(before)
    for holder in told:
        if IN_PART not in holder:
            continue
        names = holder[IN_PART]
        said = {name: value for name, value in holder.items() if name != IN_PART}
        meant = next((one for one in before if all(one.get(n) == said[n] for n in names)), {})
        changed = _told({**meant, **said})
        after = [one for one in after if one is not meant]
        # What only says which one it is, says nothing.
        after += [changed] if changed.keys() - set(names) else []
    return [*after, *whole]


def _told(holder: Document) -> Document:
    return {name: value for name, value in holder.items() if value is not None}


def is_late(held: Held, arrival: Arrival) -> bool:
    """Whether the source says that this version is older than the one we hold."""
    return (
        arrival.sequence is not None
        and held.sequence is not None
        and arrival.sequence < held.sequence
    )


def is_said_later(versions: Iterable[Held], arrival: Arrival) -> bool:
    """Whether a version that its source told later says all of it again: it tells nothing more."""
    return any(is_late(one, arrival) and is_unchanged(one, arrival) for one in versions)


def preceding(versions: Iterable[Held], arrival: Arrival) -> Held | None:
    """The version behind which a late one stands in the source's order."""
    earlier = [one for one in versions if one.sequence and not is_late(one, arrival)]
    return max(earlier, key=lambda one: (one.sequence or "", one.version), default=None)


def is_unchanged(held: Held, arrival: Arrival) -> bool:
    """Whether the latest version we hold says the same already."""
    return held.content_hash == arrival.content_hash and (held.state == "ended") == arrival.ended


def pack_told(record: Document, told: Document) -> Document | list[str] | None:
    """What need be stored of a told version beside the record: nothing, its nulls, or all of it."""
    values = {name: value for name, value in told.items() if value is not None}
    if values != record:
        return told
    return [name for name, value in told.items() if value is None] or None


def unpack_told(record: Document, packed: Document | list[str] | None) -> Document:
    """The told version again, from what was stored beside the record."""
    if packed is None:
        return record
    if isinstance(packed, dict):
        return packed
    return {**record, **dict.fromkeys(packed)}
