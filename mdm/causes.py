"""Everything that can change a golden record, in one table.

A golden value is a function of what sources say, what people said, configuration and the day.
Whatever changes one of these decides the golden records it concerns anew, through the module that
is named here; a test fails for a module that writes golden records, or an act that the log knows,
without a line in this table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """What changed, the acts it stands under in the log, and the module that follows it up."""

    meaning: str
    acts: tuple[str, ...]
    road: str


CAUSES = (
    Cause("A file told, changed or ended source records.", ("load",), "mdm.load"),
    Cause("The first file of a domain told its source records.", ("load",), "mdm.first_load"),
    Cause("A source pushed records, or a refused one came again.", ("push", "retry"), "mdm.push"),
    Cause(
        "A person said that records are the same or different, or took it back.",
        ("decision", "withdraw"),
        "mdm.decisions",
    ),
    Cause(
        "A person mapped codes; the records that carried them were read anew.",
        ("map_codes",),
        "mdm.codes",
    ),
    Cause("A person merged or unmerged golden records.", ("merge", "unmerge"), "mdm.merging"),
    Cause(
        "A person set a value over the sources, or took it back.",
        ("override", "override_withdrawn"),
        "mdm.overrides",
    ),
    Cause(
        "A day came: slices start and end, trust ages, overrides end; a parent or the trust in a"
        " source changed.",
        ("tick", "config"),
        "mdm.refresh",
    ),
    Cause(
        "Matching rules were activated, or a re-match ended.", ("config", "rematch"), "mdm.rematch"
    ),
)

QUIET = {
    "init": "Makes the database and activates what comes with the hub, before any record.",
    "load_release": "Lets a stopped load be applied; what is applied stands under `load`.",
    "load_released": "Deletes the rows of a load that was released and is applied now.",
    "load_drop": "Gives a stopped load up; nothing of it was golden.",
    "propose_rules": "Keeps rules that wait for a person.",
    "rules_drop": "Gives proposed rules up; nothing ran by them.",
    "refused": "Keeps rows that were refused; nothing of them is golden.",
    "move": "Places records in a hierarchy beside their golden values.",
    "client": "Admits a program.",
    "user": "Admits a person.",
    "people": "Admits the people of the demo.",
}
"""Acts that the log knows and that change no golden record, with the reason."""
