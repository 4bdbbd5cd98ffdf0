"""Whom a record that nobody has created yet may be: golden candidates, ranked, with evidence.

The same keys and the same scores as a load gives; nothing is stored, and a protected value is
compared by its fingerprint alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matching.blocking import EMAIL, KEY_NAMES
from matching.explain import VERDICTS, Spoken, spoken
from matching.online import Scored, form_of, prepare, weigh
from matching.rules import Rules
from matching.score import MATCH, NO_MATCH
from mdm.asking.search import field_keys
from mdm.asking.unseen import Unseen, unseen
from mdm.model.domain import Domain, Mastering
from mdm.model.match_row import MatchRow, match_row
from mdm.pairing import code_key
from mdm.people.rights import Caller, Right, require
from mdm.records import Document, Verdict
from mdm.store import find
from mdm.store.database import Connection
from mdm.store.gather import records_of_codes, records_of_goldens
from mdm.store.hub import Hub, rules_of
from mdm.store.nearby import Near, meeting, near

LIMIT = 5
"""Candidates a record gets where the caller names no other number."""
MOST_COMPARED = 20
"""Records that are compared though they share no identifier, contact or bank account."""
MOST_SCOPES = 50
MOST = 500


@dataclass(frozen=True, slots=True)
class Candidate:
    """A golden record that an unseen one may be, by its source record that is most alike."""

    golden_id: str
    probability: float
    verdict: str
    veto: bool
    source: str
    source_key: str
    met_by: tuple[str, ...]
    """Names of the keys that both have."""
    evidence: tuple[Spoken, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Unseen records, as `source` writes them or as a plain CSV file tells them."""

    payloads: Sequence[dict[str, Any]]
    source: str | None = None
    limit: int = LIMIT


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub says of one unseen record."""

    verdict: str
    """Of the record as a whole: a match only where one golden record alone is one."""
    candidates: tuple[Candidate, ...] = ()
    crowded: tuple[str, ...] = ()
    """Names of its keys that too many records have: not all of these were compared."""
    unknown: tuple[str, ...] = field(default=())
    code: str | None = None
    reason: str | None = None


def match(hub: Hub, caller: Caller, domain: Domain, asked: Asked) -> list[Answer]:
    """An answer per payload, in their order; takes a role that reads."""
    require(caller, Right.READ)
    told = unseen(hub, domain, asked.payloads, asked.source)
    with hub.database.read() as connection:
        return [_answer(hub, connection, domain, one, asked.limit) for one in told]


def _answer(hub: Hub, connection: Connection, domain: Domain, told: Unseen, limit: int) -> Answer:
    if told.code is not None:
        return Answer("unreadable", (), (), told.unknown, told.code, told.reason)
    if domain.mastering is Mastering.FUZZY:
        rules = rules_of(connection, hub, domain.name)
        found, crowded = candidates(connection, domain, rules, match_row(domain, told.record))
    else:
        found, crowded = _by_code(hub, connection, domain, told.record), ()
    return Answer(verdict_of(found), tuple(found[:limit]), crowded, told.unknown)


def verdict_of(found: Sequence[Candidate]) -> str:
    """What is said of the record itself: two golden records it equally is are one question."""
    verdicts = [one.verdict for one in found]
    if verdicts.count(Verdict.MATCH) == 1:
        return Verdict.MATCH
    asked = Verdict.MATCH in verdicts or Verdict.POSSIBLE_MATCH in verdicts
    return Verdict.POSSIBLE_MATCH if asked else Verdict.NO_MATCH


def candidates(
    connection: Connection, domain: Domain, rules: Rules, row: MatchRow, limit: int = MOST
) -> tuple[list[Candidate], tuple[str, ...]]:
    """Golden candidates of a row of matching columns, likeliest first; names of crowded keys.

    A pair of which the rules say no is left out, unless a veto alone keeps it apart.
    """
    form = prepare(row, rules)
    shared, crowded = meeting(connection, form.keys, rules.key_cap)
    if len(shared) > MOST_COMPARED:
        shared, left_out = _closest(shared, form.keys)
        crowded = [*crowded, *left_out]
    held = [one for one in near(connection, shared) if one.state != "excluded"]
    forms = [form_of(match_row(domain, one.record), rules) for one in held]
    best: dict[str, tuple[Near, Scored]] = {}
    for each in zip(held, weigh(form, forms, rules), strict=True):
        one, said = each
        if said.verdict == NO_MATCH and not (said.veto and said.probability >= rules.review):
            continue
        standing = best.get(one.golden_id)
        if standing is None or _rank(each) < _rank(standing):
            best[one.golden_id] = each
    found = [
        _candidate(each, _names(shared[each[0].id], form.keys), rules)
        for each in sorted(best.values(), key=_rank)[:limit]
    ]
    return found, _names(crowded, form.keys)


def _closest(
    shared: Mapping[int, list[int]], kinds: Mapping[int, int]
) -> tuple[dict[int, list[int]], set[int]]:
    """Those that share what tells who it is and, of the others, those that share most keys.

    With them the keys under which some were left out: an answer takes a bounded time, and says so.
    """

    def order(record_id: int) -> tuple[int, int, int]:
        keys = shared[record_id]
        return (-len(keys), min([kinds[key] for key in keys]), record_id)

    telling = [one for one, keys in shared.items() if min([kinds[key] for key in keys]) <= EMAIL]
    others = sorted(shared.keys() - set(telling), key=order)
    chosen = [*telling, *others[:MOST_COMPARED]]
    left_out = {key for one in others[MOST_COMPARED:] for key in shared[one]}
    return {one: shared[one] for one in chosen}, left_out


def _rank(scored: tuple[Near, Scored]) -> tuple[bool, float, str, str]:
    """Sorts candidates: matches first, then by probability, ties by crosswalk key."""
    one, said = scored
    return (said.verdict != MATCH, -said.probability, one.source, one.source_key)


def _candidate(scored: tuple[Near, Scored], met_by: tuple[str, ...], rules: Rules) -> Candidate:
    one, said = scored
    return Candidate(
        golden_id=one.golden_id,
        probability=round(said.probability, 6),
        verdict=VERDICTS[said.verdict],
        veto=said.veto,
        source=one.source,
        source_key=one.source_key,
        met_by=met_by,
        evidence=spoken(said.evidence, rules),
    )


def _by_code(hub: Hub, connection: Connection, domain: Domain, record: Document) -> list[Candidate]:
    """The golden record of this code in its scope; without a scope, all that have the code."""
    key = code_key(hub.keys.match_secret, domain, record)
    held = near(connection, records_of_codes(connection, {key}))
    if held:
        said = Spoken("code", "equal", "the same code in the same scope", None)
        return _of_code(held, said, 1.0)
    if any(record.get(name) for name in domain.code if name != "code") or not record.get("code"):
        return []
    keys = field_keys(hub, domain, {"code": str(record["code"])})
    ids = [one.golden_id for one in find.page(connection, domain.name, keys, "", MOST_SCOPES)]
    held = near(connection, records_of_goldens(connection, ids))
    said = Spoken("code", "equal", "the same code; the record does not tell its scope", None)
    return _of_code(held, said, 1.0 / max(len(ids), 1))


def _of_code(held: Sequence[Near], said: Spoken, probability: float) -> list[Candidate]:
    verdict = Verdict.MATCH if probability == 1.0 else Verdict.POSSIBLE_MATCH
    first: dict[str, Near] = {}
    for one in sorted(held, key=lambda one: (one.source, one.source_key)):
        first.setdefault(one.golden_id, one)
    return [
        Candidate(
            golden_id, probability, verdict, False, one.source, one.source_key, ("code",), (said,)
        )
        for golden_id, one in first.items()
    ]


def _names(keys: Sequence[int], kinds: Mapping[int, int]) -> tuple[str, ...]:
    """The names of keys, in the order of the table of keys."""
    return tuple(KEY_NAMES[kind] for kind in sorted({kinds[key] for key in keys}))
