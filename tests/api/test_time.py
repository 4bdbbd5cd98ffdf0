"""Time over HTTP: what holds on a day, what the hub knew then, and what is valid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import text

from mdm import clock
from mdm.decisions import Said, say, unsay
from mdm.domains import DOMAINS
from mdm.push import push
from mdm.store import find
from mdm.store.sequencer import number_settled
from mdm.store.transaction import Act, transaction
from tests.api.web import Web

ENTITY = {"code": "1000", "name": "Nord GmbH", "country": "DE", "currency": "EUR"}
CENTER = {"code": "4711", "name": "Lager", "legal_entity": "1000", "controlling_area": "A1"}
PROJECT = {
    "code": "P1",
    "scope": "1000",
    "name": "Umbau",
    "legal_entity": "1000",
    "cost_center": "4711",
    "controlling_area": "A1",
}


def tell(web: Web, domain: str, *rows: dict[str, Any]) -> int:
    """Pushes the rows; the number of the last transaction then."""
    given = push(web.hub, "csv", domain, list(rows), Act("push", "test"))
    assert {one.outcome for one in given} == {"accepted"}, given
    return head(web)


def head(web: Web) -> int:
    """The last number, after numbering what waits."""
    while number_settled(web.hub.database):
        pass
    with web.hub.database.read() as connection:
        return int(connection.scalar(text("SELECT max(seq) FROM hub_transaction")) or 0)


def test_an_earlier_name_is_found_under_the_number_and_the_instant_of_then(web: Web) -> None:
    before = web.get("/v1/suppliers/by/csv/42").json
    then = head(web)
    at = web.get(f"/v1/suppliers/{before['golden_id']}/history").json["versions"][0]["recorded_at"]
    tell(web, "supplier", {"id": "0000000042", "name": "Zephyr Neu AG"})
    for moment in (str(then), at):
        path = f"known_at={quote(moment)}"
        assert web.get(f"/v1/suppliers/{before['golden_id']}?{path}").json == before
        assert web.get(f"/v1/suppliers/by/csv/42?{path}").json == before
        listed = web.get(f"/v1/suppliers?limit=500&{path}").json["results"]
        assert before in listed
        named = web.get(f"/v1/suppliers?name=Zephyr Textilwerke GmbH&{path}").json["results"]
        assert named == [before]
        assert web.get(f"/v1/suppliers?name=Zephyr Neu AG&{path}").json["results"] == []
    assert web.get("/v1/suppliers?name=Zephyr Textilwerke GmbH").json["results"] == []


def test_what_arrived_later_was_not_known(web: Web) -> None:
    then = head(web)
    tell(web, "supplier", {"id": "late", "name": "Spaet KG", "country": "AT"})
    known = web.get("/v1/suppliers/by/csv/late").json["golden_id"]
    answer = web.get(f"/v1/suppliers/{known}?known_at={then}")
    assert answer.status_code == 404
    assert f"did not know supplier {known!r} after transaction {then}" in answer.json["detail"]
    assert "it knows it since" in answer.json["detail"]
    assert web.get(f"/v1/suppliers/by/csv/late?known_at={then}").status_code == 404
    ids = [
        one["golden_id"]
        for one in web.get(f"/v1/suppliers?known_at={then}&limit=500").json["results"]
    ]
    assert known not in ids
    for path in ("/history", "/lineage"):
        assert web.get(f"/v1/suppliers/{known}{path}?known_at={then}").status_code == 404


def test_an_unknown_id_is_not_found_at_any_time(lite: Web) -> None:
    assert head(lite) >= 1
    for golden_id in ("sup_" + "a" * 22, "nonsense", "cct_" + "a" * 22, "%00", "sup_"):
        for query in ("", "?known_at=1", "?known_at=2001-01-01T00:00:00Z", "?as_of=2020-01-01"):
            answer = lite.get(f"/v1/suppliers/{golden_id}{query}")
            assert (answer.status_code, answer.json["code"]) == (404, "not_found"), golden_id


def test_a_day_or_moment_that_is_none_is_a_named_problem(lite: Web) -> None:
    golden_id = lite.get("/v1/suppliers/by/csv/42").json["golden_id"]
    for path in (f"/v1/suppliers/{golden_id}", "/v1/suppliers", "/v1/suppliers/by/csv/42"):
        for query, field in (
            ("as_of=31.01.2026", "as_of"),
            ("as_of=2026-02-30", "as_of"),
            ("as_of=20260131", "as_of"),
            ("as_of=", "as_of"),
            ("known_at=yesterday", "known_at"),
            ("known_at=2026-01-31T12:00:00", "known_at"),
            ("known_at=-1", "known_at"),
            ("known_at=", "known_at"),
            ("slices=some", "slices"),
        ):
            answer = lite.get(f"{path}?{query}")
            assert (answer.status_code, answer.json["code"]) == (400, "bad_request"), query
            assert answer.json["errors"][0]["pointer"] == f"#/{field}", query


def test_a_moment_that_the_hub_has_not_reached_is_a_named_problem(web: Web) -> None:
    newest = head(web)
    now = clock.now()
    one = web.get("/v1/suppliers/by/csv/42").json
    path = f"/v1/suppliers/{one['golden_id']}"
    paths = ("/v1/suppliers", "/v1/suppliers/by/csv/42", path)
    for asked in (*paths, *(f"{path}/{more}" for more in ("history", "lineage", "sources"))):
        answer = web.get(f"{asked}?known_at={newest + 1}")
        assert (answer.status_code, answer.json["code"]) == (400, "not_yet_known"), asked
        assert f"the newest is {newest}." in answer.json["detail"]
        assert answer.json["errors"][0]["pointer"] == "#/known_at"
        answer = web.get(f"{asked}?known_at={clock.iso(now + timedelta(minutes=3))}")
        assert (answer.status_code, answer.json["code"]) == (400, "not_yet_known"), asked
        assert f"for the hub it is {clock.iso(now)[:13]}" in answer.json["detail"]
        assert web.get(f"{asked}?known_at={newest}").status_code == 200


def test_a_caller_whose_clock_runs_a_little_ahead_is_told_what_the_hub_knows_now(lite: Web) -> None:
    now = lite.get("/v1/suppliers/by/csv/42").json
    ahead = clock.iso(clock.now() + timedelta(seconds=30))
    assert lite.get(f"/v1/suppliers/by/csv/42?known_at={ahead}").json == now


def test_a_record_merged_later_is_itself_when_asked_before(web: Web) -> None:
    supplier = DOMAINS["supplier"]
    one, other = (web.get(f"/v1/suppliers/by/csv/{key}").json for key in ("42", "a/b"))
    apart = head(web)
    with web.hub.database.read() as connection:
        told = find.told_by_key(connection, "supplier", "csv", ["0000000042", "a/b"])
    sides = (told["0000000042"].id,), (told["a/b"].id,)
    with transaction(web.hub.database, Act("decision", "test", "supplier")) as tx:
        number = say(tx, web.hub, Said("same", supplier, *sides))
    together = head(web)
    with transaction(web.hub.database, Act("withdraw", "test", "supplier")) as tx:
        unsay(tx, web.hub, number)
    for was, key in ((one, "42"), (other, "a/b")):
        path = f"/v1/suppliers/{was['golden_id']}"
        assert web.get(f"{path}?known_at={apart}").json == was
        assert web.get(f"/v1/suppliers/by/csv/{key}?known_at={apart}").json == was
    joined = [web.get(f"/v1/suppliers/by/csv/{key}?known_at={together}") for key in ("42", "a/b")]
    assert joined[0].json == joined[1].json
    redirected = [
        web.get(f"/v1/suppliers/{was['golden_id']}?known_at={together}").json.get("redirected_from")
        for was in (one, other)
    ]
    assert sorted(redirected, key=str) == sorted(
        [None, *({one["golden_id"], other["golden_id"]} - {joined[0].json["golden_id"]})], key=str
    )
    listed = web.get(f"/v1/suppliers?known_at={together}&limit=500").json["results"]
    assert redirected.count(None) == 1
    assert {one["golden_id"] for one in listed} & set(redirected) == set()


def test_pages_of_then_hold_every_record_of_then_once(web: Web) -> None:
    then = head(web)
    whole = web.get(f"/v1/suppliers?limit=500&known_at={then}").json["results"]
    tell(web, "supplier", *({"id": f"L{n}", "name": f"Anders {n}"} for n in range(4)))
    tell(web, "supplier", *({"id": f"N{n}", "name": f"Neuling {n} SE"} for n in range(9)))
    seen: list[Any] = []
    path = f"/v1/suppliers?limit=3&known_at={then}"
    while path:
        answer = web.get(path)
        seen += answer.json["results"]
        link = answer.headers.get("Link")
        path = link.partition(">")[0][1:] if link else ""
    assert seen == whole


def test_a_cursor_of_then_opens_no_list_of_now(lite: Web) -> None:
    cursor = lite.get(f"/v1/suppliers?limit=1&known_at={head(lite)}").json["next"]
    assert lite.get(f"/v1/suppliers?limit=1&cursor={cursor}").status_code == 400


def test_a_name_is_searched_only_in_what_is_known_now(lite: Web) -> None:
    answer = lite.get(f"/v1/suppliers?q=Zephyr&known_at={head(lite)}")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (400, "#/q")


def test_a_future_slice_is_stored_now_and_served_from_its_date(web: Web) -> None:
    tell(web, "legal_entity", ENTITY)
    tell(web, "cost_center", {**CENTER, "name": "Alt", "valid_from": "2020-01-01"})
    tell(web, "cost_center", {**CENTER, "name": "Neu", "valid_from": "2090-01-01"})
    golden_id = web.get("/v1/cost-centers?code=4711").json["results"][0]["golden_id"]
    path = f"/v1/cost-centers/{golden_id}"
    for day, name in (("2019-12-31", None), ("2020-01-01", "Alt"), ("2090-01-01", "Neu")):
        record = web.get(f"{path}?as_of={day}").json["record"]
        assert (record and record["name"]) == name
    assert web.get(path).json["record"]["name"] == "Alt"
    assert web.get(path).json["valid_to"] == "2090-01-01"
    assert len(web.get(f"{path}?slices=all").json["record"]["slices"]) == 2
    found = [
        len(web.get(f"/v1/cost-centers?name={name}&as_of=2090-06-01").json["results"])
        for name in ("Alt", "Neu")
    ]
    assert found == [0, 1]


def test_a_late_correction_does_not_rewrite_what_was_known_of_a_day(web: Web) -> None:
    tell(web, "legal_entity", ENTITY)
    believed = tell(web, "cost_center", {**CENTER, "name": "Lager", "valid_from": "2020-01-01"})
    corrected = tell(web, "cost_center", {**CENTER, "name": "Labor", "valid_from": "2020-01-01"})
    golden_id = web.get("/v1/cost-centers?code=4711").json["results"][0]["golden_id"]
    path = f"/v1/cost-centers/{golden_id}"
    day = "as_of=2020-03-01"
    assert web.get(f"{path}?{day}&known_at={believed}").json["record"]["name"] == "Lager"
    assert web.get(f"{path}?{day}&known_at={corrected}").json["record"]["name"] == "Labor"
    history = web.get(f"{path}/history?{day}").json["versions"]
    assert [one["record"]["name"] for one in history] == ["Labor", "Lager"]
    before = web.get(f"{path}/history?as_of=2019-01-01").json["versions"]
    assert [one["record"] for one in before] == [None]
    lineage = web.get(f"{path}/lineage?{day}&known_at={believed}").json
    assert lineage["version"] == 1
    assert lineage["fields"]["name"]["source"] == "csv"


def test_a_project_is_invalid_under_a_closed_cost_center_or_legal_entity(web: Web) -> None:
    tell(web, "legal_entity", ENTITY)
    tell(web, "cost_center", CENTER)
    tell(web, "project", PROJECT)
    listed = web.get("/v1/projects?code=P1").json["results"]
    path = f"/v1/projects/{listed[0]['golden_id']}"
    open_tag = web.get(path).headers["ETag"]
    valid = {"valid": True, "reasons": []}
    assert web.get(path).json["validity"] == listed[0]["validity"] == valid
    known = tell(web, "cost_center", {**CENTER, "valid_to": "2026-03-01"})
    assert web.get(f"{path}?as_of=2026-02-28").json["validity"] == valid
    closed = web.get(f"{path}?as_of=2026-03-01").json
    assert closed["validity"] == {
        "valid": False,
        "reasons": [
            {
                "code": "cost_center_expired",
                "field": "cost_center",
                "sentence": "Cost center 4711 is not valid any more since 2026-03-01.",
            }
        ],
    }
    assert closed["record"] == web.get(f"{path}?as_of=2026-02-28").json["record"]
    again = web.get(path, headers={"If-None-Match": open_tag})
    assert again.status_code == 200  # the record did not change, its validity did
    assert web.get(f"{path}?known_at={known - 1}&as_of=2026-03-01").json["validity"] == valid
    tell(web, "legal_entity", {**ENTITY, "valid_to": "2026-02-01"})
    reasons = web.get("/v1/projects?as_of=2026-02-15").json["results"][0]["validity"]["reasons"]
    assert [(one["code"], one["field"]) for one in reasons] == [
        ("legal_entity_expired", "legal_entity"),
        ("legal_entity_expired", "cost_center"),
    ]


def test_a_cost_center_of_another_controlling_area_is_another_one(lite: Web) -> None:
    tell(lite, "legal_entity", ENTITY)
    tell(lite, "cost_center", CENTER, {**CENTER, "controlling_area": "B2", "blocked": "true"})
    tell(lite, "project", PROJECT, {**PROJECT, "code": "P2", "controlling_area": "B2"})
    found = {
        one["record"]["code"]: one["validity"]["valid"]
        for one in lite.get("/v1/projects").json["results"]
    }
    assert found == {"P1": True, "P2": False}


def test_a_subscriber_is_told_that_a_record_is_invalid_but_nothing_outside_its_view(
    lite: Web,
) -> None:
    tell(lite, "legal_entity", {**ENTITY, "valid_to": "2026-02-01"})
    tell(lite, "cost_center", {**CENTER, "valid_from": "2020-01-01"})
    found = lite.get("/v1/cost-centers", "subscriber").json["results"]
    for one in found:
        assert one["validity"]["valid"] is False
        assert "2026-02-01" not in str(one["validity"])
