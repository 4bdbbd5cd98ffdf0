"""Protected values: sealed where they rest, compared by keyed hash, shown masked."""

from mdm.sealing.keys import Keys, create_keys, load_keys, rotate_keys
from mdm.sealing.protected import is_protected, mask, protect, reveal

__all__ = [
    "Keys",
    "create_keys",
    "is_protected",
    "load_keys",
    "mask",
    "protect",
    "reveal",
    "rotate_keys",
]
