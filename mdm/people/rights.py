"""What each role may do: one table."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from mdm.errors import Refused, UnknownName

ROLES = ("steward", "approver", "admin", "auditor")


class Right(enum.StrEnum):
    """Something that not everybody may do."""

    READ = "read"  # golden records of all domains, with their origin
    TASKS = "tasks"  # see tasks, loads and rejects
    DECIDE = "decide"  # say that records are the same or different, and take it back
    PLACE = "place"  # move records in hierarchies
    AUDIT = "audit"  # read who did what
    PUSH = "push"  # send records of a source
    LOADS = "loads"  # release or drop a load that a guard stopped
    CODES = "codes"  # say what codes of sources mean
    RULES = "rules"  # change matching rules: the bar for joining, placeholders


RIGHTS: dict[str, frozenset[Right]] = {
    "steward": frozenset(Right) - {Right.RULES, Right.AUDIT},
    "approver": frozenset((Right.READ, Right.TASKS, Right.LOADS, Right.RULES)),
    "admin": frozenset((Right.READ, Right.TASKS, Right.PUSH, Right.CODES, Right.RULES)),
    "auditor": frozenset((Right.READ, Right.TASKS, Right.AUDIT)),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """A person or a program that was recognised."""

    name: str
    roles: frozenset[str]
    subscription: str | None = None
    scopes: frozenset[str] = frozenset()

    def may(self, right: Right) -> bool:
        """Whether one of the caller's roles or scopes gives the right."""
        return right.value in self.scopes or any(right in RIGHTS[role] for role in self.roles)

    def may_push(self, source: str) -> bool:
        """Whether the caller may send records of this source."""
        return self.may(Right.PUSH) or f"push:{source}" in self.scopes


def require(caller: Caller, right: Right) -> None:
    """Refused where the caller lacks the right; the sentence names the roles that have it."""
    if not caller.may(right):
        having = sorted(role for role, rights in RIGHTS.items() if right in rights)
        raise Refused(
            f"{caller.name!r} may not do this; it takes one of the roles: {', '.join(having)}."
        )


def known_roles(roles: list[str]) -> frozenset[str]:
    """The roles; UnknownName where one is none."""
    for role in roles:
        if role not in ROLES:
            raise UnknownName.among("role", role, list(ROLES))
    return frozenset(roles)
