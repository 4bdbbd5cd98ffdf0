"""Which records of a source a complete load lacks (law 11): those that its feeds told, no others.

A source may tell one domain by several feeds, such as OData and IDocs. A complete file of one says
nothing of what only another told.
"""

from __future__ import annotations

from collections.abc import Sequence

from mdm.inbound.mapping import Feed, Source
from mdm.inbound.payload import ToldPayload, raw_about, told_by
from mdm.staging import Staged
from mdm.store import loads
from mdm.store.hub import Hub

READ = 2_000
"""Records whose payloads are read at a time."""


def absent(hub: Hub, source: Source, files: Sequence[Staged], notes: list[str]) -> list[int] | None:
    """The records that a complete load does not have; rejected rows count as present.

    None where that cannot be told. What is left to be is told in the notes.
    """
    refused = [reject for staged in files for reject in staged.rejects]
    if any(reject.source_key is None for reject in refused):
        notes.append(
            "A rejected row has no key, so what is absent cannot be told: nothing was ended."
        )
        return None
    present = {key for staged in files for chunk in staged.chunks for key in chunk.keys}
    present |= {str(reject.source_key) for reject in refused}
    held = {record_id for staged in files for record_id, _line in staged.held}
    domain = files[0].feed.domain
    lacking = loads.absent(hub.database, source.name, domain, present, held)
    loaded, others = _feeds(source, domain, {staged.feed.name for staged in files})
    if not lacking or not others:
        return lacking
    spared = _told_by_others(hub, source, (loaded, others), lacking)
    if spared:
        notes.append(
            f"{len(spared):,} records that are not in these files stay, for only another feed told"
            f" them: {', '.join(sorted(feed.name for feed in others))}."
        )
    return [record for record in lacking if record not in spared]


def _feeds(source: Source, domain: str, names: set[str]) -> tuple[list[Feed], list[Feed]]:
    """The domain's feeds that these files speak for, and all others.

    A file speaks for a feed of the same lines in another format, too.
    """
    feeds = [feed for feed in source.feeds if feed.domain == domain]
    told = [feed for feed in feeds if feed.name in names]
    others = [feed for feed in feeds if not any(_same_lines(feed, one) for one in told)]
    return [feed for feed in feeds if feed not in others], others


def _same_lines(one: Feed, other: Feed) -> bool:
    """Whether the feeds are one, or the same lines in two formats."""
    same = (one.key, one.fields, one.children) == (other.key, other.fields, other.children)
    return one is other or (same and one.format != other.format)


def _told_by_others(
    hub: Hub, source: Source, feeds: tuple[list[Feed], list[Feed]], lacking: Sequence[int]
) -> set[int]:
    """Those of the records of which another feed told a version, and none of the loaded ones."""
    loaded, others = feeds
    about = raw_about(source.name)
    by_loaded: set[int] = set()
    by_others: set[int] = set()
    for start in range(0, len(lacking), READ):
        for record, version, raw, raw_hash in loads.payloads(
            hub.database, lacking[start : start + READ]
        ):
            told = ToldPayload(version, hub.keys.unseal(raw, about), raw_hash)
            if told_by(told, loaded, hub.keys):
                by_loaded.add(record)
            elif told_by(told, others, hub.keys):
                by_others.add(record)
    return by_others - by_loaded
