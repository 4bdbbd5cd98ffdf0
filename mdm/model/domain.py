"""A domain: its fields, its children, how it is mastered, and what follows from them."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cached_property

from mdm.model.field import Child, Field, Privacy


class Mastering(enum.StrEnum):
    """How source records find each other."""

    FUZZY = "fuzzy"  # by the matching engine
    BY_CODE = "by_code"  # by an equal code within an equal scope
    BASIC = "basic"  # authored only


@dataclass(frozen=True)
class Domain:
    """One domain of the hub; everything about it is derived from these lines."""

    name: str
    path: str
    prefix: str
    meaning: str
    mastering: Mastering
    fields: tuple[Field, ...]
    children: tuple[Child, ...] = ()
    code: tuple[str, ...] = ()
    """The fields that make a code unique (scope and code), for domains mastered by code."""
    dated: bool = False
    """Source records are validity slices; the golden record holds them all."""
    gapless: bool = False
    """Whether a day between two periods of a code on which none holds is a mistake."""
    requires: tuple[str, ...] = ()
    """References whose target must be valid for a record to be valid (dependent validity)."""

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields by their names."""
        return {field.name: field for field in self.fields}

    @cached_property
    def child_by_name(self) -> dict[str, Child]:
        """The children by their names."""
        return {child.name: child for child in self.children}

    @cached_property
    def lookups(self) -> dict[str, tuple[Child | None, Field]]:
        """Search keys: query name -> where its values stand; child fields by their own name."""
        found: dict[str, tuple[Child | None, Field]] = {}
        for child in self.children:
            for field in child.fields:
                if field.lookup:
                    found[field.name] = (child, field)
        for field in self.fields:
            if field.lookup:
                found[field.name] = (None, field)
        return found

    @cached_property
    def searched(self) -> dict[str, tuple[Child | None, Field]]:
        """What a query may name: search keys, also as what they are compared as (`vat_number`)."""
        columns = {
            column: (child, field)
            for child, field in self.lookups.values()
            for column in (field.match, *(column for _kind, column in field.match_by_kind))
            if column is not None
        }
        return {**columns, **self.lookups}

    @cached_property
    def lookups_by_holder(self) -> tuple[tuple[str | None, tuple[Field, ...]], ...]:
        """The fields of search keys by the child they stand in, None for the record's own."""
        found: dict[str | None, list[Field]] = {}
        for child, field in self.lookups.values():
            found.setdefault(child.name if child else None, []).append(field)
        return tuple((name, tuple(fields)) for name, fields in found.items())

    @cached_property
    def matched_by_holder(self) -> tuple[tuple[str | None, tuple[tuple[Field, str], ...]], ...]:
        """What the matching engine reads: (field, column) by the child they stand in, None: own."""
        own = ((None, self.fields), *((child.name, child.fields) for child in self.children))
        read = (
            (name, tuple((field, field.match) for field in fields if field.match is not None))
            for name, fields in own
        )
        return tuple((name, fields) for name, fields in read if fields)

    @cached_property
    def protected(self) -> tuple[tuple[Child | None, Field], ...]:
        """Every protected field with the child it stands in."""
        own = [(None, f) for f in self.fields if f.privacy is Privacy.PROTECTED]
        nested = [(c, f) for c in self.children for f in c.fields if f.privacy is Privacy.PROTECTED]
        return (*own, *nested)

    @cached_property
    def references(self) -> tuple[tuple[Child | None, Field], ...]:
        """Every field that names a record of another domain."""
        own = [(None, f) for f in self.fields if f.reference]
        nested = [(c, f) for c in self.children for f in c.fields if f.reference]
        return (*own, *nested)
