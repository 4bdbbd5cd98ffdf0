"""How a golden value is chosen: pure, the same whatever order the source records come in."""

from mdm.survivorship.member import HUB, ChildId, Member, Survived, Told
from mdm.survivorship.strategies import EXPLANATIONS, STRATEGIES
from mdm.survivorship.surviving import survive
from mdm.survivorship.trust import SourceTrust, Trust

__all__ = [
    "EXPLANATIONS",
    "HUB",
    "STRATEGIES",
    "ChildId",
    "Member",
    "SourceTrust",
    "Survived",
    "Told",
    "Trust",
    "survive",
]
