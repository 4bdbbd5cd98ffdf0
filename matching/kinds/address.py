"""Addresses in one text: compared as a street is, house number and words apart."""

from __future__ import annotations

from matching.kinds.kind import Kind, no_problem
from matching.kinds.street import match_form
from matching.words import trimmed

KIND = Kind("address", trimmed, no_problem, match_form)
