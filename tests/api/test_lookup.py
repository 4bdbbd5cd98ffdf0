"""Lookups: by id, crosswalk key, field and name; pages; days; what was known; redirects."""

from __future__ import annotations

import pytest

from mdm.decisions import Said, say, unsay
from mdm.domains import DOMAINS
from mdm.push import push
from mdm.store import find
from mdm.store.transaction import Act, transaction
from tests.api.web import Web


def test_a_source_key_leads_to_its_golden_record_with_or_without_leading_zeros(web: Web) -> None:
    told = web.get("/v1/suppliers/by/csv/0000000042")
    short = web.get("/v1/suppliers/by/csv/42")
    assert told.status_code == 200
    assert told.json["record"]["name"] == "Zephyr Textilwerke GmbH"
    assert set(told.json) == {
        "golden_id",
        "domain",
        "version",
        "status",
        "valid_from",
        "valid_to",
        "validity",
        "record",
    }
    assert short.json == told.json
    assert web.get(f"/v1/suppliers/{told.json['golden_id']}").json == told.json


def test_a_source_key_may_hold_a_slash(web: Web) -> None:
    assert web.get("/v1/suppliers/by/csv/a/b").json["record"]["name"] == "Quintus Papier AG"


def test_an_account_is_served_masked_with_its_fingerprint_only(web: Web) -> None:
    answer = web.get("/v1/suppliers/by/csv/42")
    account = answer.json["record"]["bank_accounts"][0]["account"]
    assert set(account) == {"masked", "fingerprint"}
    assert "370400440532013000" not in answer.text


def test_the_same_record_again_is_304(web: Web) -> None:
    first = web.get("/v1/suppliers/by/csv/42")
    again = web.get("/v1/suppliers/by/csv/42", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_records_are_found_by_the_values_of_fields(web: Web) -> None:
    for query in ("number=DE136695976", "number=de 136 695 976", "city=hamburg&country=DE"):
        names = [one["record"]["name"] for one in web.get(f"/v1/suppliers?{query}").json["results"]]
        assert "Zephyr Textilwerke GmbH" in names, query
    assert web.get("/v1/suppliers?number=DE999999999").json["results"] == []


def test_an_account_is_found_by_its_number(web: Web) -> None:
    found = web.get("/v1/suppliers?account=DE89 3704 0044 0532 0130 00").json["results"]
    assert [one["record"]["name"] for one in found] == ["Zephyr Textilwerke GmbH"]


@pytest.mark.parametrize(
    "asked", ["vat_number=DE136695976", "number=DE136695976", "iban=DE89 3704 0044 0532 0130 00"]
)
def test_a_search_field_may_be_named_as_what_it_is_compared_as(web: Web, asked: str) -> None:
    (found,) = web.get(f"/v1/suppliers?{asked}").json["results"]
    assert found["record"]["name"] == "Zephyr Textilwerke GmbH"


def test_a_subscriber_searches_only_by_what_it_sees(web: Web) -> None:
    assert web.get("/v1/suppliers?vat_number=DE136695976", "subscriber").json["results"]
    for asked in ("iban=DE89370400440532013000", "account=DE89370400440532013000", "phone=1"):
        refused = web.get(f"/v1/suppliers?{asked}", "subscriber")
        assert (refused.status_code, refused.json["code"]) == (400, "bad_request")
        assert "account," not in refused.json["detail"]
    assert web.get("/v1/suppliers?q=DE89370400440532013000").json["results"]
    hidden = web.get("/v1/suppliers?q=DE89370400440532013000", "subscriber")
    assert hidden.json["results"] == []


def test_a_name_with_a_typing_error_is_found(web: Web) -> None:
    found = web.get("/v1/suppliers?q=Zephyr Textilwerk").json["results"]
    assert "Zephyr Textilwerke GmbH" in [one["record"]["name"] for one in found]


@pytest.mark.parametrize(
    "asked", ["nordwind", "Nordwind Logistik", "logistik nordwind", "Müller Nordwind"]
)
def test_a_name_is_found_by_the_word_that_tells_most_wherever_it_stands(
    web: Web, asked: str
) -> None:
    named = "Müller Nordwind Logistik GmbH"
    rows = [{"id": "n", "name": named, "country": "DE"}]
    push(web.hub, "csv", "supplier", rows, Act("push", "test"))
    for role in ("auditor", "subscriber"):
        found = web.get(f"/v1/suppliers?q={asked}", role).json["results"]
        assert [one["record"]["name"] for one in found] == [named]
    assert web.get("/v1/suppliers?q=Nordwind Textilien").json["results"] == []


def test_pages_hold_every_record_once_in_the_order_of_ids(web: Web) -> None:
    whole = [one["golden_id"] for one in web.get("/v1/suppliers?limit=500").json["results"]]
    seen: list[str] = []
    path = "/v1/suppliers?limit=3"
    while path:
        page = web.get(path)
        seen += [one["golden_id"] for one in page.json["results"]]
        link = page.headers.get("Link")
        assert (page.json["next"] is None) == (link is None)
        path = link.partition(">")[0][1:] if link else ""
    assert seen == whole == sorted(whole)


def test_a_cursor_opens_no_other_list(web: Web) -> None:
    cursor = web.get("/v1/suppliers?limit=1").json["next"]
    assert web.get(f"/v1/suppliers?limit=1&country=DE&cursor={cursor}").status_code == 400
    assert web.get(f"/v1/suppliers?limit=1&cursor=x{cursor}").status_code == 400


def test_a_dated_code_answers_with_the_slice_of_the_day(web: Web) -> None:
    path = "/v1/tax-codes/by/csv/" + _dated_key(web)
    then = web.get(path + "?as_of=2020-12-31").json
    assert (then["record"]["rate"], then["valid_from"], then["valid_to"]) == (
        "16",
        "2020-07-01",
        "2021-01-01",
    )
    assert web.get(path + "?as_of=2021-01-01").json["record"]["rate"] == "19"
    assert web.get(path + "?as_of=2019-01-01").json["record"] is None
    assert len(web.get(path + "?slices=all").json["record"]["slices"]) == 2


def _dated_key(web: Web) -> str:
    golden_id = web.get("/v1/tax-codes").json["results"][0]["golden_id"]
    keys = web.get(f"/v1/tax-codes/{golden_id}/crosswalk").json["keys"]
    return str(keys[0]["source_key"].partition("@")[0])


def test_what_the_hub_knew_then_is_answered(web: Web) -> None:
    before = web.get("/v1/suppliers/by/csv/42").json
    at = web.get(f"/v1/suppliers/{before['golden_id']}/history").json["versions"][0]["at"]
    act = Act("push", "test")
    push(web.hub, "csv", "supplier", [{"id": "0000000042", "name": "Zephyr Neu AG"}], act)
    path = f"/v1/suppliers/{before['golden_id']}"
    assert web.get(path).json["version"] == before["version"] + 1
    assert web.get(f"{path}?known_at={at}").json == before
    assert web.get(f"{path}?known_at=2001-01-01T00:00:00Z").status_code == 404


def test_a_retired_id_answers_the_survivor_until_the_merge_is_taken_back(web: Web) -> None:
    one = web.get("/v1/suppliers/by/csv/42").json
    other = web.get("/v1/suppliers/by/csv/a/b").json
    supplier = DOMAINS["supplier"]
    with web.hub.database.read() as connection:
        told = find.told_by_key(connection, "supplier", "csv", ["0000000042", "a/b"])
    left, right = told["0000000042"].id, told["a/b"].id
    with transaction(web.hub.database, Act("decision", "test", "supplier")) as tx:
        number = say(tx, web.hub, Said("same", supplier, (left,), (right,)))
    answers = {key: web.get(f"/v1/suppliers/{key}").json for key in _ids(one, other)}
    survivors = {answer["golden_id"] for answer in answers.values()}
    assert len(survivors) == 1
    retired = (set(answers) - survivors).pop()
    assert answers[retired]["redirected_from"] == retired
    assert "redirected_from" not in answers[survivors.pop()]
    with transaction(web.hub.database, Act("withdraw", "test", "supplier")) as tx:
        unsay(tx, web.hub, number)
    for was in (one, other):
        now = web.get(f"/v1/suppliers/{was['golden_id']}").json
        assert now["record"]["name"] == was["record"]["name"]
        assert "redirected_from" not in now


def _ids(*answers: dict[str, str]) -> list[str]:
    return [answer["golden_id"] for answer in answers]


def test_many_keys_are_resolved_at_once_in_their_order(web: Web) -> None:
    keys = [
        {"domain": "supplier", "source": "csv", "key": "nobody"},
        {"domain": "suppliers", "source": "csv", "key": "42"},
    ]
    found = web.post("/v1/resolve", "auditor", json={"keys": keys}).json["results"]
    assert found[0]["golden_id"] is None
    assert found[1]["golden_id"] == web.get("/v1/suppliers/by/csv/42").json["golden_id"]


def test_every_value_names_its_source_and_rule(web: Web) -> None:
    golden_id = web.get("/v1/suppliers/by/csv/42").json["golden_id"]
    told = web.get(f"/v1/suppliers/{golden_id}/lineage").json
    assert told["fields"]["name"] == {
        "source": "csv",
        "source_key": "0000000042",
        "rule": "only",
        "sentence": "Only one source record tells it.",
        "value": "Zephyr Textilwerke GmbH",
        "trust": 40,
        "candidates": [],
    }
    assert [one["source_key"] for one in told["members"]] == ["0000000042"]


def test_a_subscriber_sees_what_is_published_to_it_and_nothing_else(web: Web) -> None:
    whole = web.get("/v1/suppliers/by/csv/42").json
    path = f"/v1/suppliers/{whole['golden_id']}"
    seen = web.get(path, "subscriber").json
    with web.hub.database.read() as connection:
        held = find.published_one(connection, "coupa", whole["golden_id"])
    assert held is not None
    assert web.get(path, "subscriber").text.endswith(f'"record":{held[3]}}}')
    assert "bank_accounts" not in seen["record"]
    for origin in ("history", "lineage", "crosswalk"):
        assert web.get(f"{path}/{origin}", "subscriber").status_code == 403


def test_a_key_of_a_record_outside_the_subscription_is_answered_as_one_that_nobody_has(
    web: Web,
) -> None:
    person = {"id": "77", "name": "Walk-in guest", "country": "DE", "one_time": "true"}
    push(web.hub, "csv", "supplier", [person], Act("push", "test"))
    golden_id = web.get("/v1/suppliers/by/csv/77").json["golden_id"]
    refused = web.get("/v1/suppliers/by/csv/77", "subscriber")
    assert refused.status_code == 404
    assert refused.json["detail"] == "No supplier of source 'csv' has the key '77'."
    assert golden_id not in refused.text


def test_a_subscriber_s_search_gives_full_pages_whose_cursors_name_no_record_of_others(
    web: Web,
) -> None:
    rows = [
        {"id": f"p{n}", "name": f"Person {n}", "country": "NO", "one_time": str(n % 3 > 0).lower()}
        for n in range(12)
    ]
    push(web.hub, "csv", "supplier", rows, Act("push", "test"))
    outside = {
        one["golden_id"].partition("_")[2]
        for one in web.get("/v1/suppliers?country=NO").json["results"]
        if one["record"]["one_time"]
    }
    sizes, path = [], "/v1/suppliers?country=NO&limit=2"
    page = web.get(path, "subscriber").json
    while page["next"]:
        sizes.append(len(page["results"]))
        assert page["next"].partition(".")[0] not in outside
        page = web.get(f"{path}&cursor={page['next']}", "subscriber").json
    assert [*sizes, len(page["results"])] == [2, 2]
