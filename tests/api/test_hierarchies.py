"""Hierarchies over HTTP: what sources tell, what stewards move, on a day, as known then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mdm.inbound.mapping import parse_source
from mdm.push import push
from mdm.store.transaction import Act
from tests.api.test_time import CENTER, PROJECT, head, tell
from tests.api.web import Web

ENTITIES = {"1000": None, "2000": "1000", "3000": "1000", "4000": "2000"}


@pytest.fixture
def group(web: Web) -> dict[str, str]:
    """Golden ids by code of a small group of companies."""
    return founded(web)


def founded(web: Web) -> dict[str, str]:
    """Tells the hub of the group; 1000 owns 2000 and 3000, 2000 owns 4000."""
    rows = [
        {"code": code, "name": f"Entity {code}", "country": "DE", "parent": parent or ""}
        for code, parent in ENTITIES.items()
    ]
    tell(web, "legal_entity", *rows)
    found = web.get("/v1/legal-entities").json["results"]
    return {one["record"]["code"]: one["golden_id"] for one in found}


def move(web: Web, name: str, *moves: dict[str, Any], **more: Any) -> Any:
    """Moves as a steward: (golden_id, parent, valid_from, valid_to)."""
    return web.post(f"/v1/hierarchies/{name}/moves", json={"moves": list(moves)}, **more)


def to(child: str, parent: str | None, start: str, end: str | None = None) -> dict[str, Any]:
    return {"golden_id": child, "parent": parent, "valid_from": start, "valid_to": end}


def path(web: Web, name: str, golden_id: str, query: str = "") -> list[str]:
    """The codes from the root down."""
    answer = web.get(f"/v1/hierarchies/{name}/{golden_id}/path?{query}")
    assert answer.status_code == 200, answer.text
    return [one["code"] for one in answer.json["path"]]


def subtree(web: Web, name: str, golden_id: str, query: str = "") -> list[tuple[str, int]]:
    answer = web.get(f"/v1/hierarchies/{name}/{golden_id}/subtree?{query}")
    assert answer.status_code == 200, answer.text
    return [(one["code"], one["depth"]) for one in answer.json["nodes"]]


def test_there_are_three_over_the_same_records(lite: Web) -> None:
    found = lite.get("/v1/hierarchies").json["hierarchies"]
    assert [one["name"] for one in found] == ["legal", "management", "tax"]
    assert all("legal_entity" in one["domains"] for one in found)
    answer = lite.get("/v1/hierarchies/other")
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_name")
    assert "legal, management, tax" in answer.json["detail"]


def test_what_sources_tell_stands_in_the_hierarchy(web: Web, group: dict[str, str]) -> None:
    assert path(web, "legal", group["4000"]) == ["1000", "2000", "4000"]
    assert sorted(subtree(web, "legal", group["1000"])) == [
        ("1000", 0),
        ("2000", 1),
        ("3000", 1),
        ("4000", 2),
    ]
    assert [one["code"] for one in web.get("/v1/hierarchies/legal").json["roots"]] == ["1000"]
    assert len(web.get("/v1/hierarchies/tax").json["roots"]) == 4


def test_cost_centers_and_projects_stand_under_their_legal_entity(lite: Web) -> None:
    group = founded(lite)
    tell(lite, "cost_center", {**CENTER, "legal_entity": "2000"})
    tell(lite, "project", {**PROJECT, "legal_entity": "2000"})
    project = lite.get("/v1/projects?code=P1").json["results"][0]["golden_id"]
    assert path(lite, "management", project) == ["2000", "4711", "P1"]
    assert subtree(lite, "management", group["2000"]) == [("2000", 0), ("4711", 1), ("P1", 2)]
    move(lite, "management", to(group["2000"], group["1000"], "2026-01-01"))
    assert path(lite, "management", project, "as_of=2026-01-01") == ["1000", "2000", "4711", "P1"]
    assert path(lite, "management", project, "as_of=2025-12-31") == ["2000", "4711", "P1"]
    answer = lite.get(f"/v1/hierarchies/legal/{project}/path")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_a_move_holds_for_its_period_and_only_in_its_hierarchy(
    web: Web, group: dict[str, str]
) -> None:
    done = move(web, "legal", to(group["4000"], group["3000"], "2026-03-01", "2026-06-01"))
    assert done.status_code == 200, done.text
    for day, codes in (
        ("2026-02-28", ["1000", "2000", "4000"]),
        ("2026-03-01", ["1000", "3000", "4000"]),
        ("2026-06-01", ["1000", "2000", "4000"]),
    ):
        assert path(web, "legal", group["4000"], f"as_of={day}") == codes
    assert path(web, "tax", group["4000"], "as_of=2026-03-01") == ["4000"]
    compared = web.get(
        f"/v1/hierarchies/legal/{group['1000']}/compare?as_of=2026-02-01&with_as_of=2026-03-01"
    ).json
    assert (compared["added"], compared["removed"]) == ([], [])
    assert [(one["code"], one["from"], one["to"]) for one in compared["moved"]] == [
        ("4000", group["2000"], group["3000"])
    ]
    below = web.get(
        f"/v1/hierarchies/legal/{group['2000']}/compare?as_of=2026-02-01&with_as_of=2026-03-01"
    ).json
    assert [one["code"] for one in below["removed"]] == ["4000"]


def test_a_later_move_does_not_rewrite_what_was_known(web: Web, group: dict[str, str]) -> None:
    before = head(web)
    move(web, "tax", to(group["2000"], group["1000"], "2026-01-01"))
    first = head(web)
    move(web, "tax", to(group["2000"], group["3000"], "2026-01-01"))
    second = head(web)
    day = "as_of=2026-05-05&known_at="
    assert path(web, "tax", group["2000"], f"{day}{before}") == ["2000"]
    assert path(web, "tax", group["2000"], f"{day}{first}") == ["1000", "2000"]
    assert path(web, "tax", group["2000"], f"{day}{second}") == ["3000", "2000"]
    assert subtree(web, "tax", group["1000"], f"{day}{first}") == [("1000", 0), ("2000", 1)]
    assert subtree(web, "tax", group["1000"], f"{day}{second}") == [("1000", 0)]
    compared = web.get(
        f"/v1/hierarchies/tax/{group['1000']}/compare?{day}{first}&with_known_at={second}"
    ).json
    assert [one["code"] for one in compared["removed"]] == ["2000"]


def test_what_a_source_told_once_is_known_as_it_was(web: Web, group: dict[str, str]) -> None:
    before = head(web)
    entity = {"code": "4000", "name": "Entity 4000", "country": "DE", "parent": "3000"}
    after = tell(web, "legal_entity", entity)
    for moment, codes in ((before, ["1000", "2000", "4000"]), (after, ["1000", "3000", "4000"])):
        assert path(web, "legal", group["4000"], f"known_at={moment}") == codes
        below = subtree(web, "legal", group[codes[1]], f"known_at={moment}")
        assert below == [(codes[1], 0), ("4000", 1)]


def refused(answer: Any, status: int, code: str, *words: str) -> None:
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    for word in words:
        assert word in answer.json["detail"]


def test_what_cannot_be_moved_is_a_named_problem_and_moves_nothing(
    web: Web, group: dict[str, str]
) -> None:
    one, two, four = group["1000"], group["2000"], group["4000"]
    version = web.get("/v1/hierarchies/legal").json["version"]
    fine = to(group["3000"], None, "2026-01-01")
    for bad, status, code, words in (
        (to(one, four, "2026-02-01"), 409, "hierarchy_cycle", ("2026-02-01", one, two, four)),
        (to(one, one, "2026-02-01"), 409, "hierarchy_cycle", (one,)),
        (to(group["3000"], two, "2026-05-01"), 409, "overlapping_parents", ("2026-05-01",)),
        (to(two, one, "2026-02-01", "2026-01-01"), 400, "period_inverted", (two,)),
        (to("len_" + "a" * 22, one, "2026-02-01"), 404, "not_found", ("len_aaaa",)),
        (to(two, "sup_" + "a" * 22, "2026-02-01"), 404, "not_found", ("sup_aaaa",)),
    ):
        refused(move(web, "legal", fine, bad), status, code, *words)
    supplier = web.get("/v1/suppliers/by/csv/42").json["golden_id"]
    refused(move(web, "legal", to(supplier, one, "2026-01-01")), 400, "bad_request", supplier)
    assert web.get("/v1/hierarchies/legal").json["version"] == version
    assert path(web, "legal", group["3000"], "as_of=2026-02-01") == ["1000", "3000"]


def test_a_move_into_a_planned_one_is_refused_and_an_open_one_ends_there(
    web: Web, group: dict[str, str]
) -> None:
    move(web, "tax", to(group["2000"], group["1000"], "2027-01-01"))
    bad = move(web, "tax", to(group["2000"], group["3000"], "2026-06-01", "2027-06-01"))
    refused(bad, 409, "overlapping_parents", "2027-01-01", group["1000"], group["3000"])
    assert move(web, "tax", to(group["2000"], group["3000"], "2026-06-01")).status_code == 200
    assert path(web, "tax", group["2000"], "as_of=2026-12-31") == ["3000", "2000"]
    assert path(web, "tax", group["2000"], "as_of=2027-01-01") == ["1000", "2000"]


def test_a_move_based_on_an_earlier_version_is_refused(web: Web, group: dict[str, str]) -> None:
    read = web.get("/v1/hierarchies/tax").headers["ETag"]
    first = to(group["2000"], group["1000"], "2026-01-01")
    assert move(web, "tax", first, headers={"If-Match": read}).status_code == 200
    second = to(group["3000"], group["1000"], "2026-01-01")
    refused(move(web, "tax", second, headers={"If-Match": read}), 412, "stale_version")


def test_only_those_who_may_place_records_move_them(lite: Web) -> None:
    group = founded(lite)
    asked = {"moves": [to(group["2000"], None, "2026-01-01")]}
    for role in ("auditor", "subscriber"):
        answer = lite.post("/v1/hierarchies/tax/moves", role, json=asked)
        assert (answer.status_code, answer.json["code"]) == (403, "refused")
    assert lite.get(f"/v1/hierarchies/tax/{group['2000']}/path", "subscriber").status_code == 403


ERP = """
name: erp
description: A system whose records have numbers of their own
trust: 50
feeds:
  - name: companies
    domain: legal_entity
    format: csv
    recognise: {file: ["*"], columns: [number, code]}
    columns: {number: [], code: [], name: []}
    key: [number]
    fields: {code: code, name: name}
"""


def test_a_merge_redirects_edges_and_an_unmerge_restores_them(web: Web) -> None:
    erp = replace(web.hub, sources={**web.hub.sources, "erp": parse_source(ERP, "erp")})

    def company(number: str, code: str) -> None:
        row = {"number": number, "code": code, "name": f"Company {code}"}
        given = push(erp, "erp", "legal_entity", [row], Act("push", "test"))
        assert [one.outcome for one in given] == ["accepted"], given

    for number, code in (("n1", "A"), ("n2", "B"), ("n3", "C"), ("n4", "D")):
        company(number, code)
    found = web.get("/v1/legal-entities").json["results"]
    ids = {one["record"]["code"]: one["golden_id"] for one in found}
    for child, parent in (("B", "A"), ("C", "B"), ("D", "C")):
        move(web, "tax", to(ids[child], ids[parent], "2026-01-01"))

    def standing(query: str = "") -> dict[str, list[str]]:
        day = f"as_of=2026-05-05&{query}"
        return {code: path(web, "tax", one, day) for code, one in ids.items()}

    apart, then = standing(), head(web)
    company("n3", "A")  # C is A: what stood under C stands under A, C's own parent counts no more
    assert standing() == {"A": ["A"], "B": ["A", "B"], "C": ["A"], "D": ["A", "D"]}
    retired = web.get(f"/v1/hierarchies/tax/{ids['C']}/subtree?as_of=2026-05-05").json
    assert (retired["golden_id"], retired["redirected_from"]) == (ids["A"], ids["C"])
    assert sorted(one["code"] for one in retired["nodes"]) == ["A", "B", "D"]
    assert web.get("/v1/hierarchies/tax?as_of=2026-05-05").json["left_out"] != []
    refused(move(web, "tax", to(ids["C"], None, "2026-02-01")), 409, "retired_record", ids["A"])
    refused(move(web, "tax", to(ids["B"], ids["C"], "2026-02-01")), 409, "retired_record")
    assert standing(f"known_at={then}") == apart
    company("n3", "C")
    assert standing() == apart


def test_a_cycle_that_sources_tell_is_left_out_and_named(lite: Web) -> None:
    group = founded(lite)
    tell(lite, "legal_entity", {"code": "1000", "name": "Entity 1000", "parent": "4000"})
    found = lite.get("/v1/hierarchies/legal").json
    assert len(found["roots"]) == len(found["left_out"]) == 1
    below = subtree(lite, "legal", found["roots"][0]["golden_id"])
    assert sorted(code for code, _depth in below) == sorted(group)
    for golden_id in group.values():
        assert path(lite, "legal", golden_id)[0] == found["roots"][0]["code"]
    entity = found["left_out"][0]
    move(lite, "legal", to(entity["golden_id"], None, "2020-01-01"))
    assert lite.get("/v1/hierarchies/legal").json["left_out"] == []
