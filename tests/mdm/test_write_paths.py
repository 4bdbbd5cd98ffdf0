"""Whatever writes leaves its trace in the audit: one line here per kind of act.

A kind of act that stands nowhere here fails the test, and so does a function that commits without
the transaction of mdm/store/transaction.py.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from mdm import config, rejects
from mdm.codes import Meaning, map_codes
from mdm.domains import DOMAINS
from mdm.errors import LoadStopped
from mdm.golden.hierarchy import Edge
from mdm.governance.decisions import Answer, answer_task, withdraw
from mdm.governance.hierarchies import Moves, hierarchy_named, move
from mdm.governance.merging import Parting, merge, unmerge
from mdm.governance.overrides import Asked, lift, override
from mdm.learning import drop_proposal, finish_rematches, propose_refit
from mdm.load import LoadRequest, load
from mdm.load_release import drop, release
from mdm.overrides import Wanted
from mdm.people.clients import add_client
from mdm.people.demo import add_people
from mdm.people.rights import Caller
from mdm.people.users import add_user
from mdm.push import push
from mdm.records import Mode
from mdm.refresh import tick
from mdm.rematch import Work
from mdm.store import tasks
from mdm.store.hub import Hub
from mdm.store.tasks import Wanted as WantedTasks
from mdm.store.transaction import Act
from tests.mdm.test_guarding import HEAD, vendors
from tests.mdm.test_load import write

ROOT = Path(__file__).parents[2]
SUPPLIER, COST_CENTER = DOMAINS["supplier"], DOMAINS["cost_center"]
STEWARD = Caller("stella", frozenset(("steward",)))
BERLIN = {"street": "Hauptstr. 1", "city": "Berlin", "postcode": "10115", "country": "DE"}
ALIKE = [
    {"id": "V1", "name": "Acme Logistik GmbH", **BERLIN},
    {"id": "V2", "name": "ACME LOGISTIK", **BERLIN},
]
CENTER = {"legal_entity": "1000", "controlling_area": "A1", "valid_from": "2020-01-01"}
OUTSIDE = {
    ("database", "read"),  # reads only
    ("sequencer", "number_settled"),  # numbers and seals what was written
    ("schema", "upgrade"),  # the shape of the database
    ("lease", "drop"),
    ("lease", "_take"),
    ("follow_ups", "strike"),  # what the change was followed up with stands in the log
    ("outbox", "mark"),  # what became of events; the outbox is their log
    ("people", "use_code"),  # sessions, and answers that are remembered
    ("people", "open_session"),
    ("people", "begin_request"),
    ("people", "_run"),
}
"""(file, function) in mdm/store that commit by themselves: none changes what the hub knows."""

REASONED = Act("map_codes", "ada", reason="a typo of theirs")
Way = Callable[[Hub, Path], None]


def pushed(hub: Hub, domain: str, *rows: dict[str, Any]) -> list[str]:
    """Pushes rows of the plain source; their golden ids."""
    return [str(one.golden_id) for one in push(hub, "csv", domain, rows, Act("push", "test"))]


def asked(hub: Hub, golden_id: str, version: int) -> Asked:
    return Asked(STEWARD, SUPPLIER, golden_id, version, "c-1")


def init(hub: Hub, _folder: Path) -> None:
    """The fixture has done it."""


def pushing(hub: Hub, _folder: Path) -> None:
    pushed(hub, "supplier", *ALIKE)


def loading(hub: Hub, folder: Path) -> None:
    file = folder / "suppliers.csv"
    file.write_text("id,name,country\n1,Acme GmbH,DE\n2,,DE\n", encoding="utf-8")
    load(hub, LoadRequest("csv", [file], Mode.INCREMENTAL, "ada"))


def stopping(hub: Hub, folder: Path) -> int:
    """A load that a guard stops; its number."""
    file = write(folder / "wrong.csv", vendors(100, iban="DE89370400440532013000"), HEAD)
    with pytest.raises(LoadStopped) as caught:
        load(hub, LoadRequest("csv", [file], Mode.INCREMENTAL, "ada", "supplier"))
    return int(str(caught.value.facts["load"]))


def releasing(hub: Hub, folder: Path) -> None:
    release(hub, stopping(hub, folder), Act("load", "ada", reason="seen"))


def dropping(hub: Hub, folder: Path) -> None:
    drop(hub, stopping(hub, folder), Act("load", "ada", reason="wrong file"))


def proposing(hub: Hub, _folder: Path) -> None:
    pushed(hub, "supplier", *ALIKE)
    propose_refit(Work(hub, SUPPLIER, Act("config", "ada")))


def dropping_rules(hub: Hub, folder: Path) -> None:
    proposing(hub, folder)
    drop_proposal(Work(hub, SUPPLIER, Act("config", "ada", reason="no gain")))


def mapping_codes(hub: Hub, _folder: Path) -> None:
    pushed(hub, "supplier", ALIKE[0] | {"country": "Atlantis"})
    map_codes(hub, [Meaning("csv", "supplier", "country", "Atlantis", "NO")], REASONED)


def ticking(hub: Hub, _folder: Path) -> None:
    pushed(hub, "cost_center", CENTER | {"code": "1", "name": "One", "valid_to": "2090-01-01"})
    tick(hub, datetime(2090, 1, 2, tzinfo=UTC), "clock")


def activating(hub: Hub, folder: Path) -> None:
    (folder / "sources").mkdir()
    (folder / "sources" / "csv.yaml").write_text("extends: csv\ntrust: 77\n", encoding="utf-8")
    settings = hub.settings.model_copy(update={"config": folder})
    assert config.activate(hub.database, settings, [], "ada", "our rank")


def deciding(hub: Hub, folder: Path) -> None:
    pushing(hub, folder)
    with hub.database.read() as connection:
        (task,) = tasks.tasks(connection, WantedTasks(kind="possible_duplicate"))
    answer_task(hub, STEWARD, Answer(task.id, task.version, "different"), "c-1")


def withdrawing(hub: Hub, folder: Path) -> None:
    deciding(hub, folder)
    withdraw(hub, STEWARD, 1, "c-2")


def overriding(hub: Hub, _folder: Path) -> None:
    (golden_id,) = pushed(hub, "supplier", ALIKE[0])
    override(hub, asked(hub, golden_id, 1), Wanted("name", "Acme SE", "register"))


def lifting(hub: Hub, folder: Path) -> None:
    overriding(hub, folder)
    with hub.database.read() as connection:
        row = connection.execute(text("SELECT golden_id, version FROM golden")).one()
    lift(hub, asked(hub, row[0], row[1]), 1, "wrong register")


def merging(hub: Hub, _folder: Path) -> None:
    one, other = pushed(hub, "supplier", *ALIKE)
    merge(hub, asked(hub, one, 1), other, one, "seen in the register")


def unmerging(hub: Hub, folder: Path) -> None:
    merging(hub, folder)
    with hub.database.read() as connection:
        rows = connection.execute(text("SELECT golden_id, version, merged_into FROM golden")).all()
    (standing,) = [row for row in rows if row[2] is None]
    (original,) = [row[0] for row in rows if row[2] is not None]
    unmerge(hub, asked(hub, standing[0], standing[1]), Parting(original), "they are two")


def moving(hub: Hub, _folder: Path) -> None:
    one, other = pushed(
        hub,
        "cost_center",
        CENTER | {"code": "1", "name": "One"},
        CENTER | {"code": "2", "name": "Two"},
    )
    move(hub, STEWARD, hierarchy_named("management"), Moves((Edge(one, other),)), "c-1")


def rematching(hub: Hub, folder: Path) -> None:
    pushing(hub, folder)
    with hub.database.engine.begin() as connection:  # as a re-match that was cut short leaves it
        connection.execute(text("UPDATE config_version SET rematched_at = NULL"))
    finish_rematches(hub, Act("rematch", "ada"))


def retrying(hub: Hub, folder: Path) -> None:
    loading(hub, folder)
    file = folder / "row.json"
    file.write_text('{"id": "2", "name": "Borealis Oy"}', encoding="utf-8")
    rejects.retry(hub, 1, file, Act("retry", "ada"))


def adding_a_client(hub: Hub, _folder: Path) -> None:
    add_client(hub, Act("client", "ada"), "coupa", (["auditor"], []))


def adding_a_user(hub: Hub, _folder: Path) -> None:
    add_user(hub, Act("user", "ada"), "bob", ["approver"])


def adding_people(hub: Hub, _folder: Path) -> None:
    add_people(hub)


WAYS: dict[str, tuple[Way, set[str]]] = {
    "init": (init, {"configuration"}),
    "load": (loading, {"load_started", "load_ended", "golden"}),
    "load_release": (releasing, {"load_applying"}),
    "load_released": (releasing, set()),
    "load_drop": (dropping, {"load_dropped"}),
    "propose_rules": (proposing, {"rules_proposed"}),
    "rules_drop": (dropping_rules, {"rules_dropped"}),
    "map_codes": (mapping_codes, {"configuration", "codes_mapped", "golden"}),
    "refused": (loading, {"rejects_kept"}),
    "push": (pushing, {"golden"}),
    "tick": (ticking, {"golden"}),
    "config": (activating, {"configuration"}),
    "decision": (deciding, {"decision", "task_closed"}),
    "withdraw": (withdrawing, {"decision_withdrawn"}),
    "override": (overriding, {"override", "golden"}),
    "override_withdrawn": (lifting, {"override_withdrawn", "golden"}),
    "merge": (merging, {"decision", "golden"}),
    "unmerge": (unmerging, {"golden"}),
    "move": (moving, {"move"}),
    "rematch": (rematching, {"rules_rematched"}),
    "retry": (retrying, {"reject_settled", "golden"}),
    "client": (adding_a_client, {"rights"}),
    "user": (adding_a_user, {"rights"}),
    "people": (adding_people, {"rights"}),
}
"""By kind of act: something that does it, and the kinds of entry that it must leave."""


@pytest.mark.parametrize("kind", WAYS)
def test_each_kind_of_act_leaves_its_entries(hub: Hub, tmp_path: Path, kind: str) -> None:
    way, expected = WAYS[kind]
    folder = tmp_path / "given"
    folder.mkdir()
    way(hub, folder)
    with hub.database.read() as connection:
        rows = connection.execute(
            text(
                "SELECT act.kind, entry FROM hub_transaction AS act JOIN audit ON tx = act.id"
                " ORDER BY audit.id"
            )
        ).all()
    left = {json.loads(entry)["kind"] for act, entry in rows if act == kind}
    assert expected | {"transaction"} <= left


def calls(folder: str) -> Iterator[ast.Call]:
    """Every call in the product's files below a folder."""
    for file in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield node


def kinds_of_acts() -> set[str]:
    """The kinds that the product names: `Act("load", ...)`, `replace(act, kind="config")`."""
    found = set()
    for call in (call for folder in ("mdm", "api", "publishers") for call in calls(folder)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if isinstance(call.func, ast.Name):
            name = call.func.id
        named = [keyword.value for keyword in call.keywords if keyword.arg == "kind"]
        told = named if name == "replace" else named or call.args
        if name in ("Act", "act", "replace") and told and isinstance(told[0], ast.Constant):
            found.add(str(told[0].value))
    return found


def test_every_kind_of_act_of_the_product_is_listed_here() -> None:
    assert kinds_of_acts() == set(WAYS)


def commits() -> set[tuple[str, str]]:
    """(file, function) of everything that commits, wherever it stands."""
    found = set()
    for file in (f for folder in ("mdm", "api", "publishers") for f in (ROOT / folder).rglob("*")):
        if file.suffix != ".py":
            continue
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Attribute) and (
                    node.attr == "commit"
                    or (node.attr == "begin" and getattr(node.value, "attr", "") == "engine")
                ):
                    found.add((file.stem, function.name))
    return found


def test_nothing_commits_but_the_transaction_and_what_is_listed_here() -> None:
    assert commits() - {("transaction", "transaction")} == OUTSIDE
