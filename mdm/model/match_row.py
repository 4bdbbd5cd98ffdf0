"""What the matching engine reads of a record, derived from the lines of its domain."""

from __future__ import annotations

from mdm.model.domain import Domain
from mdm.model.field import Field
from mdm.records import Document

MatchRow = dict[str, str | list[str] | None]


def match_row(domain: Domain, record: Document, protected: str = "fingerprint") -> MatchRow:
    """The record's values by matching column; a list where it has several.

    Of a protected value the part of this name: its fingerprint, or as people see it, "masked".
    """
    row: MatchRow = {}
    for field in domain.fields:
        if field.match is not None:
            _add(row, field.match, record.get(field.name), protected)
    for child in domain.children:
        for holder in record.get(child.name) or ():
            for field in child.fields:
                if field.match is not None:
                    _add(row, _column(field, holder), holder.get(field.name), protected)
    return row


def _column(field: Field, holder: Document) -> str:
    assert field.match is not None
    kind = holder.get("kind")
    return next((column for name, column in field.match_by_kind if name == kind), field.match)


def _add(row: MatchRow, column: str, value: object, protected: str) -> None:
    if isinstance(value, dict):
        value = value.get(protected)
    if value is None or value == "":
        return
    text = str(value)
    held = row.get(column)
    if held is None:
        row[column] = text
    elif isinstance(held, list):
        if text not in held:
            held.append(text)
    elif held != text:
        row[column] = [held, text]
