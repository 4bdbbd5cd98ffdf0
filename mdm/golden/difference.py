"""What a golden version changed, as the audit may tell it: no personal or protected value in clear.

Such a value is told by its keyed hash, so that an erasure can take the value itself away and the
audit still verifies. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from mdm.domains import DOMAINS
from mdm.golden.decide import Change
from mdm.golden.state import Golden
from mdm.model.domain import Domain
from mdm.model.field import Field, Privacy
from mdm.records import Document
from mdm.sealing.keys import Keys
from mdm.sealing.protected import is_protected
from mdm.survivorship.state import all_members

PERSON = "natural_person"
"""The field that says that a record is about a person: then names and numbers are personal."""
IMPERSONAL = frozenset(("choice", "flag", "country", "language", "currency"))
"""Kinds of value that tell nobody from others."""
STATE = ("status", "region", "merged_into")


@dataclass(frozen=True, slots=True)
class Private:
    """The names of private fields, and those of each child."""

    fields: frozenset[str]
    children: Mapping[str, frozenset[str]]


@cache
def private_of(domain: str, person: bool) -> Private:
    """What is private in records of a domain, or in those about a person."""
    model = DOMAINS[domain]
    nested = {child.name: _private(child.fields, person) for child in model.children}
    hidden = {name: names for name, names in nested.items() if names}
    return Private(_private(model.fields, person), hidden)


def _private(fields: Iterable[Field], person: bool) -> frozenset[str]:
    return frozenset(
        field.name
        for field in fields
        if field.privacy is not Privacy.PUBLIC
        or (person and field.reference is None and field.kind not in IMPERSONAL)
    )


def told(keys: Keys, domain: Domain, change: Change) -> Document:
    """What the audit tells of a new golden version: all of a first one, of others the difference.

    Values stand as [old, new] by path, winners as [source, source key, rule].
    """
    before, after = change.before, change.after
    said: Document = {
        "domain": domain.name,
        "version": after.version,
        "status": after.status,
        "happened": change.happened,
    }
    if change.merged_from:
        said["merged_from"] = change.merged_from
    if before is None:
        if after.region is not None:
            said["region"] = after.region
        said["record"] = _shown(keys, domain, after.record)
        said["lineage"] = after.lineage
        return said
    said.update(_filled("state", _state(before, after)))
    said.update(_filled("changed", _changed(keys, domain, before.record, after.record)))
    said.update(_filled("winners", _winners(before.lineage, after.lineage)))
    said.update(_filled("members", _members(before.lineage, after.lineage)))
    return said


def _filled(name: str, found: Document) -> Document:
    return {name: found} if found else {}


def _state(before: Golden, after: Golden) -> Document:
    pairs = {name: [getattr(before, name), getattr(after, name)] for name in STATE}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _members(before: Document, after: Document) -> Document:
    old = {tuple(member[1:]) for member in before.get("members", ())}
    new = {tuple(member[1:]) for member in after.get("members", ())}
    found = {"joined": sorted(new - old), "left": sorted(old - new)}
    return {name: members for name, members in found.items() if members}


def winners(lineage: Document) -> Document:
    """By path, the source record that gave the value and the rule that chose it."""
    members = all_members(lineage) if lineage else []
    return {
        path: [*members[place][1:], rule]
        for path, (place, rule, *_more) in lineage.get("fields", {}).items()
    }


def _winners(before: Document, after: Document) -> Document:
    """The winners that changed; the lineage of a lone record names none, for it gave all."""
    old, new = winners(before), winners(after)
    alone = [_alone(before), _alone(after)]
    pairs = {
        path: [old.get(path, alone[0]), new.get(path, alone[1])] for path in old.keys() | new.keys()
    }
    return {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}


def _alone(lineage: Document) -> list[object] | None:
    members = lineage.get("members", ())
    return [*members[0][1:], "only"] if len(members) == 1 and not lineage.get("fields") else None


def _pairs(old: Document, new: Document) -> Document:
    names = old.keys() | new.keys()
    return {n: [old.get(n), new.get(n)] for n in names if old.get(n) != new.get(n)}


def _shown(keys: Keys, domain: Domain, record: Document) -> Document:
    if domain.dated:
        return {"slices": [_shown_state(keys, domain, state) for state in record["slices"]]}
    return _shown_state(keys, domain, record)


def _shown_state(keys: Keys, domain: Domain, state: Document) -> Document:
    private = private_of(domain.name, bool(state.get(PERSON)))
    shown = dict(state)
    for name in private.fields & shown.keys():
        shown[name] = hidden(keys, shown[name])
    for name, names in private.children.items():
        if name in shown:
            shown[name] = [_shown_child(keys, names, child) for child in shown[name]]
    return shown


def _shown_child(keys: Keys, names: frozenset[str], child: Document) -> Document:
    return {n: hidden(keys, v) if n in names else v for n, v in child.items()}


def hidden(keys: Keys, value: Any) -> Document | None:
    """The keyed hash that stands for a private value; of a protected one, its fingerprint."""
    if value is None:
        return None
    if is_protected(value):
        return {"hash": value["fingerprint"]}
    said = value if isinstance(value, str) else msgspec.json.encode(value, order="sorted").decode()
    return {"hash": keys.text_hash(said)}


def _changed(keys: Keys, domain: Domain, old: Document, new: Document) -> Document:
    if old == new:
        return {}
    if not domain.dated:
        return dict(_differences(keys, domain, old, new))
    before, after = _by_start(old), _by_start(new)
    found: Document = {}
    for start in before.keys() | after.keys():
        place = f"slices/{start}"
        if start in before and start in after:
            pairs = _differences(keys, domain, before[start], after[start])
            found.update((f"{place}/{path}", pair) for path, pair in pairs)
        else:
            ends = (before.get(start), after.get(start))
            found[place] = [_shown_state(keys, domain, s) if s is not None else None for s in ends]
    return found


def _by_start(record: Document) -> dict[str, Document]:
    return {state.get("valid_from") or "": state for state in record["slices"]}


def _differences(
    keys: Keys, domain: Domain, old: Document, new: Document
) -> Iterator[tuple[str, list[Any]]]:
    """Every value that differs between two states, as (path, [old, new])."""
    private = private_of(domain.name, bool(old.get(PERSON) or new.get(PERSON)))
    for name in old.keys() | new.keys():
        pair = [old.get(name), new.get(name)]
        if pair[0] == pair[1]:
            continue
        if name in domain.child_by_name:
            names = private.children.get(name, frozenset())
            yield from _child_differences(keys, names, name, pair)
        elif name in private.fields:
            yield name, [hidden(keys, value) for value in pair]
        else:
            yield name, pair


def _child_differences(
    keys: Keys, private: frozenset[str], name: str, lists: list[Any]
) -> Iterator[tuple[str, list[Any]]]:
    before, after = ({child["id"]: child for child in some or ()} for some in lists)
    for child_id in before.keys() | after.keys():
        old, new = before.get(child_id), after.get(child_id)
        if old is None or new is None:
            shown = [_shown_child(keys, private, c) if c is not None else None for c in (old, new)]
            yield f"{name}/{child_id}", shown
            continue
        for part, pair in _pairs(old, new).items():
            told_pair = [hidden(keys, value) for value in pair] if part in private else pair
            yield f"{name}/{child_id}/{part}", told_pair
