"""The links of a golden record: which records were held against each other, and what came of it.

A link is a pair of source records. The rules score it, a person may decide it; a decision in force
counts. All that held of it before is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matching.explain import VERDICTS
from matching.fields import FIELDS, MISSING
from mdm.asking.lookup import following
from mdm.errors import BadRequest
from mdm.golden.state import Edge
from mdm.model.domain import Domain
from mdm.people.rights import Caller, Right, require
from mdm.store import find
from mdm.store import links as stored_links
from mdm.store.database import Connection
from mdm.store.find import Told
from mdm.store.hub import Hub
from mdm.store.links import Pair, Part, Span, Word

RESULTS = {"same": "match", "different": "no_match"}
"""What a decision makes of a link."""
NO_MATCH = VERDICTS[0]
DIGITS = 18
"""Of a record's number: it fits 64 bits."""


@dataclass(slots=True)
class Known:
    """All that holds and held of a link."""

    scored: list[tuple[Edge, Span]] = field(default_factory=list)
    said: list[tuple[Word, Span]] = field(default_factory=list)


def links(
    hub: Hub, caller: Caller, wanted: tuple[Domain, str], cursor: str | None, limit: int
) -> dict[str, Any]:
    """A page of the links of a golden record, in the order of their records' numbers.

    Its source records with each other, and with those of other golden records that are or were
    possible matches or of which a person said something. A retired id answers for the survivor.
    """
    require(caller, Right.READ)
    after = _opened(cursor)
    with hub.database.read() as connection:
        golden_id = following(connection, *wanted, None).golden_id
        pairs = stored_links.pairs(connection, Part(golden_id, after, limit + 1))
        known = _known(connection, Part(golden_id, after, limit), pairs[:limit])
        told = find.told_by_id(connection, {end for pair in known for end in pair})
    return {
        "golden_id": golden_id,
        "results": [_link(pair, one, told) for pair, one in known.items()],
        "next": "-".join(map(str, pairs[limit - 1])) if len(pairs) > limit else None,
    }


def _known(connection: Connection, part: Part, pairs: Sequence[Pair]) -> dict[Pair, Known]:
    known = {pair: Known() for pair in pairs}
    for edge, span in stored_links.scored(connection, part):
        known[edge.left, edge.right].scored.append((edge, span))
    for pair, word, span in stored_links.said(connection, part):
        known[pair].said.append((word, span))
    return known


def _opened(cursor: str | None) -> Pair:
    if cursor is None:
        return (0, 0)
    left, _, right = cursor.partition("-")
    if any(not one.isdecimal() or len(one) > DIGITS for one in (left, right)):
        raise BadRequest("`cursor` is `next` of the page before.", field="cursor")
    return int(left), int(right)


def _link(pair: Pair, known: Known, told: Mapping[int, Told]) -> dict[str, Any]:
    """The link as it is told: what holds of it, then what held, the latest first."""
    spans = [span for _one, span in (*known.scored, *known.said)]
    edge = next((one for one, span in known.scored if span.until_tx is None), None)
    words = [(span.tx, word, span) for word, span in known.said if span.until_tx is None]
    decision = max(words, key=lambda one: one[0], default=None)
    automatic = VERDICTS[edge.verdict] if edge else NO_MATCH
    return {
        "left": _end(told[pair[0]]),
        "right": _end(told[pair[1]]),
        "result": RESULTS[decision[1].kind] if decision else automatic,
        "made_by": "person" if decision else "automatic",
        "created_at": min(span.at for span in spans),
        "updated_at": max(span.until or span.at for span in spans),
        "scored": _scored(edge) if edge else None,
        "decision": _said(decision[1], decision[2]) if decision else None,
        "earlier": _earlier(known),
    }


def _end(told: Told) -> dict[str, Any]:
    return {
        "record_id": told.id,
        "source": told.source,
        "source_key": told.source_key,
        "golden_id": told.golden_id,
    }


def _scored(edge: Edge) -> dict[str, Any]:
    return {
        "score": round(edge.probability, 6),
        "veto": edge.veto,
        "rules": edge.rules,
        "evidence": _evidence(edge.evidence),
    }


def _evidence(levels: str) -> list[dict[str, str]]:
    """What every told field says, in words; nothing where other fields than today's were told."""
    if len(levels) != len(FIELDS):
        return []
    told = [
        (each, each.levels[int(at)])
        for each, at in zip(FIELDS, levels, strict=True)
        if at != MISSING
    ]
    return [
        {"field": each.name, "level": level.name, "meaning": level.meaning} for each, level in told
    ]


def _said(word: Word, span: Span) -> dict[str, Any]:
    return {
        "id": word.id,
        "kind": word.kind,
        "actor": word.actor,
        "simulated": word.simulated,
        "reason": word.reason,
        "at": span.at,
    }


def _earlier(known: Known) -> list[dict[str, Any]]:
    """What held of a link and holds no longer, the latest first."""
    states: list[tuple[Span, str, str, Any, Any]] = [
        (span, "automatic", VERDICTS[edge.verdict], _scored(edge), None)
        for edge, span in known.scored
    ]
    states += [
        (span, "person", RESULTS[word.kind], None, _said(word, span)) for word, span in known.said
    ]
    ended = [one for one in states if one[0].until_tx is not None]
    ended.sort(key=lambda one: (one[0].until_tx, one[0].tx), reverse=True)
    return [
        {
            "result": result,
            "made_by": made_by,
            "scored": scored,
            "decision": decision,
            "from": span.at,
            "until": span.until,
        }
        for span, made_by, result, scored, decision in ended
    ]
