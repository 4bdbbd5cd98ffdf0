"""Rules of survivorship, a file each: how one value is chosen among those that are told.

A strategy gets what is told, from the most believed member to the least, and returns the winner;
its docstring is the explanation that people read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mdm.model.field import Field
from mdm.survivorship.member import Told
from mdm.survivorship.strategies import complete, extremes, frequent, longest, recent, trusted

Strategy = Callable[[Field, Sequence[Told]], Told]

STRATEGIES: dict[str, Strategy] = {
    "trusted": trusted.choose,
    "recent": recent.choose,
    "longest": longest.choose,
    "complete": complete.choose,
    "frequent": frequent.choose,
    "minimum": extremes.lowest,
    "maximum": extremes.highest,
}
"""The rules by the names that a domain's lines and configuration use; a rule of your own is one
more line."""

EXPLANATIONS: dict[str, str] = {
    **{name: strategy.__doc__ or "" for name, strategy in STRATEGIES.items()},
    "only": "Only one source record tells it.",
    "override": "A person set it.",
    "owner": "Its source is the system of record of this field.",
}
"""A sentence for every rule that lineage names."""
