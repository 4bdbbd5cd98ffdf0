"""Every table, by subject, on one metadata."""

from mdm.store.tables import config, golden, governance, log, people, publication, source
from mdm.store.tables.metadata import METADATA

__all__ = ["METADATA", "config", "golden", "governance", "log", "people", "publication", "source"]
