"""How a golden value is chosen: pure, the same whatever order the source records come in."""

from mdm.model.trust import SourceTrust
from mdm.survivorship.candidates import Candidate, Why, origin, why
from mdm.survivorship.member import HUB, ChildId, Member, Survived, Told
from mdm.survivorship.overrides import Lifetime, Lifted, Now, Override, as_member, lifted
from mdm.survivorship.strategies import EXPLANATIONS, STRATEGIES
from mdm.survivorship.surviving import survive
from mdm.survivorship.trust import Trust

__all__ = [
    "EXPLANATIONS",
    "HUB",
    "STRATEGIES",
    "Candidate",
    "ChildId",
    "Lifetime",
    "Lifted",
    "Member",
    "Now",
    "Override",
    "SourceTrust",
    "Survived",
    "Told",
    "Trust",
    "Why",
    "as_member",
    "lifted",
    "origin",
    "survive",
    "why",
]
