"""What the matching engine reads of a record, derived from the lines of its domain."""

from __future__ import annotations

from mdm.model.domain import Domain
from mdm.records import Document

MatchRow = dict[str, str | list[str] | None]


def match_row(domain: Domain, record: Document, protected: str = "fingerprint") -> MatchRow:
    """The record's values by matching column; a list where it has several.

    Of a protected value the part of this name: its fingerprint, or as people see it, "masked".
    """
    row: MatchRow = {}
    for child, fields in domain.matched_by_holder:
        holders = (record,) if child is None else record.get(child) or ()
        for holder in holders:
            for field, column in fields:
                value = holder.get(field.name)
                if isinstance(value, dict):
                    value = value.get(protected)
                if value is not None and value != "":
                    by_kind = field.match_by_kind
                    _add(row, column_of(by_kind, holder, column) if by_kind else column, str(value))
    return row


def column_of(by_kind: tuple[tuple[str, str], ...], holder: Document, otherwise: str) -> str:
    """The matching column of a value whose child tells what it is: a tax number may be a VAT's."""
    kind = holder.get("kind")
    return next((column for name, column in by_kind if name == kind), otherwise)


def _add(row: MatchRow, column: str, text: str) -> None:
    held = row.get(column)
    if held is None:
        row[column] = text
    elif isinstance(held, list):
        if text not in held:
            held.append(text)
    elif held != text:
        row[column] = [held, text]
