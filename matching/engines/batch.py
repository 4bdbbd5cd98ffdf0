"""What a batch gives, whichever engine ran it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matching.score import Verdicts


@dataclass(frozen=True, slots=True)
class OverCommon:
    """A blocking key that too many records have: it makes no pairs and is reported."""

    name: str
    key: int
    count: int
    example: int
    """A row that has it."""


@dataclass(slots=True)
class BatchMatch:
    """Scored pairs of a batch, and the keys its records are found by."""

    keys: tuple[NDArray[np.int64], NDArray[np.int32]]
    """Key and row, sorted by key, then row."""
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    verdicts: Verdicts
    over_common: list[OverCommon] = field(default_factory=list)
