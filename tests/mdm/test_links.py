"""Links keep what held of them before: by a rescoring, a re-match or a person."""

from __future__ import annotations

from typing import Any

from mdm.asking.links import links
from mdm.decisions import Said, say, unsay
from mdm.domains import DOMAINS
from mdm.learning import change_rules
from mdm.people.rights import Caller
from mdm.push import push
from mdm.rematch import Work
from mdm.store.find import told_by_key
from mdm.store.hub import Hub
from mdm.store.transaction import Act, transaction
from tests.mdm.test_rematch import ACT, by_probability

SUPPLIER = DOMAINS["supplier"]
AUDITOR = Caller("otto", frozenset(("auditor",)))
KIEL = {"country": "DE", "city": "Kiel", "street": "Am Kai 4", "postcode": "24103"}
ONE = {"id": "A", "name": "Ostwind Reederei GmbH", **KIEL}
OTHER = {**ONE, "id": "B"}


def tell(hub: Hub, *rows: dict[str, Any]) -> None:
    """The source tells suppliers."""
    push(hub, "csv", "supplier", list(rows), Act("push", "test"))


def home(hub: Hub, key: str = "A") -> tuple[int, str]:
    """The number of a source record and the golden id that it answers with."""
    with hub.database.read() as connection:
        found = told_by_key(connection, "supplier", "csv", [key])[key]
    return found.id, found.golden_id


def linked(hub: Hub, key: str = "A") -> list[dict[str, Any]]:
    """The links of the golden record that a source record is part of."""
    results: list[dict[str, Any]]
    results = links(hub, AUDITOR, (SUPPLIER, home(hub, key)[1]), None, 50)["results"]
    return results


def results(link: dict[str, Any]) -> list[tuple[str, str]]:
    """Every state of a link, the latest first: its result and who made it."""
    return [(one["result"], one["made_by"]) for one in (link, *link["earlier"])]


def rows(hub: Hub, table: str) -> list[tuple[Any, ...]]:
    """All that a table holds."""
    with hub.database.read() as connection:
        found = connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2, 3").all()
    return [tuple(row) for row in found]


def test_a_link_tells_its_two_records_how_they_score_and_since_when(hub: Hub) -> None:
    tell(hub, ONE, OTHER)
    (link,) = linked(hub)
    assert [link[end]["source_key"] for end in ("left", "right")] == ["A", "B"]
    assert link["left"]["golden_id"] == home(hub)[1] != link["right"]["golden_id"]
    assert (link["result"], link["made_by"]) == ("possible_match", "automatic")
    assert 0.5 < link["scored"]["score"] < 1
    assert link["scored"]["rules"] == hub.rules["supplier"].version
    assert ("name", "the same name") in [
        (one["field"], one["meaning"]) for one in link["scored"]["evidence"]
    ]
    assert link["created_at"] == link["updated_at"]
    assert (link["decision"], link["earlier"]) == (None, [])


def test_a_changed_record_leaves_the_earlier_score_behind(hub: Hub) -> None:
    tell(hub, ONE, OTHER)
    (first,) = linked(hub)
    tell(hub, {**OTHER, "street": "Ring 7"})
    (link,) = linked(hub)
    (earlier,) = link["earlier"]
    assert earlier["scored"] == first["scored"] != link["scored"]
    assert (earlier["from"], earlier["until"]) == (link["created_at"], link["updated_at"])
    assert link["created_at"] == first["created_at"] < link["updated_at"]


def test_a_pair_that_is_met_no_longer_is_told_with_what_it_was(hub: Hub) -> None:
    tell(hub, ONE, OTHER)
    bern = {"street": "Gasse 9", "postcode": "3011", "city": "Bern", "country": "CH"}
    tell(hub, {"id": "B", "name": "Sirius Papier AG", **bern})
    (link,) = linked(hub)
    assert results(link) == [("no_match", "automatic"), ("possible_match", "automatic")]
    assert link["scored"] is None
    tell(hub, OTHER)
    assert [one[0] for one in results(linked(hub)[0])] == ["possible_match", "possible_match"]


def test_a_pair_that_is_scored_again_as_it_was_keeps_its_row(hub: Hub) -> None:
    tell(hub, ONE, OTHER)
    before = rows(hub, "edge")
    tell(hub, {**OTHER, "website": "ostwind.example"})
    tell(hub, {**OTHER, "website": "ostwind.example", "payment_terms": "N30"})
    assert rows(hub, "edge") == before
    assert rows(hub, "edge_history") == []


def test_a_decision_counts_while_it_is_in_force_and_is_kept_when_it_is_not(hub: Hub) -> None:
    tell(hub, ONE, OTHER)
    said = Said("same", SUPPLIER, (home(hub)[0],), (home(hub, "B")[0],), reason="one house")
    with transaction(hub.database, Act("decision", "stella", "supplier")) as tx:
        number = say(tx, hub, said)
    (link,) = linked(hub)
    assert (link["result"], link["made_by"]) == ("match", "person")
    assert link["scored"]["score"] < 1
    named = {"id": number, "kind": "same", "actor": "stella", "reason": "one house"}
    assert named.items() <= link["decision"].items()
    with transaction(hub.database, Act("withdraw", "stella", "supplier")) as tx:
        unsay(tx, hub, number)
    (link,) = linked(hub)
    assert results(link) == [("possible_match", "automatic"), ("match", "person")]
    assert named.items() <= link["earlier"][0]["decision"].items()
    assert link["decision"] is None


def test_a_re_match_leaves_what_the_earlier_rules_said(hub: Hub) -> None:
    tell(hub, ONE, OTHER)
    first = hub.rules["supplier"].version
    change_rules(Work(hub, SUPPLIER, ACT), by_probability)
    (link,) = linked(hub)
    assert results(link) == [("match", "automatic"), ("possible_match", "automatic")]
    assert link["earlier"][0]["scored"]["rules"] == first != link["scored"]["rules"]
    assert link["left"]["golden_id"] == link["right"]["golden_id"]


def test_links_come_in_pages(sqlite_hub: Hub) -> None:
    tell(sqlite_hub, *({**ONE, "id": f"K{number}"} for number in range(5)))
    whole = linked(sqlite_hub, "K0")
    assert len(whole) == 4
    wanted, cursor = (SUPPLIER, home(sqlite_hub, "K0")[1]), None
    found: list[dict[str, Any]] = []
    for _page in range(2):
        page = links(sqlite_hub, AUDITOR, wanted, cursor, 2)
        found, cursor = [*found, *page["results"]], page["next"]
    assert (found, cursor) == (whole, None)
