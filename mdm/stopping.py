"""Keeps a load that a guard stopped, its rows sealed, until a person releases or drops it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import msgspec

from mdm.errors import LoadStopped
from mdm.golden.state import Task
from mdm.inbound.guard import Tripped
from mdm.inbound.mapping import Feed, Format, Source
from mdm.inbound.payload import kept
from mdm.inbound.readers import Answer, Row, open_rows
from mdm.inbound.stage import feed_named, feed_of
from mdm.model.domain import Domain
from mdm.records import Mode
from mdm.staging import describe
from mdm.store import stopped, write_tasks
from mdm.store.hub import Hub
from mdm.store.stopped import KeptRows, Stopped
from mdm.store.transaction import Act, Tx, transaction

TASK = "load_stopped"
"""The kind of the task that asks a person to release or drop a load."""
PIECE = 1 << 20
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Row]).decode


@dataclass(frozen=True, slots=True)
class Inlet:
    """Where rows of a feed come from: a file, or a load that was stopped."""

    feed: Feed
    path: Path
    rows: Callable[[], Iterator[list[Row]]]
    answer: Answer = field(default_factory=Answer)
    """What the file says of itself, once its rows were read."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was to be loaded, and how it was meant."""

    source: Source
    paths: Sequence[Path]
    mode: Mode
    domain: str | None
    encoding: str | None = None
    """None: as the mapping says."""


def inlets_of_files(asked: Asked) -> list[Inlet]:
    """The files with the feeds that read them; raises UnreadableFile where none fits."""
    feeds = [
        (path, feed_of(asked.source, path, asked.domain, asked.encoding)) for path in asked.paths
    ]
    return [_inlet(feed, path) for path, feed in feeds]


def _inlet(feed: Feed, path: Path) -> Inlet:
    answer = Answer()
    rows = partial(open_rows, path, feed.format, feed.options, answer=answer)
    return Inlet(feed, path, rows, answer)


def known(hub: Hub, asked: Asked) -> Stopped | None:
    """The load of the very same files, read by the same mapping, that a guard stopped before."""
    with hub.database.read() as connection:
        before = stopped.of_source(connection, asked.source.name)
    if not before:
        return None
    fingerprint = _fingerprint(asked)
    return next((one for one in before if one.fingerprint == fingerprint), None)


def _fingerprint(asked: Asked) -> str:
    meant = f"{asked.source.version} {asked.mode.value} {asked.domain} {asked.encoding or ''}"
    whole = sha256(meant.strip().encode())
    for path in asked.paths:
        whole.update(path.name.encode())
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                whole.update(piece)
    return whole.hexdigest()[:32]


def stop(
    hub: Hub,
    act: Act,
    asked: Asked,
    inlets: Sequence[Inlet],
    found: tuple[Sequence[tuple[Domain, Tripped]], Mapping[str, Any]],
) -> LoadStopped:
    """Keeps the load aside with a task that names what caused it; returns what to raise."""
    tripped, counts = found
    guards = [{"domain": domain.name, **asdict(one)} for domain, one in tripped]
    told = {
        "source": asked.source.name,
        "mode": asked.mode.value,
        "files": [describe(path) for path in asked.paths],
        "counts": counts,
        "stopped_by": guards,
        "fingerprint": _fingerprint(asked),
    }
    with transaction(hub.database, act) as tx:
        number = stopped.add(tx, told)
        for piece in _sealed(hub, number, inlets):
            stopped.keep_rows(tx, number, piece)
        _ask(tx, (number, tripped[0][0]), asked, guards)
        load = stopped.by_id(tx.connection, number)
    assert load is not None
    return refusal(load, counts)


def _sealed(hub: Hub, number: int, inlets: Sequence[Inlet]) -> Iterator[KeptRows]:
    """The rows as they were read, without what must not be kept, packed and sealed."""
    place = 0
    for inlet in inlets:
        for rows in inlet.rows():
            told = [
                Row(row.line, kept(inlet.feed, row.payload), row.problem, row.flags) for row in rows
            ]
            sealed = hub.keys.seal(zlib.compress(_pack(told), 1), _about(number))
            yield KeptRows(place, inlet.path.name, inlet.feed.name, inlet.feed.format, sealed)
            place += 1


def _about(number: int) -> bytes:
    return f"load:{number}".encode()


def _ask(
    tx: Tx, load: tuple[int, Domain], asked: Asked, guards: Sequence[Mapping[str, Any]]
) -> None:
    number, domain = load
    facts = {
        "load": number,
        "source": asked.source.name,
        "files": [path.name for path in asked.paths],
        "sentence": _sentence(guards),
        "causes": causes(guards),
    }
    task = Task(TASK, f"load:{number}", (), 1.0, facts, queue="loads")
    write_tasks.open_tasks(tx, domain, [task])


def causes(guards: Sequence[Mapping[str, Any]]) -> list[str]:
    """The few values or rules that caused it, each once."""
    return list(dict.fromkeys(cause for one in guards for cause in one["causes"]))


def _sentence(guards: Sequence[Mapping[str, Any]]) -> str:
    return " ".join(str(one["sentence"]) for one in guards)


def refusal(load: Stopped, counts: Mapping[str, Any] | None = None) -> LoadStopped:
    """The error that says why the load waits, and what a person does next."""
    named = causes(load.guards)
    told = f" Caused by: {'; '.join(named)}." if named else ""
    return LoadStopped(
        f"Load {load.id} of {load.source} waits; nothing of it was applied."
        f" {_sentence(load.guards)}{told} Look at the file: if it is wrong,"
        f" `mdm loads drop {load.id} --reason ...` and load a right one; if it is right,"
        f" `mdm loads release {load.id} --reason ...`.",
        load=load.id,
        guards=load.guards,
        causes=named,
        counts=counts or {},
    )


def inlets_of_kept(hub: Hub, source: Source, load: Stopped) -> list[Inlet]:
    """The rows of a stopped load, file by file, as they were read."""
    with hub.database.read() as connection:
        pieces = stopped.pieces(connection, load.id)
    by_file: dict[tuple[str, str, str], list[int]] = {}
    for number, *file in pieces:
        by_file.setdefault((file[0], file[1], file[2]), []).append(number)
    return [
        Inlet(
            feed_named(source, feed, cast("Format", format)),
            Path(name),
            partial(_read_kept, hub, load.id, numbers),
        )
        for (name, feed, format), numbers in by_file.items()
    ]


def _read_kept(hub: Hub, number: int, pieces: Sequence[int]) -> Iterator[list[Row]]:
    for piece in pieces:
        with hub.database.read() as connection:
            sealed = stopped.rows_of(connection, number, piece)
        yield _unpack(zlib.decompress(hub.keys.unseal(sealed, _about(number))))
