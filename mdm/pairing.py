"""Which stored records new and changed ones may be the same as, and what the rules say of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import chain

from matching.online import Form, compare, prepare
from matching.rules import Rules as MatchRules
from mdm.golden.decide import code_of
from mdm.golden.state import Edge, Held
from mdm.model.domain import Domain
from mdm.model.match_row import match_row
from mdm.records import Document
from mdm.store import gather, write_sources
from mdm.store.hub import Hub, rules_of
from mdm.store.transaction import Tx

Changed = Sequence[tuple[Held, Held]]


def pair(tx: Tx, hub: Hub, domain: Domain, added: Sequence[Held], changed: Changed) -> set[int]:
    """Writes match keys and scored edges of new and changed records; returns crowded keys.

    A changed record whose matching values are the same keeps its keys and edges.
    """
    rules = rules_of(tx.connection, hub, domain.name)
    moved = [(before, after) for before, after in changed if _moved(domain, before, after)]
    fresh = [*added, *(after for _before, after in moved)]
    forms = _forms(domain, rules, fresh)
    rows = _key_rows(forms)
    earlier = _key_rows(_forms(domain, rules, [before for before, _after in moved]))
    ids = {after.id for _before, after in moved}
    # While a re-match is underway a key of the new version may stand already.
    standing = [row for row in rows if row[1] in ids]
    write_sources.replace_keys(tx.connection, [*earlier, *standing], rows)
    pairs, crowded = _pairs(tx, rows, rules)
    edges = score(tx, domain, rules, forms, pairs)
    write_sources.replace_edges(tx.connection, ids, edges, tx.id)
    return crowded


def pair_again(tx: Tx, hub: Hub, domain: Domain, ids: Sequence[int]) -> None:
    """Writes keys and pairs of stored records anew, by the rules that run."""
    rules = rules_of(tx.connection, hub, domain.name)
    held = gather.held_by_id(tx.connection, ids)
    forms = _forms(domain, rules, held.values())
    rows = _key_rows(forms)
    write_sources.forget_keys(tx.connection, ids)
    write_sources.replace_keys(tx.connection, (), rows)
    pairs, _crowded = _pairs(tx, rows, rules)
    edges = score(tx, domain, rules, forms, pairs)
    write_sources.replace_edges(tx.connection, ids, edges, tx.id)


def _forms(domain: Domain, rules: MatchRules, records: Iterable[Held]) -> dict[int, Form]:
    return {
        record.id: prepare(match_row(domain, record.record), rules)
        for record in records
        if record.state != "excluded"
    }


def _key_rows(forms: Mapping[int, Form]) -> list[tuple[int, int]]:
    return [(key, record_id) for record_id, form in forms.items() for key in form.keys]


def _moved(domain: Domain, before: Held, after: Held) -> bool:
    if (before.state == "excluded") != (after.state == "excluded"):
        return True
    return match_row(domain, before.record) != match_row(domain, after.record)


def _pairs(
    tx: Tx, rows: Sequence[tuple[int, int]], rules: MatchRules
) -> tuple[list[tuple[int, int]], set[int]]:
    """Candidate pairs (lower id first) of the records in `rows`, and keys too crowded to ask."""
    holders: dict[int, list[int]] = {}
    for key, record_id in rows:
        holders.setdefault(key, []).append(record_id)
    found, crowded = gather.candidates(tx.connection, list(holders), rules.key_cap)
    pairs = {
        (min(one, other), max(one, other))
        for key, other in found
        for one in holders[key]
        if one != other
    }
    return sorted(pairs), set(crowded)


def score(
    tx: Tx,
    domain: Domain,
    rules: MatchRules,
    forms: dict[int, Form],
    pairs: Sequence[tuple[int, int]],
) -> list[Edge]:
    """The pairs as scored edges; forms of stored records are made from what we hold of them."""
    missing = set(chain.from_iterable(pairs)) - forms.keys()
    for record in gather.held_by_id(tx.connection, missing).values():
        if record.state != "excluded":
            forms[record.id] = prepare(match_row(domain, record.record), rules)
    known = [(left, right) for left, right in pairs if left in forms and right in forms]
    verdicts = compare(
        [forms[left] for left, _ in known], [forms[right] for _, right in known], rules
    )
    columns = zip(
        known,
        verdicts.probability.tolist(),
        verdicts.verdict.tolist(),
        verdicts.veto.tolist(),
        verdicts.evidence,
        strict=True,
    )
    return [
        Edge(left, right, probability, verdict, bool(veto), evidence, rules.version)
        for (left, right), probability, verdict, veto, evidence in columns
    ]


def code_key(secret: bytes, domain: Domain, record: Document) -> int:
    """The match key of a domain mastered by code: a keyed hash of scope and code."""
    said = f"{domain.name}\x1f{code_of(domain, record)}".encode()
    return int.from_bytes(blake2b(said, digest_size=8, key=secret).digest(), "little", signed=True)


def pair_by_code(
    tx: Tx, hub: Hub, domain: Domain, added: Sequence[Held], changed: Changed
) -> set[int]:
    """Writes the code keys of new and changed records; returns all records under their codes."""
    secret = hub.keys.match_secret
    rows = [(code_key(secret, domain, record.record), record.id) for record in added]
    recoded = list(_recoded(secret, domain, changed))
    write_sources.replace_keys(
        tx.connection,
        [(old, record_id) for old, _new, record_id in recoded],
        rows + [(new, record_id) for _old, new, record_id in recoded],
    )
    keys = {key for key, _record_id in rows} | {
        code_key(secret, domain, after.record) for _before, after in changed
    }
    keys |= {old for old, _new, _record_id in recoded}
    within = gather.records_of_codes(tx.connection, keys)
    return within | {record.id for record in added} | {after.id for _before, after in changed}


def _recoded(secret: bytes, domain: Domain, changed: Changed) -> Iterable[tuple[int, int, int]]:
    for before, after in changed:
        old, new = (code_key(secret, domain, one.record) for one in (before, after))
        if old != new:
            yield old, new, after.id
