"""What the pages show, gathered: nothing here decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from api.workbench.compare import beside, label, title_of
from api.workbench.evidence import evidence
from matching.placeholder import FORMS
from mdm import clock
from mdm.asking import origin
from mdm.asking.answer import When
from mdm.asking.links import links
from mdm.asking.lookup import current_id
from mdm.asking.pairs import explain_pair, explain_records
from mdm.asking.questions import most_telling
from mdm.asking.reasons import asking, reasons
from mdm.asking.search import candidates
from mdm.domains import DOMAINS
from mdm.errors import NotFound
from mdm.governance import overrides
from mdm.governance.decisions import task_named
from mdm.model.domain import Domain, Mastering
from mdm.people.rights import Caller
from mdm.readiness import readiness
from mdm.records import Document
from mdm.store import find, gather, tasks
from mdm.store.database import Connection
from mdm.store.find import Stored
from mdm.store.hub import Hub
from mdm.store.tasks import StoredDecision, StoredTask, Wanted

MOST_FOUND = 50
MOST_LINKS = 12
KINDS = {
    "possible_duplicate": "Possible duplicate",
    "contradiction": "Contradiction",
    "override_lifted": "Value no longer set",
    "over_common_key": "Over-common key",
    "periods": "Periods do not fit",
    "load_stopped": "Load stopped",
    "rules_stopped": "Rules stopped",
}
WORTH = "worth"
"""The order of a queue that puts first what the rules would learn most from."""


def queue(hub: Hub, wanted: Wanted) -> dict[str, Any]:
    """Tasks with the names of the records they are about."""
    with hub.database.read() as connection:
        found = _in_order(hub, connection, wanted)
        count = tasks.count_tasks(connection, wanted)
        concerned = {task.id: tasks.golden_ids(connection, task) for task in found}
        ids = {one for some in concerned.values() for one in some}
        goldens = find.goldens_by_id(connection, ids)
    titles = {one.golden_id: _title(one) for one in goldens.values()}
    rows = [
        {
            "task": task,
            "kind": KINDS.get(task.kind, label(task.kind)),
            "titles": [titles.get(one, one) for one in concerned[task.id]] or [_subject(task)],
            "countries": [_country(goldens.get(one)) for one in concerned[task.id]],
        }
        for task in found
    ]
    pages = (count + wanted.limit - 1) // wanted.limit
    ready = [readiness(hub, one) for one in DOMAINS.values() if one.mastering is Mastering.FUZZY]
    return {
        "rows": rows,
        "kinds": KINDS,
        "count": count,
        "page": wanted.skip // wanted.limit + 1,
        "pages": pages,
        "ready": [one for one in ready if one.wanted and wanted.domain in (None, one.domain)],
    }


def _in_order(hub: Hub, connection: Connection, wanted: Wanted) -> list[StoredTask]:
    """The tasks of a page of the queue."""
    if wanted.sort != WORTH:
        return tasks.tasks(connection, wanted)
    domain = DOMAINS[wanted.domain or "supplier"]
    found = most_telling(hub, connection, domain, wanted.skip + wanted.limit)
    return found[wanted.skip :]


def next_task(hub: Hub, wanted: Wanted) -> int | None:
    """The first task of a queue; None where it is empty."""
    first = Wanted("open", wanted.domain, wanted.kind, wanted.sort, limit=1)
    with hub.database.read() as connection:
        found = _in_order(hub, connection, first)
    return found[0].id if found else None


def place_of(hub: Hub, number: int) -> str | None:
    """The page of the one thing that a task is about; None: it asks about several records."""
    task = task_named(hub, number)
    if task.kind == "load_stopped":
        return f"loads/{task.facts['load']}"
    if task.kind == "rules_stopped":
        return f"rules/{task.facts['domain']}"
    if task.kind not in ("override_lifted", "periods"):
        return None
    with hub.database.read() as connection:
        (golden_id,) = tasks.golden_ids(connection, task)
    said = urlencode({"said": task.facts["sentence"]})
    return f"records/{DOMAINS[task.domain].path}/{golden_id}?{said}"


def _subject(task: StoredTask) -> str:
    """What a task without records is about."""
    if task.kind == "load_stopped":
        return f"Load {task.facts['load']} of {task.facts['source']}"
    if task.kind == "rules_stopped":
        return f"Matching rules of {task.facts['domain']}"
    return KINDS.get(task.kind, label(task.kind))


def pair(hub: Hub, number: int) -> dict[str, Any]:
    """A task with its records, their differences and the evidence."""
    task = task_named(hub, number)
    domain = DOMAINS[task.domain]
    with hub.database.read() as connection:
        told = find.told_by_id(connection, tasks.record_ids(connection, number))
        goldens = find.goldens_by_id(connection, {one.golden_id for one in told.values()})
        members = {one: find.told_of_golden(connection, one) for one in goldens}
        decision = tasks.decision_of_task(connection, number)
    first, second = _two(task, sorted(told))
    reasons = evidence(explain_records(hub, first, second))
    sides = [_side(goldens[told[one].golden_id], members, told[one]) for one in (first, second)]
    return {
        "task": task,
        "kind": KINDS.get(task.kind, label(task.kind)),
        "domain": domain,
        "sides": sides,
        "joined": sides[0]["golden"].golden_id == sides[1]["golden"].golden_id,
        "sections": beside(domain, sides[0]["record"], sides[1]["record"]),
        "evidence": reasons,
        "others": [told[one] for one in sorted(told) if one not in (first, second)],
        "told": [told[one] for one in sorted(told)],
        "two": "left" in task.facts,
        "placeholders": _placeholders(task),
        "decision": decision,
    }


def _placeholders(task: StoredTask) -> list[tuple[str, str]]:
    """The values of an over-common key that could be listed as placeholders: (field, value)."""
    told: dict[str, list[str]] = task.facts.get("values") or {}
    return [(field, value) for field, values in told.items() if field in FORMS for value in values]


def explained(hub: Hub, person: Caller, domain: Domain, left: str, right: str) -> dict[str, Any]:
    """Any two records with the evidence."""
    pair = explain_pair(hub, person, domain, left, right)
    with hub.database.read() as connection:
        told = find.told_by_id(connection, (pair.left.record_id, pair.right.record_id))
    names = [
        title_of(domain.name, msgspec.json.decode(told[end.record_id].record))
        for end in (pair.left, pair.right)
    ]
    return {"domain": domain, "pair": pair, "names": names, "evidence": evidence(pair)}


def _two(task: StoredTask, ids: list[int]) -> tuple[int, int]:
    """The two records a task is shown by."""
    if "left" in task.facts:
        return int(task.facts["left"]), int(task.facts["right"])
    return ids[0], ids[-1]


def _side(golden: Stored, members: dict[str, Any], told: Any) -> dict[str, Any]:
    """One side: the record as it is golden now, or as told where both already are one."""
    record = msgspec.json.decode(golden.record)
    return {
        "golden": golden,
        "record": record,
        "title": _title(golden),
        "members": members[golden.golden_id],
        "told": told,
    }


def golden(hub: Hub, person: Caller, domain: Domain, golden_id: str) -> dict[str, Any]:
    """A golden record with all that is known of it."""
    with hub.database.read() as connection:
        stored = find.golden_by_id(connection, golden_id)
        if stored is not None and stored.merged_into is not None:
            stored = find.golden_by_id(connection, current_id(connection, golden_id))
        if stored is None or stored.domain != domain.name:
            raise NotFound(f"There is no {domain.name.replace('_', ' ')} {golden_id!r}.")
        told = find.told_of_golden(connection, stored.golden_id)
        former = find.former_ids(connection, stored.golden_id)
        open_tasks = tasks.tasks_of_golden(connection, stored.golden_id)
        decided = tasks.decisions_of_golden(connection, stored.golden_id)
        now = When(clock.now())
        of = asking(hub, connection, stored, now)
    record = of.record
    return {
        "stored": stored,
        "domain": domain,
        "title": title_of(domain.name, record),
        "record": record,
        "states": record.get("slices", [record]),
        "reasons": reasons(of, now),
        "overrides": overrides.listed(hub, person, domain, stored.golden_id),
        "settable": _settable(domain),
        "told": told,
        "findings": _findings(told),
        "former": former,
        "history": origin.history(hub, person, domain, stored.golden_id, When(clock.now())),
        "tasks": open_tasks,
        "decided": decided,
        "links": links(hub, person, (domain, stored.golden_id), None, MOST_LINKS),
        "kinds": KINDS,
    }


def reasons_of(reasons: Mapping[str, Any], path: str) -> list[tuple[str, Any]]:
    """Why a value is what it is; of a child whose fields are told apart, field by field."""
    if path in reasons:
        return [("", reasons[path])]
    start = f"{path}/"
    return [(one.removeprefix(start), why) for one, why in reasons.items() if one.startswith(start)]


def _settable(domain: Domain) -> list[str]:
    """The fields that a person may set over the sources on the page."""
    framed = {*domain.code, "valid_from", "valid_to"} if domain.dated else set()
    plain = [line.name for line in domain.fields if line.name not in framed]
    scoped = [
        f"{child.name}.{line.name}"
        for child in domain.children
        if child.scoped
        for line in child.fields
        if line.name not in child.key
    ]
    return [*plain, *scoped]


def _findings(told: list[Any]) -> list[tuple[str, str]]:
    found = []
    for one in told:
        for finding in msgspec.json.decode(one.findings) if one.findings else ():
            said = finding if isinstance(finding, dict) else {"message": finding[2]}
            found.append((one.source, str(said["message"])))
    return found


def decisions(hub: Hub) -> list[tuple[StoredDecision, list[str]]]:
    """The latest decisions, each with the name of a record of either side."""
    with hub.database.read() as connection:
        return _with_names(connection, tasks.recent_decisions(connection, 100))


def in_force(hub: Hub, number: int) -> tuple[StoredDecision, list[str]] | None:
    """The decision of this number with the names of its records; None where none is in force."""
    with hub.database.read() as connection:
        found = tasks.decision_by_id(connection, number)
        if found is None or found.withdrawn:
            return None
        return _with_names(connection, [found])[0]


def _with_names(
    connection: Connection, found: list[StoredDecision]
) -> list[tuple[StoredDecision, list[str]]]:
    sides = tasks.sides_of_decisions(connection, [one.id for one in found])
    firsts = {number: [side[0] for side in both if side] for number, both in sides.items()}
    held = gather.held_by_id(connection, [one for some in firsts.values() for one in some])
    names = {
        one: str(record.record.get("name") or record.source_key) for one, record in held.items()
    }
    return [(one, [names[first] for first in firsts[one.id]]) for one in found]


def search(hub: Hub, person: Caller, domain: Domain, said: str) -> list[dict[str, Any]]:
    """Records the words may mean, with what tells them apart."""
    with hub.database.read() as connection:
        found = candidates(hub, connection, domain, (said, MOST_FOUND))
    return [{"stored": one, "title": _title(one), "about": _about(one)} for one in found]


def _about(stored: Stored) -> str:
    record = _state(stored)
    address: Document = next(iter(record.get("addresses") or ()), {})
    tax: Document = next(iter(record.get("tax_registrations") or ()), {})
    told = (address.get("city"), record.get("country"), tax.get("number"))
    if DOMAINS[stored.domain].dated:
        told = (record.get("description"), record.get("legal_entity"), record.get("country"))
    return " · ".join(str(one) for one in told if one)


def _state(stored: Stored) -> Document:
    record: Document = msgspec.json.decode(stored.record)
    slices = record.get("slices")
    return dict(slices[-1]) if slices else record


def _title(stored: Stored) -> str:
    return title_of(stored.domain, msgspec.json.decode(stored.record))


def _country(stored: Stored | None) -> str:
    return str(_state(stored).get("country") or "") if stored else ""
