"""When two values are the same, and two children of one kind one child."""

from __future__ import annotations

from matching.kinds import KINDS
from mdm.model.field import Child, Field
from mdm.records import Document
from mdm.sealing.protected import is_protected

Identity = tuple[str, ...]


def form(field: Field, value: object, country: str | None, kind: str | None = None) -> str:
    """What a value is compared by; of a protected one, its fingerprint."""
    if is_protected(value):
        assert isinstance(value, dict)
        return str(value["fingerprint"])
    if value is None or value == "":
        return ""
    text = str(value)
    return KINDS[kind or field.kind].match_form(text, country) or text


def identity(child: Child, holder: Document, country: str | None) -> Identity:
    """The child's key in compared form: equal for the same address, account or registration."""
    where = holder.get("country") or country
    said = holder.get("kind")
    return tuple(
        [
            form(
                field,
                holder.get(field.name),
                where,
                _kind(field, said) if field.match_by_kind else None,
            )
            for field in child.key_fields
        ]
    )


def _kind(field: Field, said: object) -> str | None:
    return next((column for name, column in field.match_by_kind if name == said), None)


def local_key(child: Child, holder: Document) -> list[str]:
    """The child's name and its key as told: what a new id is made of."""
    parts = [child.name]
    for name in child.key:
        value = holder.get(name)
        if type(value) is not str:
            value = _plain(value)
        parts.append(value)
    return parts


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("fingerprint"))
    return "" if value is None else str(value)
