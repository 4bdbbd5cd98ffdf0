"""Law 6: every golden version has its audit entry; and no tampering with any log goes unseen."""

from __future__ import annotations

import copy
import random
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from mdm.decisions import Said, say, unsay
from mdm.proof.audit import verify_hub
from mdm.proof.verifier import verify
from mdm.store import audit
from mdm.store.hub import Hub
from mdm.store.sequencer import sequence
from mdm.store.transaction import Act, transaction
from tests.mdm.laws import world

Lines = list[dict[str, Any]]


def decide(hub: Hub, data: st.DataObject) -> None:
    """Says of two records that they are the same or different, and perhaps takes it back."""
    with hub.database.read() as connection:
        ids = [row[0] for row in connection.execute(text("SELECT id FROM source_record"))]
    if len(ids) < 2:
        return
    one, other = data.draw(st.permutations(ids))[:2]
    kind = data.draw(st.sampled_from(["same", "different"]))
    with transaction(hub.database, Act("decision", "law", "supplier")) as tx:
        number = say(tx, hub, Said(kind, world.SUPPLIER, (one,), (other,)))
    if data.draw(st.booleans()):
        with transaction(hub.database, Act("withdraw", "law", "supplier")) as tx:
            unsay(tx, hub, number)


@given(first=world.by_key, last=world.by_key, data=st.data())
def test_every_golden_version_has_its_one_entry_in_its_transaction(
    hub: Hub, first: list[dict[str, str]], last: list[dict[str, str]], data: st.DataObject
) -> None:
    world.clear(hub)
    world.take(hub, first, data.draw(st.integers(1, 6)))
    decide(hub, data)
    world.take(hub, last)
    with hub.database.read() as connection:
        versions = connection.execute(
            text(
                "SELECT tx, golden_id, version FROM golden UNION ALL"
                " SELECT tx, golden_id, version FROM golden_history"
            )
        ).all()
        entries = [
            (row[0], row[1], msgspec.json.decode(row[2])["version"])
            for row in connection.execute(text("SELECT tx, subject, entry FROM audit"))
            if row[1].startswith("sup_")
        ]
    assert sorted(entries) == sorted((row[0], row[1], row[2]) for row in versions)
    sequence(hub.database, "law")
    assert verify_hub(hub, None).broken is None


class Logs:
    """Logs with their anchors as they were written, by what they were made of."""

    def __init__(self) -> None:
        self.made: dict[int, tuple[Lines, Lines]] = {}

    def __repr__(self) -> str:
        """Hypothesis shows it where a case fails."""
        return f"{len(self.made)} logs"


@pytest.fixture
def logs() -> Logs:
    """The logs of a test."""
    return Logs()


def log_of(hub: Hub, number: int) -> tuple[Lines, Lines]:
    """A log of some random transactions, sealed but for the last, with its anchors."""
    dice = random.Random(number)
    world.clear(hub)
    anchors: Lines = []
    for turn in range(dice.randint(2, 7)):
        with transaction(hub.database, Act("law", f"person {dice.randint(1, 3)}")) as tx:
            for entry in range(dice.randint(0, 4)):
                tx.note("law", f"law:{entry}", value=dice.random())
        if turn:
            sequence(hub.database, "law")
        if dice.random() < 0.5:
            anchors += anchored(hub)
    sequence(hub.database, "law")
    anchors += anchored(hub)
    with transaction(hub.database, Act("law", "late")) as tx:
        tx.note("law", "law:late")
    with hub.database.read() as connection:
        return list(audit.lines(connection)), anchors


def anchored(hub: Hub) -> Lines:
    with hub.database.read() as connection:
        row = connection.execute(
            text("SELECT seq, seal, total FROM audit_seal ORDER BY seq DESC LIMIT 1")
        ).first()
    if row is None:
        return []
    anchor = {"epoch": 1, "seq": row[0], "seal": bytes(row[1]).hex(), "at": "", "entries": row[2]}
    return [anchor]


def flip(line: dict[str, Any], name: str, dice: random.Random) -> None:
    """Alters one character or number of what a line says."""
    said = line[name]
    if isinstance(said, int):
        line[name] = said + dice.choice((-1, 1))
        return
    place = dice.randrange(len(said))
    other = "0" if said[place] != "0" else "1"
    line[name] = said[:place] + other + said[place + 1 :]


def tampered(lines: Lines, dice: random.Random) -> Lines:
    """The log with one thing done to it that leaves it different."""
    forged = copy.deepcopy(lines)
    entries = [n for n, line in enumerate(forged) if line["line"] == "entry"]
    sealed = [n for n, line in enumerate(forged) if line.get("seal")]
    place = dice.choice(entries)
    act = dice.choice(("flip", "seal", "forge", "remove", "swap", "copy", "cut", "unseal"))
    if act == "flip":
        flip(forged[place], dice.choice(("entry", "hash", "subject", "tx")), dice)
    elif act == "seal":
        flip(
            forged[dice.choice(sealed)],
            dice.choice(("seal", "marks", "entries", "total", "seq", "tx")),
            dice,
        )
    elif act == "forge":
        number = dice.choice([n for n in entries if n < max(sealed) + 1])
        forged[number]["entry"] = forged[number]["entry"][:-1] + ',"more":1}'
        forged[number]["hash"] = sha256(forged[number]["entry"].encode()).hexdigest()
    elif act == "remove":
        del forged[place]
    elif act == "swap":
        other = dice.choice([n for n in entries if n != place])
        for name in ("subject", "entry", "hash"):
            one, two = forged[place][name], forged[other][name]
            forged[place][name], forged[other][name] = two, one
    elif act == "copy":
        forged.insert(place, {**forged[place], "id": forged[-2]["id"] + 1})
    elif act == "cut":
        forged = [*forged[: dice.choice(sealed)], forged[-1]]
    else:
        del forged[dice.choice(sealed)]
    heads = sum(line["line"] == "transaction" for line in forged[:-1])
    entries_left = len(forged) - 1 - heads
    return [*forged[:-1], {"line": "end", "transactions": heads, "entries": entries_left}]


@given(number=st.integers(0, 9), seed=st.integers(0, 2**32))
def test_whatever_is_done_to_a_log_is_found(hub: Hub, logs: Logs, number: int, seed: int) -> None:
    if number not in logs.made:
        logs.made[number] = log_of(hub, number)
    lines, anchors = logs.made[number]
    assert verify(lines, anchors).broken is None
    forged = tampered(lines, random.Random(seed))
    assert (forged == lines, verify(forged, anchors).broken is None) == (False, False)
