"""Versions over HTTP: of source records and links, how any two differ, what one message led to."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from tests.api.web import SUPPLIERS, Web

KEY = "/v1/suppliers/by/csv/0000000042"


def told(web: Web, **said: Any) -> Any:
    """The first supplier told again, as a message of its own."""
    row = {**SUPPLIERS[0], **said}
    answer = web.post(
        "/v1/sources/csv/suppliers", json=[row], headers={"X-Correlation-ID": f"m-{len(said)}"}
    )
    assert answer.status_code == 200
    return web.get(KEY).json


def test_source_records_are_told_with_every_version_and_its_act(web: Web) -> None:
    golden_id = web.get(KEY).json["golden_id"]
    then = web.get(f"/v1/suppliers/{golden_id}/history").json["versions"][0]["recorded_at"]
    told(web, name="Zephyr Textil AG")
    told(web, name="Zephyr Textil AG", phone="+49 30 1234567")
    path = f"/v1/suppliers/{golden_id}/sources"
    (record,) = web.get(path).json["records"]
    assert (record["source"], record["source_key"]) == ("csv", "0000000042")
    versions = record["versions"]
    assert [one["version"] for one in versions] == [3, 2, 1]
    assert [one["changed"] for one in versions[:2]] == [["phone"], ["name"]]
    assert [one["correlation_id"] for one in versions[:2]] == ["m-2", "m-1"]
    assert {one["act"] for one in versions} == {"push"}
    assert all(one["mapping_version"] for one in versions)
    assert versions[1]["record"]["name"] == "Zephyr Textil AG"
    (earlier,) = web.get(f"{path}?known_at={then}").json["records"]
    assert [one["version"] for one in earlier["versions"]] == [1]
    assert "DE89370400440532013000" not in web.get(path).text


def test_any_two_versions_are_compared_path_by_path(web: Web) -> None:
    golden_id = web.get(KEY).json["golden_id"]
    told(web, name="Zephyr Textil AG")
    after = told(web, name="Zephyr Textil SE", phone="+49 30 1234567", street="Ring 7")
    path = f"/v1/suppliers/{golden_id}/difference"
    found = web.get(f"{path}?from=1&to={after['version']}").json
    changes = {one["path"]: (one["before"], one["after"]) for one in found["changes"]}
    assert changes["record/name"] == ("Zephyr Textilwerke GmbH", "Zephyr Textil SE")
    assert changes["record/phone"] == (None, "+49301234567")
    back = web.get(f"{path}?from={after['version']}&to=1").json["changes"]
    turned = {one["path"]: (one["after"], one["before"]) for one in back}
    assert turned == changes
    assert web.get(f"{path}?from=2&to=2").json["changes"] == []


def test_a_version_that_there_is_not_is_named(lite: Web) -> None:
    golden_id = lite.get(KEY).json["golden_id"]
    path = f"/v1/suppliers/{golden_id}/difference"
    missing = lite.get(f"{path}?from=1&to=9")
    assert (missing.status_code, missing.json["code"]) == (404, "not_found")
    assert "no version 9; it has 1 to 1" in missing.json["detail"]
    for query in ("from=1", "from=one&to=1", "from=1&to=-1"):
        assert lite.get(f"{path}?{query}").status_code == 400
    assert lite.get(path.replace("sup_", "sup_a")).status_code in (400, 404)
    assert lite.get(f"{path}?from=1&to=1", "subscriber").status_code == 403
    assert lite.get(f"/v1/suppliers/{golden_id}/sources", "subscriber").status_code == 403


def test_all_that_one_message_led_to_is_found_by_its_correlation_id(web: Web) -> None:
    golden = told(web, name="Zephyr Textil AG")
    found = web.get("/v1/audit?correlation_id=m-1").json["results"]
    assert {one["correlation_id"] for one in found} == {"m-1"}
    assert golden["golden_id"] in {one["subject"] for one in found}
    one = web.get(f"/v1/audit?correlation_id=m-1&subject={golden['golden_id']}").json["results"]
    assert [each["entry"]["happened"] for each in one] == ["changed"]
    assert web.get("/v1/audit?correlation_id=m-7").json["results"] == []


def test_a_records_trace_leads_from_what_arrived_to_each_message_and_its_outcome(web: Web) -> None:
    golden_id = told(web, name="Zephyr Textil AG")["golden_id"]
    told(web, name="Zephyr Textil SE", phone="+49 30 1234567")
    path = f"/v1/suppliers/{golden_id}/trace"
    found = web.get(path).json
    assert found["golden_id"] == golden_id
    assert [one["correlation_id"] for one in found["steps"]][:2] == ["m-2", "m-1"]
    (step,) = web.get(f"{path}?correlation_id=m-1").json["steps"]
    (arrived,), (became,) = step["arrived"], step["became"]
    assert (arrived["source_key"], arrived["record"]["name"]) == ("0000000042", "Zephyr Textil AG")
    assert (became["version"], became["record"]["name"]) == (2, "Zephyr Textil AG")
    assert {one["data"]["record"]["name"] for one in step["sent"]} == {"Zephyr Textil AG"}
    assert {(one["state"], one["sent_at"]) for one in step["sent"]} == {("pending", None)}
    assert "DE89370400440532013000" not in web.get(path).text
    first = web.get(f"{path}?limit=1").json
    again = web.get(f"{path}?limit=1&cursor={first['next']}").json
    assert [first["steps"][0], again["steps"][0]] == found["steps"][:2]
    assert web.get(f"{path}?correlation_id=m-7").json["steps"] == []
    assert web.get(path, "subscriber").status_code == 403


def test_links_are_told_as_described_with_who_made_them(web: Web) -> None:
    golden_id = web.get("/v1/suppliers/by/csv/R0").json["golden_id"]
    path = f"/v1/suppliers/{golden_id}/links"
    (link,) = web.get(path).json["results"]
    ends = [link[end]["source_key"] for end in ("left", "right")]
    assert (ends, link["result"], link["made_by"]) == (["L0", "R0"], "possible_match", "automatic")
    told(web, id="R0", name="Albatros Maschinenbau AG", street="Ring 7", city="Bern")
    answer = web.get(path)
    said = web.client.get("/openapi.json").get_json()["paths"]
    operation = said["/v1/{domain}/{golden_id}/links"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator(schema).validate(answer.json)
    assert [one["scored"] for one in answer.json["results"][-1]["earlier"]] == [link["scored"]]
    assert web.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_links_lead_on_from_page_to_page(lite: Web) -> None:
    path = f"/v1/suppliers/{lite.get('/v1/suppliers/by/csv/L0').json['golden_id']}/links"
    whole = lite.get(path).json["results"]
    found, following = [], f"{path}?limit=2"
    while following:
        page = lite.get(following)
        found += page.json["results"]
        following = page.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert len(whole) > 2
    assert found == whole


def test_links_name_what_they_do_not_understand(lite: Web) -> None:
    path = f"/v1/suppliers/{lite.get(KEY).json['golden_id']}/links"
    for query in ("cursor=x", "cursor=1", f"cursor=1-{10**18}", "limit=0", "as_of=2026-01-31"):
        assert lite.get(f"{path}?{query}").status_code == 400, query
    assert lite.get(path, "subscriber").json["code"] == "refused"
    assert lite.get(path.replace("sup_", "sup_a")).status_code == 404
