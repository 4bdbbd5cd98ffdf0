"""The OpenAPI document is made of the code, is valid, and leaves no route out."""

from __future__ import annotations

import re
from typing import Any

from jsonschema import Draft202012Validator

from tests.api.web import Web


def test_the_document_is_openapi_31_and_its_schemas_are_valid(lite: Web) -> None:
    said = lite.client.get("/openapi.json").get_json()
    assert said["openapi"].startswith("3.1")
    for schema in _schemas(said):
        Draft202012Validator.check_schema(schema)
    for reference in re.findall(r'"\$ref": ?"#/([^"]+)"', lite.client.get("/openapi.json").text):
        place: Any = said
        for part in reference.split("/"):
            place = place[part]


def test_every_route_of_the_contract_is_described(lite: Web) -> None:
    paths = lite.client.get("/openapi.json").get_json()["paths"]
    served = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in lite.client.application.url_map.iter_rules()
        if rule.rule.startswith("/v1/")
    }
    assert served == {path for path in paths if path.startswith("/v1/")}
    for path in served:
        for operation in paths[path].values():
            named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))
            assert "default" in operation["responses"]
            assert operation["security"] == [{"key": []}]


def test_tags_are_unique_and_only_the_interface_is_described(lite: Web) -> None:
    said = lite.client.get("/openapi.json").get_json()
    tags = [tag["name"] for tag in said["tags"]]
    assert len(tags) == len(set(tags))
    assert "/" not in said["paths"]


def test_a_push_is_described_with_its_body_and_its_key(lite: Web) -> None:
    said = lite.client.get("/openapi.json").get_json()
    push = said["paths"]["/v1/sources/{source}/{domain}"]["post"]
    assert set(push["requestBody"]["content"]) == {"application/json", "application/x-ndjson"}
    assert "Idempotency-Key" in {one["name"] for one in push["parameters"]}


def test_every_problem_that_an_answer_names_is_listed(lite: Web) -> None:
    known = lite.client.get("/openapi.json").get_json()["x-problems"]
    refused = lite.get("/v1/suppliers?colour=red").json
    assert refused["type"] == f"/docs#problem-{refused['code']}"
    assert known[refused["code"]] == {"status": 400, "title": refused["title"]}
    assert known["internal_error"]["status"] == 500


def test_an_answer_is_as_described(lite: Web) -> None:
    said = lite.client.get("/openapi.json").get_json()
    answer = lite.get("/v1/suppliers/by/csv/42").json
    operation = said["paths"]["/v1/{domain}/by/{source}/{source_key}"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator(schema).validate({**answer, "redirected_from": None})


def test_the_pages_fetch_nothing_from_elsewhere(lite: Web) -> None:
    for path in ("/docs", "/workbench/sign-in", "/static/workbench.css", "/static/docs.js"):
        with lite.client.get(path) as answer:
            assert not re.search(
                r"(?:src|href|url)\W{1,3}(?:https?:)?//", answer.get_data(as_text=True)
            )


def _schemas(said: Any) -> list[Any]:
    if isinstance(said, list):
        return [one for each in said for one in _schemas(each)]
    if not isinstance(said, dict):
        return []
    own = [said["schema"]] if isinstance(said.get("schema"), dict) else []
    return own + [one for each in said.values() for one in _schemas(each)]


def test_the_record_of_every_domain_is_described(lite: Web) -> None:
    schemas = lite.client.get("/openapi.json").get_json()["components"]["schemas"]
    for name in ("Supplier", "CostCenter", "Project", "TaxCode", "LegalEntity"):
        assert schemas[f"{name}Record"]["properties"]["name"]["description"]
        assert f"{name}Record" in schemas["Golden"]["properties"]["record"]["description"]
