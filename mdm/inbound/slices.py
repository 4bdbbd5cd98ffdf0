"""Validity slices: each with a key of its own, and an end after its beginning.

Whether periods of a code overlap is no matter of one file: it is told of the code, as a task.
"""

from __future__ import annotations

from mdm.inbound.told import Refused
from mdm.records import Document


def slice_key(key: str, told: Document, *, slices: bool = True) -> str:
    """The slice's source key: the code's and, where a code has several, the slice's first day.

    Refused where it ends before it begins.
    """
    first, end = told.get("valid_from"), told.get("valid_to")
    if first and end and end <= first:
        raise Refused(
            "valid_to_before_valid_from",
            f"The period begins on {first} and is over on {end}: it holds no day."
            " valid_to is the first day on which it no longer holds.",
            key,
        )
    return f"{key}@{first or ''}" if slices else f"{key}@"
