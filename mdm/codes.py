"""Maps code values that sources told and nobody knew; the records that carry them are read anew.

What is read anew becomes a further version of its source record and takes the road of any other:
the log stays a log of what was told and of how it was read.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import msgspec

from mdm.domains import DOMAINS, domain_named
from mdm.errors import BadRequest, NotFound
from mdm.inbound.arrive import Arrived, arrive, raw_about
from mdm.inbound.codes import codes_text, holders_of, kept_as, our_code, read_codes
from mdm.inbound.mapping import Source
from mdm.inbound.readers import Row
from mdm.intake import Batch
from mdm.load import no_progress, source_named
from mdm.model.domain import Domain
from mdm.pipeline import apply
from mdm.quality import check_arrivals
from mdm.records import Arrival, canonical
from mdm.refresh import refresh_dependants
from mdm.rejects import feeds_reading
from mdm.staging import Progress
from mdm.store import codes, configuration, loads
from mdm.store.codes import Telling, Unmapped
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
    rejected: int = 0
    """Payloads that the mapping which runs now refuses; they are kept as rejects."""
    seconds: float = 0.0


@dataclass(slots=True)
class Carried:
    """What is looked for in the records of a source and domain."""

    source: Source
    domain: Domain
    holders: frozenset[str]
    forms: set[str] = field(default_factory=set)
    """Lower-case forms in which the values may stand."""


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
    meanings = _each_once([_checked(hub, one) for one in told])
    waiting = _waiting(hub, meanings)
    forms = _activate(hub, act, meanings)
    report = MapReport(mapped=len(meanings))
    for place, some in groupby(meanings, key=lambda one: one.place):
        domain = DOMAINS[place[1]]
        names = {one.field for one in some}
        holders = frozenset().union(*(holders_of(domain, name) for name in names))
        source = source_named(hub, place[0])
        carried = Carried(source, domain, holders, forms[place])
        _read_again(hub, act, carried, report, progress)
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


def _checked(hub: Hub, told: Meaning) -> Meaning:
    source_named(hub, told.source)
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


def _activate(hub: Hub, act: Act, meanings: Sequence[Meaning]) -> dict[tuple[str, str], set[str]]:
    """Makes the codes those that run; by source and domain, the forms in which values may stand."""
    forms: dict[tuple[str, str], set[str]] = {}
    with transaction(hub.database, act) as tx:
        tx.cancelled = True
        for source, some in groupby(meanings, key=lambda one: one.source):
            before = configuration.live_text(tx.connection, "codes", source)
            mapped = read_codes(before)
            for one in some:
                known = mapped.setdefault(one.domain, {}).setdefault(one.field, {})
                stood = {*kept_as(DOMAINS[one.domain], one.field, one.value)}
                if one.value in known:  # mapped before, to something else
                    stood.add(known[one.value])
                forms.setdefault(one.place, set()).update(form.lower() for form in stood)
                known[one.value] = one.code
            after = codes_text(mapped)
            if after != before:
                configuration.activate(tx, "codes", source, after)
                tx.cancelled = False
    return forms


def _read_again(
    hub: Hub, act: Act, carried: Carried, report: MapReport, progress: Progress
) -> None:
    needles = {canonical(form).decode().lower() for form in carried.forms}
    source, domain = carried.source, carried.domain
    with hub.database.read() as connection:
        pages = codes.carriers(connection, source.name, domain.name, needles)
        ids = [number for page in pages for number in page]
    act = replace(act, domain=domain.name)
    for start in range(0, len(ids), READ_AGAIN):
        with transaction(hub.database, act) as tx:
            arrived = _arrived(tx, hub, carried, ids[start : start + READ_AGAIN])
            check_arrivals(domain, arrived.arrivals)
            where = loads.Refused(source.name, domain.name, "read again", None, source.version)
            loads.keep_sealed(tx.connection, arrived.sealed)
            report.rejected += loads.keep_rejects(tx, where, arrived.rejects)
            applied = apply(
                tx, hub, Batch(source.name, domain, source.version, None, arrived.arrivals)
            )
            tx.cancelled = not (applied.added or applied.changed or arrived.rejects)
        refresh_dependants(hub, act, domain, applied)
        report.read_again += len(arrived.arrivals)
        report.changed += applied.changed
        report.golden_changed += applied.golden_changed
        progress(f"reading {domain.path} of {source.name} again", report.read_again)


def _arrived(tx: Tx, hub: Hub, carried: Carried, ids: Sequence[int]) -> Arrived:
    """What the payloads that told the values say under the mapping that runs now."""
    total = Arrived([], [], [], [], set())
    for key, told in codes.tellings(tx.connection, ids).values():
        for one in _telling_it(carried, told):
            arrived = _again(hub, carried.source, carried.domain, key, one)
            mine = [arrival for arrival in arrived.arrivals if arrival.source_key == key]
            total.sealed += arrived.sealed
            total.rejects += [] if mine else arrived.rejects
            latest = told[-1]
            if one is not latest and one.sequence is None:
                mine = [_only(hub, carried.holders, arrival, latest) for arrival in mine]
            total.arrivals += mine
    return total


def _telling_it(carried: Carried, told: Sequence[Telling]) -> list[Telling]:
    """The versions to be read anew: all that told a value and have a sequence, else the latest."""
    found = [one for one in told if _tells(carried, one)]
    return [one for one in found if one.sequence is not None or one is found[-1]]


def _tells(carried: Carried, one: Telling) -> bool:
    held = [one.told.get(name) for name in carried.holders]
    return any(text.lower() in carried.forms for value in held for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)


def _again(hub: Hub, source: Source, domain: Domain, key: str, one: Telling) -> Arrived:
    """What comes of a kept payload, read by the feed that gives the record."""
    payload = msgspec.json.decode(hub.keys.unseal(one.raw, raw_about(source.name)))
    row = Row(one.line, payload, None)
    tried = [
        arrive(feed, source, [row], hub.keys)
        for feed in feeds_reading(source, domain.name, payload)
    ]
    fitting = (
        arrived
        for arrived in tried
        if any(arrival.source_key == key for arrival in arrived.arrivals)
    )
    return next(fitting, tried[0])


def _only(hub: Hub, holders: frozenset[str], arrival: Arrival, latest: Telling) -> Arrival:
    """The arrival of an earlier payload, telling no more than what is read anew.

    It keeps the hash of the latest payload: the same export loaded again still changes nothing.
    """
    told = {name: value for name, value in arrival.told.items() if name in holders}
    return msgspec.structs.replace(
        arrival,
        told=told,
        content_hash=hub.keys.content_hash(canonical(told)),
        raw_hash=latest.raw_hash,
        partial=True,
    )
