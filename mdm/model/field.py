"""A field: one line of a domain, saying all the hub needs to know of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Privacy(enum.StrEnum):
    """Who may see a field's value."""

    PUBLIC = "public"  # everyone whose subscription or role names it
    PERSONAL = "personal"  # erasable; never in the audit
    PROTECTED = "protected"  # sealed wherever it stands; served only when released


class Survive(enum.StrEnum):
    """How a golden value is chosen among the values of the source records."""

    TRUSTED = "trusted"  # the most trusted source, then the most recent
    RECENT = "recent"  # the most recent, then the most trusted source
    LONGEST = "longest"  # the longest text
    COMPLETE = "complete"  # the record that tells most
    FREQUENT = "frequent"  # what most records say
    MINIMUM = "minimum"
    MAXIMUM = "maximum"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a domain or child.

    `kind` names a kind of value (matching/kinds); `match` names the column the matching engine
    reads it as; `group` makes fields win together; `reference` names the domain it points to.
    """

    name: str
    kind: str
    meaning: str
    survive: Survive = Survive.TRUSTED
    privacy: Privacy = Privacy.PUBLIC
    lookup: bool = False
    required: bool = False
    group: str | None = None
    match: str | None = None
    match_by_kind: tuple[tuple[str, str], ...] = ()
    """Other columns for the matching engine, by the `kind` of the child the value stands in."""
    reference: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Child:
    """A list of child objects; each is matched within its parent by its key and survives as one."""

    name: str
    prefix: str
    meaning: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    scoped: bool = False
    """Children of one key are one per scope (company data): their fields survive one by one."""

    key_fields: tuple[Field, ...] = field(init=False, compare=False, repr=False)
    """The fields that tell children of one kind apart."""

    def __post_init__(self) -> None:
        """Derives what is asked for of every child of every record."""
        object.__setattr__(
            self, "key_fields", tuple(next_named(self.fields, name) for name in self.key)
        )

    def field(self, name: str) -> Field:
        """The child's field of this name; KeyError where there is none."""
        return next_named(self.fields, name)


def next_named(fields: tuple[Field, ...], name: str) -> Field:
    """The field of this name; KeyError where there is none."""
    for line in fields:
        if line.name == name:
            return line
    raise KeyError(name)
