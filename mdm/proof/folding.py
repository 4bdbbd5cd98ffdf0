"""What every source record said at a moment: its versions folded again from what they told."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from matching.online import prepare
from matching.rules import Rules
from mdm.golden.decide import code_of
from mdm.golden.state import Held
from mdm.golden.versions import fold
from mdm.model.domain import Domain
from mdm.model.match_columns import match_columns
from mdm.model.match_row import match_row
from mdm.pairing import code_key
from mdm.proof.difference import Difference, between
from mdm.records import Document, canonical
from mdm.sealing.keys import Keys
from mdm.store.log import Ints, Moment
from mdm.store.replay import Kept, Version


@dataclass(slots=True)
class Folded:
    """The source records of a part of a domain, as far as a replay needs them to find groups."""

    ids: Ints
    names: bytes
    """Arrow stream of `source`, `key` and `code`; records of one code of a domain are the same."""
    columns: bytes
    """What the matching engine reads, an Arrow stream; domains that are matched."""
    past: Past
    differences: list[Difference]


@dataclass(frozen=True, slots=True)
class Past:
    """Keys of versions that are not the latest, and the moments at which they were."""

    keys: Ints
    ids: Ints
    moments: Ints
    """A bit per moment."""


@dataclass(frozen=True, slots=True)
class Folding:
    """How records of a domain are read: keys, matching rules, the moments asked about later."""

    domain: Domain
    keys: Keys
    rules: Rules | None
    moments: Sequence[Moment] = ()

    def keys_of(self, record: Document) -> list[int]:
        """The keys by which the record meets others."""
        if self.rules is None:
            return [code_key(self.keys.match_secret, self.domain, record)]
        if record.get("one_time"):
            return []
        return list(set(prepare(match_row(self.domain, record), self.rules).keys))


def folded(folding: Folding, kept: Iterable[Kept], moment: Moment) -> Folded:
    """What is needed of these records to group them, and what of them cannot be reproduced."""
    domain = folding.domain
    records: list[Held] = []
    differences: list[Difference] = []
    past: list[tuple[int, int, int]] = []
    for one in kept:
        held = held_at(domain, one, moment)
        if held is not None:
            records.append(held)
            differences += _untold(folding, one, held)
            past += _past(folding, one, held)
    columns = np.array(past, dtype=np.int64).reshape(-1, 3).T
    fuzzy = folding.rules is not None
    return Folded(
        ids=np.array([held.id for held in records], dtype=np.int64),
        names=_names(domain, records),
        columns=match_columns(domain, [held.record for held in records]) if fuzzy else b"",
        past=Past(columns[0], columns[1], columns[2]),
        differences=differences,
    )


def _names(domain: Domain, records: Sequence[Held]) -> bytes:
    out = io.BytesIO()
    pl.DataFrame(
        {
            "source": [held.source for held in records],
            "key": [held.source_key for held in records],
            "code": [code_of(domain, held.record) for held in records] if domain.code else "",
        },
        schema={"source": pl.String, "key": pl.String, "code": pl.String},
    ).write_ipc_stream(out)
    return out.getvalue()


def _past(folding: Folding, kept: Kept, latest: Held) -> Iterator[tuple[int, int, int]]:
    """Keys of the versions that stood at one of the moments and stand no more."""
    if len(kept.versions) == 1:
        return
    stood: dict[int, tuple[Document, int]] = {}
    for number, moment in enumerate(folding.moments):
        known = [version.version for version in kept.versions if version.tx in moment]
        if not known or known[-1] == latest.version:
            continue
        if known[-1] not in stood:
            held = held_at(folding.domain, kept, moment)
            assert held is not None
            stood[known[-1]] = (held.record, 0)
        record, bits = stood[known[-1]]
        stood[known[-1]] = (record, bits | 1 << number)
    for record, bits in stood.values():
        yield from ((key, kept.id, bits) for key in folding.keys_of(record))


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
        record=_folded(domain, versions),
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


def _folded(domain: Domain, versions: Sequence[Version]) -> Document:
    """What the versions say together; a single one says what it told, nulls left out."""
    if len(versions) == 1 and versions[0].plain:
        return versions[0].record
    return fold(domain, [version.placed() for version in versions])


def _untold(folding: Folding, kept: Kept, held: Held) -> list[Difference]:
    """Versions that do not say what was received, and a record that is not what they say."""
    said = f"{kept.source}:{kept.source_key}"
    domain, keys = folding.domain, folding.keys
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
        if keys.content_hash(canonical(version.told)) != version.content_hash
    ]
    stored = _of(kept.versions, held.version).record
    found += between(domain, ("source record", said), stored, held.record)
    return found


def _of(versions: Sequence[Version], number: int) -> Version:
    return next(version for version in versions if version.version == number)
