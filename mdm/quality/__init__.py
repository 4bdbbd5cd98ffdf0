"""What is wrong with a record: the same rules on arrival, before commit, on an edit, on demand."""

from mdm.quality.check import check, check_arrivals, check_value
from mdm.quality.dependent import Reason, Target, dependent_validity, validity
from mdm.quality.rules import RULES, Rule

__all__ = [
    "RULES",
    "Reason",
    "Rule",
    "Target",
    "check",
    "check_arrivals",
    "check_value",
    "dependent_validity",
    "validity",
]
