"""Differences between what is stored and what the log gives, path by path, fit to be shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mdm.golden.state import Golden
from mdm.model.domain import Domain
from mdm.records import Document
from mdm.sealing import is_protected

HIDDEN = "(protected)"
ABSENT = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that the log does not give; protected values are masked."""

    subject: str
    """`golden record`, `source record`, `id ledger` or `answer`."""
    domain: str
    id: str
    path: str
    stored: Any
    recomputed: Any
    known_at: int | None = None
    as_of: str | None = None


Subject = tuple[str, str]
"""What it is, and its id."""


def between(domain: Domain, subject: Subject, stored: Any, recomputed: Any) -> list[Difference]:
    """Every path at which two documents differ."""
    if stored == recomputed:
        return []
    what, name = subject
    return [
        Difference(
            what, domain.name, name, path, _shown(domain, path, one), _shown(domain, path, other)
        )
        for path, one, other in _paths("", stored, recomputed)
    ]


def between_versions(domain: Domain, stored: Golden, recomputed: Golden) -> list[Difference]:
    """Every path at which a stored golden record is not what the log gives."""
    subject = ("golden record", recomputed.golden_id)
    found: list[Difference] = []
    for name in ("status", "region", "merged_into"):
        one, other = getattr(stored, name), getattr(recomputed, name)
        if one != other:
            found.append(Difference(*_named(domain, subject), name, one, other))
    found += between(domain, subject, stored.record, recomputed.record)
    lineage = between(domain, subject, stored.lineage, recomputed.lineage)
    found += [
        Difference(
            one.subject, one.domain, one.id, f"lineage/{one.path}", one.stored, one.recomputed
        )
        for one in lineage
    ]
    return found


def _named(domain: Domain, subject: Subject) -> tuple[str, str, str]:
    return subject[0], domain.name, subject[1]


def _paths(path: str, stored: Any, recomputed: Any) -> Iterator[tuple[str, Any, Any]]:
    if stored == recomputed:
        return
    if isinstance(stored, dict) and isinstance(recomputed, dict):
        if is_protected(stored) or is_protected(recomputed):
            yield path, stored, recomputed
            return
        for name in dict.fromkeys((*stored, *recomputed)):
            yield from _paths(_step(path, name), stored.get(name), recomputed.get(name))
        return
    if isinstance(stored, list) and isinstance(recomputed, list):
        one, other = _by_place(stored), _by_place(recomputed)
        if one is not None and other is not None:
            if list(one) != list(other) and set(one) == set(other):
                yield _step(path, "order"), list(one), list(other)
            for place in dict.fromkeys((*one, *other)):
                yield from _paths(_step(path, place), one.get(place), other.get(place))
            return
    yield path, stored, recomputed


def _by_place(items: list[Any]) -> dict[str, Any] | None:
    """Items by what names them in a path: a child's id, a slice's first day; None: by neither."""
    if not all(isinstance(item, dict) for item in items):
        return None
    if all("id" in item for item in items):
        named = {str(item["id"]): item for item in items}
    elif all("valid_from" in item or "valid_to" in item or "code" in item for item in items):
        named = {str(item.get("valid_from") or ""): item for item in items}
    else:
        return None
    return named if len(named) == len(items) else None


def _step(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _shown(domain: Domain, path: str, value: Any) -> Any:
    """The value as people may see it: of a protected one its mask and the start of its hash."""
    parts = path.split("/")
    for child, field in domain.protected:
        if field.name == parts[-1] and (child is None or child.name in parts):
            return _masked(value) if is_protected(value) or value is None else HIDDEN
    return _masked(value)


def _masked(value: Any) -> Any:
    if is_protected(value):
        return f"{value.get('masked', HIDDEN)} #{str(value['fingerprint'])[:8]}"
    if isinstance(value, dict):
        return {name: _masked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    return value


def without_protected(domain: Domain, record: Document) -> Document:
    """The document with every protected value as people may see it."""
    return {name: _shown(domain, name, value) for name, value in record.items()}
