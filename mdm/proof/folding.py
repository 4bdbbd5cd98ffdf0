"""What every source record said at a moment: its versions folded again from what they told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from mdm.golden.decide import code_of
from mdm.golden.state import Held
from mdm.golden.versions import fold
from mdm.model.domain import Domain, Mastering
from mdm.model.match_columns import match_columns
from mdm.proof.difference import Difference, between
from mdm.sealing.keys import Keys
from mdm.store.replay import Kept, Moment, Version

_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(slots=True)
class Folded:
    """The source records of a part of a domain, as far as a replay needs them to find groups."""

    ids: list[int] = field(default_factory=list)
    crosswalk: list[tuple[str, str]] = field(default_factory=list)
    columns: bytes = b""
    """What the matching engine reads, an Arrow stream; domains that are matched."""
    codes: list[str] = field(default_factory=list)
    """What makes records the same; domains mastered by code."""
    differences: list[Difference] = field(default_factory=list)


def folded(domain: Domain, keys: Keys, kept: Iterable[Kept], moment: Moment) -> Folded:
    """What is needed of these records to group them, and what of them cannot be reproduced."""
    part, records = Folded(), []
    for one in kept:
        held = held_at(domain, one, moment)
        if held is None:
            continue
        part.differences += _untold(domain, keys, one, held)
        part.ids.append(held.id)
        part.crosswalk.append(held.crosswalk)
        records.append(held.record)
    if domain.mastering is Mastering.FUZZY:
        part.columns = match_columns(domain, records)
    else:
        part.codes = [code_of(domain, record) for record in records]
    return part


def held_at(domain: Domain, kept: Kept, moment: Moment) -> Held | None:
    """The record as it stood at the moment; None where nothing of it had arrived."""
    versions = [version for version in kept.versions if version.tx in moment]
    if not versions:
        return None
    latest = versions[-1]
    return Held(
        id=kept.id,
        domain=domain.name,
        source=kept.source,
        source_key=kept.source_key,
        golden_id=kept.golden_id,
        own_id=kept.own_id,
        state=latest.state,
        version=latest.version,
        record=fold(domain, [version.placed() for version in versions]),
        told=None,
        findings=latest.findings,
        raw=b"",
        content_hash=latest.content_hash,
        raw_hash=b"",
        sequence=latest.sequence,
        source_time=latest.source_time,
        mapping_version=latest.mapping_version,
        load_id=latest.load_id,
        line=latest.line,
        tx=latest.tx,
    )


def _untold(domain: Domain, keys: Keys, kept: Kept, held: Held) -> list[Difference]:
    """Versions that do not say what was received, and a record that is not what they say."""
    said = f"{kept.source}:{kept.source_key}"
    found = [
        Difference(
            "source record",
            domain.name,
            said,
            f"version {version.version}",
            "another content",
            "the content that was received",
        )
        for version in kept.versions
        if keys.content_hash(_encode(version.told)) != version.content_hash
    ]
    stored = _of(kept.versions, held.version).record
    found += between(domain, ("source record", said), stored, held.record)
    return found


def _of(versions: Sequence[Version], number: int) -> Version:
    return next(version for version in versions if version.version == number)
