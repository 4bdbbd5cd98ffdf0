"""Named errors: each says what, where and what to do next, in words a finance person knows."""

from __future__ import annotations

from typing import ClassVar


class HubError(Exception):
    """The hub could not do what was asked."""

    code: ClassVar[str] = "hub_error"
    title: ClassVar[str] = "The hub could not do this"

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class UnknownName(HubError):
    """A name was given that nothing here has."""

    code = "unknown_name"
    title = "Unknown name"

    @classmethod
    def among(cls, what: str, name: str, known: list[str]) -> UnknownName:
        """The error that names the known ones: "There is no domain 'suplier'; there are: ..."."""
        return cls(f"There is no {what} {name!r}; there are: {', '.join(sorted(known))}.")


class NotFound(HubError):
    """Nothing is stored under this id or key."""

    code = "not_found"
    title = "Not found"


class BadConfiguration(HubError):
    """A configuration file says something the hub cannot run."""

    code = "bad_configuration"
    title = "Configuration cannot be used"


class UnreadableFile(HubError):
    """A file cannot be read to its end; nothing of it was applied."""

    code = "unreadable_file"
    title = "File cannot be read"


class UnwritableFile(HubError):
    """A file that was asked for cannot be written; nothing was done."""

    code = "unwritable_file"
    title = "File cannot be written"


class BadRequest(HubError):
    """The request says something that cannot be meant."""

    code = "bad_request"
    title = "Request cannot be understood"


class IncompleteExport(BadRequest):
    """An export says that it is not all there is: what is absent from it has not ended."""

    code = "incomplete_export"
    title = "Export is not complete"


class NotYetKnown(BadRequest):
    """The moment lies ahead of what the hub knows: its answer would not stay the same."""

    code = "not_yet_known"
    title = "The moment is still to come"


class Refused(HubError):
    """The caller may not do this."""

    code = "refused"
    title = "Not allowed"


class Conflict(HubError):
    """Somebody else changed it meanwhile, or it contradicts what already holds."""

    code = "conflict"
    title = "Conflict"


class StaleVersion(Conflict):
    """The version the change was based on is no longer the current one."""

    code = "stale_version"
    title = "Stale version"


class LoadStopped(Conflict):
    """A load is over its budget: it waits, staged, until a person releases or drops it."""

    code = "load_stopped"
    title = "The load was stopped"


class RulesStopped(Conflict):
    """Matching rules would change too much: they wait until a person releases or drops them."""

    code = "rules_stopped"
    title = "The rules were stopped"


class UnknownField(UnknownName):
    """The domain has no field of this name."""

    code = "unknown_field"
    title = "Unknown field"


class ProtectedField(Refused):
    """The field is protected: its values change only by a release that two people give."""

    code = "protected_field"
    title = "Field is protected"


class OwnedElsewhere(Refused):
    """Another system is the system of record of this field, and refuses others."""

    code = "system_of_record"
    title = "Another system owns this field"


class InvertedPeriod(BadRequest):
    """A period ends before it starts, or on the same day."""

    code = "period_inverted"
    title = "Period ends before it starts"


class OverlappingSlices(Conflict):
    """Two periods of the same value overlap."""

    code = "overlapping_slices"
    title = "Periods overlap"


class HierarchyCycle(Conflict):
    """A record would stand above itself in a hierarchy."""

    code = "hierarchy_cycle"
    title = "Hierarchy would have a cycle"


class OverlappingParents(Conflict):
    """A record would have two parents in a hierarchy on one day."""

    code = "overlapping_parents"
    title = "Two parents on one day"


class SameRecord(BadRequest):
    """A record cannot be merged with itself."""

    code = "same_record"
    title = "Both are the same record"


class RetiredRecord(Conflict):
    """The id was merged into another record already, or its record was erased."""

    code = "retired_record"
    title = "The record is retired"


class NeverMerged(Conflict):
    """What is to be unmerged was never merged into this record."""

    code = "never_merged"
    title = "Never merged"


class KeptApart(Conflict):
    """Something that stays in force keeps the records apart, or together."""

    code = "kept_apart"
    title = "Another decision stands against it"


class DatabaseNotReady(HubError):
    """The database is missing or of another version; `mdm init` creates or upgrades it."""

    code = "database_not_ready"
    title = "Database is not ready"


class MissingKeys(HubError):
    """The key file that seals protected values is missing or does not fit this database."""

    code = "missing_keys"
    title = "Keys are missing"
