"""The id ledger: which golden id a group of source records answers with.

A record that once founded a golden record keeps that id as its own for ever. A group answers with
the oldest id founded in it: a join keeps the oldest, a split leaves each id with its founder, and
a retired id leads to wherever its founder is now, through any chain of merges.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mdm.golden.state import Held

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass(frozen=True, slots=True)
class Identity:
    """The id of a group, the record that founded it, and the ids that now lead to it."""

    golden_id: str
    founder: int
    assigned: bool
    retired: tuple[str, ...]


def new_golden_id(prefix: str) -> str:
    """A fresh id: prefix and 22 random base32 characters, 110 bits."""
    number = secrets.randbits(110)
    return f"{prefix}_{''.join(ALPHABET[(number >> shift) & 31] for shift in range(0, 110, 5))}"


def identify(
    group: Sequence[Held],
    age: Mapping[str, int],
    preferred: Sequence[str],
    new_id: Callable[[], str],
) -> Identity:
    """The identity of a group: a steward's choice first, then the oldest id founded in it.

    `age` orders the ids that exist, `preferred` names those that were chosen, the latest choice
    first; a group that founds none gets a new one, founded by its record of lowest id.
    """
    own = {record.own_id: record.id for record in group if record.own_id is not None}
    if not own:
        return Identity(new_id(), min(record.id for record in group), assigned=True, retired=())
    chosen_last = {golden_id: rank for rank, golden_id in reversed(list(enumerate(preferred)))}
    ranked = sorted(own, key=lambda one: (chosen_last.get(one, len(preferred)), age[one]))
    chosen = ranked[0]
    return Identity(chosen, own[chosen], assigned=False, retired=tuple(ranked[1:]))
