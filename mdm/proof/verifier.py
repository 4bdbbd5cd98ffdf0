"""Checks an audit, from the database or an export, against its seals and anchors.

It imports nothing of the hub, so that it shares no mistake with what wrote the audit. This file
alone can be copied elsewhere and run: `python verifier.py EXPORT [ANCHORS]`.

The rules, written down a second time: an entry's hash is the SHA-256 of its text. A transaction's
seal is the SHA-256 of "mdm/audit/seal/1", a zero byte, the seal before it (32 zero bytes before the
first), and as 8-byte big-endian numbers its number, its transaction and how many entries it has,
then for each entry in the order of their numbers that number (8 bytes) and its hash (32 bytes).
Numbers run from 1 without gaps. The last entry of a transaction tells the transaction itself, as
the log does, and how many entries stand before it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SEAL = b"mdm/audit/seal/1\x00"
START = b"\x00" * 32
HEADER = "transaction"
MARK = 8
"""Hex digits of each entry's hash that stand beside the seal."""
COMPARED = ("domain", "actor", "on_behalf_of", "reason", "correlation_id", "at", "epoch")

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place where the audit is not what was sealed."""

    why: str
    transaction: int | None = None
    entry: int | None = None
    subject: str | None = None


@dataclass(slots=True)
class Findings:
    """What a check found; `broken` is None where everything fits."""

    transactions: int = 0
    entries: int = 0
    unsealed_transactions: int = 0
    unsealed_entries: int = 0
    anchors: int = 0
    """Anchors that fit."""
    broken: Broken | None = None


@dataclass(slots=True)
class _Chain:
    """Where the check stands."""

    anchors: Mapping[int, list[Line]]
    seal: bytes = START
    seq: int = 0
    total: int = 0
    anchored: int = 0
    """Number of the last transaction that an anchor confirmed."""
    findings: Findings = field(default_factory=Findings)


def verify(lines: Iterable[Line], anchors: Iterable[Line] = ()) -> Findings:
    """Checks the lines of an audit in their order; what comes behind the first break is counted."""
    wanted, broken = by_number(anchors)
    chain = _Chain(wanted)
    findings = chain.findings
    ended: Line | None = None
    for head, entries in _grouped(lines):
        if head["line"] == "end":
            ended = head
            continue
        findings.transactions += 1
        findings.entries += len(entries)
        if head["seal"] is None:
            findings.unsealed_transactions += 1
            findings.unsealed_entries += len(entries)
        if findings.broken is None:
            findings.broken = _transaction(chain, head, entries)
    findings.broken = findings.broken or _end(chain, ended) or broken
    return findings


def by_number(anchors: Iterable[Line]) -> tuple[dict[int, list[Line]], Broken | None]:
    """The anchors by the transaction they stand at, and what is wrong with their order.

    A restored database goes on from an earlier place in a higher epoch: what was anchored behind
    that place in the epoch before is not asked for.
    """
    standing: list[Line] = []
    broken = None
    for anchor in anchors:
        place = (anchor["seq"], -anchor["epoch"])
        while standing and (standing[-1]["seq"], -standing[-1]["epoch"]) > place:
            last = standing.pop()
            if last["epoch"] >= anchor["epoch"] and broken is None:
                broken = Broken(
                    f"The anchors go back: transaction {anchor['seq']} is anchored behind"
                    f" {last['seq']}.",
                    transaction=anchor["seq"],
                )
        standing.append(anchor)
    found: dict[int, list[Line]] = {}
    for anchor in standing:
        found.setdefault(anchor["seq"], []).append(anchor)
    return found, broken


def _grouped(lines: Iterable[Line]) -> Iterator[tuple[Line, list[Line]]]:
    """Each transaction with the entries that follow it."""
    head: Line | None = None
    entries: list[Line] = []
    for line in lines:
        if line["line"] == "entry":
            entries.append(line)
            continue
        if head is not None:
            yield head, entries
        head, entries = line, []
    if head is not None:
        yield head, entries


def _transaction(chain: _Chain, head: Line, entries: Sequence[Line]) -> Broken | None:
    try:
        broken = _entries(head, entries)
        if head["seal"] is not None:
            broken = _sealed(chain, head, entries, broken)
        elif head["told"] is not None and head["told"]["seq"] is not None:
            why = f"has number {head['told']['seq']}, but its seal is missing"
            broken = Broken(f"Transaction {head['tx']} {why}.", head["tx"])
        return broken or _header(head, entries)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        # An export whose very lines were altered: that, too, is something found.
        return Broken(
            f"A line behind transaction number {chain.seq} is none of an audit: {error!r}."
        )


def _entries(head: Line, entries: Sequence[Line]) -> Broken | None:
    """The first entry that is not what its own hash says."""
    for line in entries:
        text = line["entry"]
        if hashlib.sha256(text.encode()).hexdigest() != line["hash"]:
            return _of(line, "is not what its hash says: it was altered")
        if not _tells_of(text, line["subject"]):
            return _of(line, "stands under a subject it does not tell of")
        if line["tx"] != head["tx"]:
            return _of(line, f"stands within transaction {head['tx']}")
    return None


def _tells_of(text: str, subject: str) -> bool:
    """Whether the entry names this subject; parsed only where its text alone does not show it."""
    if text.count('"subject":') == 1 and f'"subject":"{subject}"' in text:
        return True
    return _read(text).get("subject") == subject


def _of(line: Line, what: str) -> Broken:
    return Broken(
        f"Entry {line['id']} ({line['subject']}) of transaction {line['tx']} {what}.",
        line["tx"],
        line["id"],
        line["subject"],
    )


def _read(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _sealed(
    chain: _Chain, head: Line, entries: Sequence[Line], broken: Broken | None
) -> Broken | None:
    if head["seq"] != chain.seq + 1:
        return Broken(
            f"Transaction number {chain.seq + 1} is missing: its seal was taken away.", head["tx"]
        )
    said = _seal(chain.seal, head, entries) if broken is None else b""
    if said.hex() != head["seal"]:
        found = [one for one in (broken, _marked(head, entries)) if one is not None]
        return min(found, key=lambda one: one.entry or 0, default=_unfit(head, entries))
    if "".join([line["hash"][:MARK] for line in entries]) != head["marks"]:
        why = f"The marks beside the seal of transaction {head['tx']} were altered."
        return Broken(why, head["tx"])
    chain.seal, chain.seq = said, head["seq"]
    chain.total += len(entries)
    if head["entries"] != len(entries) or head["total"] != chain.total:
        return _miscounted(head, entries)
    return _anchored(chain, entries)


def _seal(previous: bytes, head: Line, entries: Sequence[Line]) -> bytes:
    numbers = (head["seq"], head["tx"], len(entries))
    parts = [SEAL, previous, *(number.to_bytes(8, "big") for number in numbers)]
    for line in entries:
        parts += (line["id"].to_bytes(8, "big"), bytes.fromhex(line["hash"]))
    return hashlib.sha256(b"".join(parts)).digest()


def _marked(head: Line, entries: Sequence[Line]) -> Broken | None:
    """The first entry that is not the one whose mark stands in its place beside the seal."""
    marks = head["marks"]
    if marks == "".join([line["hash"][:MARK] for line in entries]):
        return None
    sealed = [marks[start : start + MARK] for start in range(0, len(marks), MARK)]
    for place, line in enumerate(entries):
        if place >= len(sealed) or line["hash"][:MARK] != sealed[place]:
            return _misplaced(head, entries, place, sealed)
    after = entries[-1]["id"] if entries else 0
    return Broken(
        f"Entry {len(entries) + 1} of the {len(sealed)} of transaction {head['tx']}, behind entry"
        f" {after}, is missing: it was taken away.",
        head["tx"],
    )


def _misplaced(head: Line, entries: Sequence[Line], place: int, sealed: Sequence[str]) -> Broken:
    line = entries[place]
    if len(entries) < len(sealed):
        before = f"behind entry {entries[place - 1]['id']}" if place else "at its beginning"
        return Broken(
            f"An entry of transaction {head['tx']} is missing {before}: it was taken away.",
            head["tx"],
            entries[place - 1]["id"] + 1 if place else None,
        )
    if len(entries) > len(sealed):
        return _of(line, "was not there when the transaction was sealed: it was added")
    return _of(line, "is not the one that was sealed in this place: it was replaced")


def _unfit(head: Line, entries: Sequence[Line]) -> Broken:
    first = entries[0] if entries else None
    reach = f" ({entries[0]['id']} to {entries[-1]['id']})" if entries else ""
    return Broken(
        f"The seal of transaction {head['tx']} (number {head['seq']}) does not fit its"
        f" {len(entries)} entries{reach} and the seal before it.",
        head["tx"],
        first["id"] if first else None,
        first["subject"] if first else None,
    )


def _miscounted(head: Line, entries: Sequence[Line]) -> Broken:
    return Broken(
        f"The seal of transaction {head['tx']} tells of {head['entries']} entries, {head['total']}"
        f" in all; there are {len(entries)}.",
        head["tx"],
    )


def _anchored(chain: _Chain, entries: Sequence[Line]) -> Broken | None:
    for anchor in chain.anchors.get(chain.seq, ()):
        if anchor["seal"] != chain.seal.hex() or anchor["entries"] != chain.total:
            first = entries[0] if entries else None
            return Broken(
                f"The audit was rewritten: at {anchor['at']} the seal of transaction number"
                f" {chain.seq} was {anchor['seal'][:16]}..., now it is {chain.seal.hex()[:16]}...."
                f" Everything behind number {chain.anchored} is in doubt.",
                anchor["seq"],
                first["id"] if first else None,
                first["subject"] if first else None,
            )
        chain.anchored = chain.seq
        chain.findings.anchors += 1
    return None


def _header(head: Line, entries: Sequence[Line]) -> Broken | None:
    """What the last entry tells of the transaction must be what the log says of it."""
    told = head["told"]
    if told is None:
        named = entries[0] if entries else None
        return Broken(
            f"The log holds no transaction {head['tx']}, though the audit tells of it.",
            head["tx"],
            named["id"] if named else None,
            named["subject"] if named else None,
        )
    if not entries:
        return Broken(f"Transaction {head['tx']} has no entry in the audit.", head["tx"])
    last = entries[-1]
    said = _read(last["entry"])
    if said.get("kind") != HEADER or last["subject"] != f"{HEADER}:{head['tx']}":
        return _of(last, "is the last of it, but does not tell of it: an entry is missing or added")
    if said.get("entries") != len(entries) - 1:
        return _of(last, f"tells of {said.get('entries')} entries; there are {len(entries) - 1}")
    facts = _read(told["facts"]) if told["facts"] else {}
    wrong = [name for name in COMPARED if said.get(name) != told[name]]
    wrong += [] if said.get("act_kind") == told["kind"] else ["kind"]
    wrong += [] if said.get("facts") == facts else ["facts"]
    wrong += [] if head["seq"] == told["seq"] or head["seal"] is None else ["number"]
    if wrong:
        return _of(last, f"says otherwise than the log of: {', '.join(wrong)}")
    return None


def _end(chain: _Chain, ended: Line | None) -> Broken | None:
    """What is missing behind the last transaction."""
    findings = chain.findings
    if ended is None:
        return Broken("The export has no last line: it was cut off.")
    if (ended["transactions"], ended["entries"]) != (findings.transactions, findings.entries):
        return Broken(
            f"The export tells of {ended['transactions']} transactions and {ended['entries']}"
            f" entries; it has {findings.transactions} and {findings.entries}."
        )
    beyond = [number for number in chain.anchors if number > chain.seq]
    if beyond:
        anchor = chain.anchors[min(beyond)][0]
        return Broken(
            f"The tail was cut off: at {anchor['at']} transaction number {anchor['seq']} was"
            f" anchored with {anchor['entries']} entries, the audit ends at number {chain.seq} with"
            f" {chain.total}.",
            anchor["seq"],
            chain.total + 1,
        )
    return None


def lines_of(path: Path) -> Iterator[Line]:
    """The JSON objects of a file, line by line; ValueError names a line that is none."""
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            try:
                said = json.loads(text)
            except ValueError:
                said = None
            if not isinstance(said, dict):
                raise ValueError(f"{path}, line {number}: this is no line of an audit.")
            yield said


def main(words: Sequence[str]) -> int:
    """Checks an export against a file of anchors; 0 where all fits, 1 where not, 2: wrong usage."""
    if len(words) not in (1, 2):
        sys.stderr.write("usage: verifier.py EXPORT [ANCHORS]\n")
        return 2
    anchors = lines_of(Path(words[1])) if len(words) > 1 else ()
    findings = verify(lines_of(Path(words[0])), anchors)
    sys.stdout.write(
        f"{findings.entries} entries in {findings.transactions} transactions,"
        f" {findings.unsealed_entries} not sealed yet; {findings.anchors} anchors fit.\n"
    )
    if findings.broken is not None:
        sys.stdout.write(f"{findings.broken.why}\n")
    return 1 if findings.broken is not None else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
