"""Why any two records are, or are not, the same: what each field says, in bits, by live rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import msgspec

from matching.explain import VERDICTS, Explanation, FieldReason, explain
from matching.forms import values
from matching.online import compare, prepare
from matching.path import strongest_chain
from matching.rules import Rules
from mdm.asking.lookup import current_id
from mdm.domains import DOMAINS
from mdm.errors import BadRequest, NotFound
from mdm.golden.decide import MATCH
from mdm.golden.state import Edge
from mdm.model.domain import Domain, Mastering
from mdm.model.match_row import MatchRow, match_row
from mdm.people.rights import Caller, Right, require
from mdm.store import find, gather, nearby
from mdm.store.database import Connection
from mdm.store.find import Told
from mdm.store.hub import Hub

GOLDEN_ID = re.compile(r"[a-z]{2,4}_[a-z2-7]{22}")
MOST_COMPARED = 40
"""Source records of each golden record that are compared where none of their pairs is stored."""


@dataclass(frozen=True, slots=True)
class End:
    """One of the two records: the source record that stands for what was asked about."""

    asked: str
    record_id: int
    source: str
    source_key: str
    golden_id: str
    members: int
    """Source records that what was asked about has."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How the pair was scored when it was last met."""

    probability: float
    verdict: str
    rules: str


@dataclass(frozen=True, slots=True)
class Step:
    """A pair in the chain that holds two records of one golden record together."""

    left: str
    right: str
    probability: float


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision in force that names both records."""

    number: int
    kind: str


@dataclass(frozen=True, slots=True)
class PairReason:
    """All that is known of a pair; `why` is null in a domain mastered by code."""

    domain: str
    left: End
    right: End
    joined: bool
    """Both are one golden record now."""
    rules: str | None
    why: Explanation | None
    kept: Kept | None
    decisions: tuple[Decided, ...]
    chain: tuple[Step, ...]
    """Of one golden record's records: the pairs that join them, the chain that is strongest."""
    weakest: Step | None
    sentence: str


def explain_pair(
    hub: Hub, caller: Caller, domain: Domain | None, left: str, right: str
) -> PairReason:
    """Explains two records, each a golden id, "source:key", or a source record's number.

    Of a golden record the source record speaks that is most like the other. Raises NotFound, and
    BadRequest where the two are of different domains or the same record.
    """
    require(caller, Right.READ)
    with hub.database.read() as connection:
        sides = [_members(connection, domain, asked) for asked in (left, right)]
        known = {one.domain for side in sides for one in side}
        if len(known) > 1:
            raise BadRequest(
                f"{left} and {right} are of different domains: {' and '.join(sorted(known))}."
            )
        one, other = _nearest(hub, connection, sides)
        ends = (_end(left, one, sides[0]), _end(right, other, sides[1]))
        return _reason(hub, connection, ends, (one, other))


def explain_records(hub: Hub, left: int, right: int) -> PairReason:
    """Explains two source records by their numbers."""
    with hub.database.read() as connection:
        told = find.told_by_id(connection, (left, right))
        one, other = told[left], told[right]
        ends = (_end(str(left), one, [one]), _end(str(right), other, [other]))
        return _reason(hub, connection, ends, (one, other))


def _members(connection: Connection, domain: Domain | None, asked: str) -> list[Told]:
    """The source records that are meant."""
    source, colon, key = asked.partition(":")
    if colon:
        names = [domain.name] if domain else list(DOMAINS)
        found = [find.told_by_key(connection, name, source, [key]).get(key) for name in names]
        told = [one for one in found if one is not None]
        if len(told) > 1:
            among = ", ".join(one.domain for one in told)
            raise BadRequest(f"{asked!r} names a record in several domains: {among}.")
    elif asked.isdecimal():
        told = list(find.told_by_id(connection, [int(asked)]).values())
    elif GOLDEN_ID.fullmatch(asked):
        told = find.told_of_golden(connection, current_id(connection, asked))
    else:
        raise BadRequest(
            f"{asked!r} is neither a golden id (sup_…), nor SOURCE:KEY, nor the number of a"
            " source record."
        )
    told = [one for one in told if domain is None or one.domain == domain.name]
    if not told:
        raise NotFound(
            f"There is no record {asked!r}. Name one by its golden id, as SOURCE:KEY, or by the"
            " number of a source record."
        )
    return told


def _nearest(
    hub: Hub, connection: Connection, sides: Sequence[Sequence[Told]]
) -> tuple[Told, Told]:
    """The likeliest pair of two sets of source records: a stored one, else compared now."""
    held = {one.id: one for side in sides for one in side}
    left, right = ({one.id for one in side} for side in sides)
    if left == right and len(left) == 1:
        raise BadRequest("These are one and the same source record.")
    edges, _outside = gather.edges_of(connection, held)
    across = [
        edge
        for edge in edges
        if (edge.left in left and edge.right in right)
        or (edge.left in right and edge.right in left)
    ]
    if across:
        best = min(across, key=lambda edge: (-edge.verdict, -edge.probability, edge.left))
        ends = (best.left, best.right) if best.left in left else (best.right, best.left)
        return held[ends[0]], held[ends[1]]
    some = product(sides[0][:MOST_COMPARED], sides[1][:MOST_COMPARED])
    pairs = [(one, other) for one, other in some if one.id != other.id]
    rules = hub.rules.get(pairs[0][0].domain)
    return _likeliest(pairs, rules) if rules is not None else pairs[0]


def _likeliest(pairs: list[tuple[Told, Told]], rules: Rules) -> tuple[Told, Told]:
    told = {one.id: one for pair in pairs for one in pair}
    forms = {
        number: prepare(match_row(DOMAINS[one.domain], msgspec.json.decode(one.record)), rules)
        for number, one in told.items()
    }
    said = compare([forms[a.id] for a, _ in pairs], [forms[b.id] for _, b in pairs], rules)
    ranks = zip(said.verdict.tolist(), said.probability.tolist(), strict=True)
    places = enumerate((-verdict, -probability) for verdict, probability in ranks)
    return pairs[min(places, key=lambda one: (one[1], one[0]))[0]]


def _end(asked: str, told: Told, side: Sequence[Told]) -> End:
    return End(asked, told.id, told.source, told.source_key, told.golden_id, len(side))


def _reason(
    hub: Hub, connection: Connection, ends: tuple[End, End], pair: tuple[Told, Told]
) -> PairReason:
    domain = DOMAINS[pair[0].domain]
    rules = hub.rules.get(domain.name)
    ids = (ends[0].record_id, ends[1].record_id)
    joined = ends[0].golden_id == ends[1].golden_id
    why = _why(connection, domain, rules, pair) if rules else None
    decisions = tuple(
        Decided(one.id, one.kind)
        for one in gather.decisions_of(connection, ids)
        if {*ids} <= {*one.left, *one.right}
    )
    fuzzy = domain.mastering is Mastering.FUZZY
    edges, _outside = gather.edges_of(connection, ids) if fuzzy else ([], [])
    chain = _chain(connection, ends) if joined and fuzzy else ()
    return PairReason(
        domain=domain.name,
        left=ends[0],
        right=ends[1],
        joined=joined,
        rules=rules.version if rules else None,
        why=why,
        kept=_kept(edges),
        decisions=decisions,
        chain=chain,
        weakest=min(chain, key=lambda step: step.probability) if chain else None,
        sentence=_sentence(domain, why, decisions, joined=joined),
    )


def _why(
    connection: Connection, domain: Domain, rules: Rules, pair: tuple[Told, Told]
) -> Explanation:
    """The explanation with protected values masked."""
    records = [msgspec.json.decode(one.record) for one in pair]
    rows = [match_row(domain, record) for record in records]
    one, other = (prepare(row, rules) for row in rows)
    why = explain(rows[0], rows[1], rules, nearby.counts(connection, {*one.keys} & {*other.keys}))
    shown = [match_row(domain, record, "masked") for record in records]
    hidden = {field.match for _child, field in domain.protected if field.match}
    fields = (_masked(each, shown) if each.field in hidden else each for each in why.fields)
    crowded = (
        replace(crowd, values={n: told for n, told in crowd.values.items() if n not in hidden})
        for crowd in why.crowded
    )
    return replace(why, fields=tuple(fields), crowded=tuple(crowded))


def _masked(told: FieldReason, shown: Sequence[MatchRow]) -> FieldReason:
    """What a protected field says, its values as people see them."""
    left, right = (tuple(values(row, told.field)) for row in shown)
    return replace(told, left=left, right=right, left_standard=left, right_standard=right)


def _kept(edges: Sequence[Edge]) -> Kept | None:
    if not edges:
        return None
    return Kept(round(edges[0].probability, 6), VERDICTS[edges[0].verdict], edges[0].rules)


def _chain(connection: Connection, ends: tuple[End, End]) -> tuple[Step, ...]:
    """The strongest chain of matching pairs and decisions between two joined records."""
    members = {one.id: one for one in find.told_of_golden(connection, ends[0].golden_id)}
    edges, _outside = gather.edges_of(connection, members)
    pairs = [(edge.left, edge.right, edge.probability) for edge in edges if edge.verdict == MATCH]
    for said in gather.decisions_of(connection, members):
        if said.kind == "same":
            pairs += [(a, b, 1.0) for a, b in said.pairs if a in members and b in members]
    chain = strongest_chain(pairs, ends[0].record_id, ends[1].record_id)
    return tuple(
        Step(_named(members[one]), _named(members[other]), round(probability, 6))
        for one, other, probability in chain
    )


def _named(told: Told) -> str:
    return f"{told.source}:{told.source_key}"


def _sentence(
    domain: Domain, why: Explanation | None, decisions: Sequence[Decided], *, joined: bool
) -> str:
    """The whole of it in one sentence."""
    now = "They are one golden record now" if joined else "They are two golden records now"
    if decisions:
        last = decisions[-1]
        return f"{now}: decision {last.number} says that they are {last.kind}."
    if why is None:
        code = " and ".join(domain.code)
        return f"{now}: {domain.path} are one where {code} are equal, letter by letter."
    if why.never_met is not None:
        return f"{now}. {why.never_met}"
    return f"{now}. {why.because}"
