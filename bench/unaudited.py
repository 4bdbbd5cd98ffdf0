"""`mdm` without its audit, for bench/audit.py: `python -m bench.unaudited load csv FILE`.

The hub has no such setting. What is patched here is patched in worker processes too, for they
import the main module again.
"""

from __future__ import annotations

from typing import Any

from mdm import forming
from mdm.cli import main
from mdm.store import transaction, write_golden


def _nothing(*_told: Any) -> list[Any]:
    return []


for module, name in (
    (forming, "golden_entries"),
    (write_golden, "golden_entries"),
    (transaction, "_close"),
):
    setattr(module, name, _nothing)

if __name__ == "__main__":
    main()
