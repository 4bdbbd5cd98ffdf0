"""Versions over HTTP: those of source records, how any two differ, and what one message led to."""

from __future__ import annotations

from typing import Any

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
