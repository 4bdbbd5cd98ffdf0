"""How far one source is believed, as its configuration says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SourceTrust:
    """Points of trust in one source; `fields` names others for a field ("name"), a child
    ("addresses") or a child's field ("companies.payment_terms").
    """

    score: int = 50
    fields: Mapping[str, int] = field(default_factory=dict)
    yearly_loss: int = 0
    """Points lost for every year since the source last spoke."""
    failing_loss: int = 20
    """Points lost by a value that fails a quality rule."""
    floor: int = 0
    """What age and failures leave at the least."""

    def base(self, path: str) -> int:
        """Points before age and failures."""
        if not self.fields:
            return self.score
        child = path.partition(".")[0]
        return self.fields.get(path, self.fields.get(child, self.score))
