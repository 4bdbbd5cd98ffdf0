"""Maps code values that sources told and nobody knew; the records that carry them are read anew.

What is read anew becomes a further version of its source record and takes the road of any other:
the log stays a log of what was told and of how it was read.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import msgspec

from mdm.domains import DOMAINS, domain_named
from mdm.errors import BadRequest, NotFound
from mdm.golden.state import Held
from mdm.golden.versions import laid_over, unpack_told
from mdm.inbound.arrive import Arrived, arrive
from mdm.inbound.codes import codes_text, holders_of, kept_as, our_code, read_codes
from mdm.inbound.mapping import Source
from mdm.inbound.payload import raw_about
from mdm.inbound.readers import Row
from mdm.intake import Batch
from mdm.load import no_progress, source_named
from mdm.model.domain import Domain
from mdm.pipeline import apply
from mdm.quality import check_arrivals
from mdm.records import Arrival, Document, SealedValue, canonical
from mdm.refresh import follow_up
from mdm.rejects import feeds_reading
from mdm.staging import Progress
from mdm.store import codes, configuration, gather, loads
from mdm.store.codes import Unmapped
from mdm.store.hub import Hub
from mdm.store.transaction import Act, Tx, transaction

READ_AGAIN = 1_000
"""Source records read anew in one transaction."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a value of a source's field means: one of our codes."""

    source: str
    domain: str
    field: str
    value: str
    code: str

    @property
    def place(self) -> tuple[str, str]:
        """The source and the domain."""
        return self.source, self.domain


@dataclass(slots=True)
class MapReport:
    """What mapping codes did."""

    mapped: int = 0
    read_again: int = 0
    changed: int = 0
    """Source records that have a further version now."""
    golden_changed: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Carried:
    """What is looked for in the records of a source and domain."""

    source: Source
    domain: Domain
    holders: frozenset[str]
    needles: set[str]
    """What a record's text holds, in lower case, where it may carry one of the values."""
    codes: dict[tuple[str, str], str]
    """Our code by field and lower-case form of a value."""


def map_codes(
    hub: Hub, told: Sequence[Meaning], act: Act, progress: Progress = no_progress
) -> MapReport:
    """Makes the values mean our codes from now on, and reads the records that carry them anew.

    A call that was cut short is made again: its values still wait. Raises BadRequest for a code
    that its field does not know and NotFound for a value that nobody told, nothing changed.
    """
    started = time.monotonic()
    if not (act.reason or "").strip():
        raise BadRequest("Say why: the reason is kept with the codes.", field="reason")
    act = replace(act, kind="map_codes")
    for source in {one.source for one in told}:
        source_named(hub, source)
    meanings = _each_once([_checked(one) for one in told])
    waiting = _waiting(hub, meanings)
    before = _activate(hub, act, meanings)
    report = MapReport(mapped=len(meanings))
    for _place, some in groupby(meanings, key=lambda one: one.place):
        _read_again(hub, act, _carried(hub, list(some), before), report, progress)
    with transaction(hub.database, act) as tx:
        codes.resolve(tx, waiting)
    report.seconds = round(time.monotonic() - started, 3)
    return report


def _each_once(told: Sequence[Meaning]) -> list[Meaning]:
    """The meanings by source and domain; BadRequest where a value is to mean two codes."""
    found: dict[tuple[str, str, str, str], Meaning] = {}
    for one in told:
        name = (*one.place, one.field, one.value.lower())
        if found.setdefault(name, one).code != one.code:
            raise BadRequest(
                f"{one.value!r} of {one.source} is to mean {found[name].code!r} and {one.code!r}:"
                " say one of them.",
                field="code",
            )
    return [found[name] for name in sorted(found)]


def _checked(told: Meaning) -> Meaning:
    domain = domain_named(told.domain)
    code = our_code(domain, told.field, told.code)
    return replace(told, domain=domain.name, code=code)


def _waiting(hub: Hub, meanings: Sequence[Meaning]) -> list[Unmapped]:
    """The values of the queue that are mapped, whatever their case; NotFound for any other."""
    with hub.database.read() as connection:
        queued = codes.queued(connection, resolved=True)
    by_value: dict[tuple[str, str, str, str], list[Unmapped]] = {}
    for one in queued:
        by_value.setdefault((one.source, one.domain, one.field, one.value.lower()), []).append(one)
    found = []
    for said in meanings:
        held = by_value.get((*said.place, said.field, said.value.lower()))
        if held is None:
            raise NotFound(
                f"{said.source} told no {said.field.replace('_', ' ')} {said.value!r} that nobody"
                " knew. `mdm codes list` shows the values that wait."
            )
        found += held
    return found


def _activate(hub: Hub, act: Act, meanings: Sequence[Meaning]) -> set[str]:
    """Makes the codes those that run; returns the codes that the values meant before."""
    replaced: set[str] = set()
    with transaction(hub.database, act) as tx:
        tx.cancelled = True
        for source, some in groupby(meanings, key=lambda one: one.source):
            before = configuration.live_text(tx.connection, "codes", source)
            mapped = read_codes(before)
            for one in some:
                known = mapped.setdefault(one.domain, {}).setdefault(one.field, {})
                replaced |= {code for value, code in known.items() if value == one.value}
                known[one.value] = one.code
            after = codes_text(mapped)
            if after != before:
                configuration.activate(tx, "codes", source, after)
                tx.cancelled = False
    return replaced


def _carried(hub: Hub, meanings: Sequence[Meaning], before: set[str]) -> Carried:
    """What to look for in the records of the one source and domain that these are about."""
    domain = DOMAINS[meanings[0].domain]
    forms = {
        (one.field, form.lower()): one.code
        for one in meanings
        for form in kept_as(domain, one.field, one.value)
    }
    texts = {form for _field, form in forms} | {code.lower() for code in before}
    return Carried(
        source=source_named(hub, meanings[0].source),
        domain=domain,
        holders=frozenset(n for one in meanings for n in holders_of(domain, one.field)),
        needles={canonical(one).decode().lower() for one in texts},
        codes=forms,
    )


def _read_again(
    hub: Hub, act: Act, carried: Carried, report: MapReport, progress: Progress
) -> None:
    source, domain = carried.source, carried.domain
    with hub.database.read() as connection:
        pages = codes.carriers(connection, source.name, domain.name, carried.needles)
        ids = [number for page in pages for number in page]
    act = replace(act, domain=domain.name)
    for start in range(0, len(ids), READ_AGAIN):
        with transaction(hub.database, act) as tx:
            arrived = _arrived(tx, hub, carried, ids[start : start + READ_AGAIN])
            check_arrivals(domain, arrived.arrivals)
            loads.keep_sealed(tx.connection, arrived.sealed)
            applied = apply(
                tx, hub, Batch(source.name, domain, source.version, None, arrived.arrivals)
            )
            tx.cancelled = not applied.changed
        follow_up(hub)
        report.read_again += len(ids[start : start + READ_AGAIN])
        report.changed += applied.changed
        report.golden_changed += applied.golden_changed
        progress(f"reading {domain.path} of {source.name} again", report.read_again)


def _arrived(tx: Tx, hub: Hub, carried: Carried, ids: Sequence[int]) -> Arrived:
    """What the records say under the mapping that runs now."""
    total = Arrived([], [], [], [], set())
    raws = codes.payloads(tx.connection, ids)
    for held in gather.held_by_id(tx.connection, ids).values():
        latest, sealed = _again(hub, carried, held, raws[held.id])
        after = laid_over(carried.domain, held.record, latest.told)
        late = dict(_translated(carried, after))
        if late:  # an earlier version told it, and the latest left it as it was
            latest = _telling_too(hub, latest, late)
        if late or after != held.record:
            total.sealed += sealed
            total.arrivals.append(latest)
    return total


def _again(hub: Hub, carried: Carried, held: Held, raw: bytes) -> tuple[Arrival, list[SealedValue]]:
    """The latest payload of a record read anew; as it stands where no feed reads it any more."""
    source = carried.source
    payload = msgspec.json.decode(hub.keys.unseal(raw, raw_about(source.name)))
    row = Row(held.line or 1, payload, None)
    for feed in feeds_reading(source, held.domain, payload):
        arrived = arrive(feed, source, [row], hub.keys)
        for arrival in arrived.arrivals:
            if arrival.source_key == held.source_key and not arrival.ended:
                arrival.sequence = held.sequence
                return arrival, arrived.sealed
    told = unpack_told(held.record, held.told)
    stamps = (held.content_hash, raw, held.raw_hash, held.sequence, held.source_time)
    return Arrival(source.name, held.source_key, row.line, told, *stamps), []


def _translated(carried: Carried, record: Document) -> Iterator[tuple[str, Any]]:
    """The record's own fields that still hold a mapped value, with our code in its place."""
    own, children = carried.domain.by_name, carried.domain.child_by_name
    for name in carried.holders:
        told = record.get(name)
        if name in own:
            after = _meant(carried, {name: told})[name]
        elif name in children and told:
            after = [_meant(carried, one) for one in told]
        else:
            continue
        if after != told:
            yield name, after


def _meant(carried: Carried, held: Document) -> Document:
    return {
        name: carried.codes.get((name, value.lower()), value) if isinstance(value, str) else value
        for name, value in held.items()
    }


def _telling_too(hub: Hub, latest: Arrival, late: Document) -> Arrival:
    """The arrival with what earlier versions told, too; the same payload still changes nothing."""
    told = {**latest.told, **late}
    return msgspec.structs.replace(
        latest, told=told, content_hash=hub.keys.content_hash(canonical(told)), partial=True
    )
