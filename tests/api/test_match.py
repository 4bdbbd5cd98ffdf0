"""Records not yet created, matched over HTTP: ranked, explained, never kept."""

from __future__ import annotations

from typing import Any

import pytest

from mdm.asking.match import MOST_COMPARED
from mdm.store import gather
from mdm.store.hub import Hub
from tests.api.web import SUPPLIERS, Web

PATH = "/v1/suppliers/match"
IBAN = "DE89370400440532013000"


def asked(web: Web, *records: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """The answers to these records."""
    answer = web.post(PATH, json={"records": list(records), **more})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json["results"]
    return results


def test_the_golden_record_that_is_meant_comes_first_with_evidence_in_words(web: Web) -> None:
    golden_id = web.get("/v1/suppliers/by/csv/42").json["golden_id"]
    told = {"name": "ZEPHYR Textilwerke", "VAT ID": "DE 136 695 976", "city": "Hamburg"}
    (found,) = asked(web, told)
    best = found["candidates"][0]
    assert (best["golden_id"], best["verdict"]) == (golden_id, "match")
    assert best["probability"] > 0.9
    assert "VAT number" in best["met_by"]
    assert "the same VAT number" in [one["meaning"] for one in best["evidence"]]
    assert found["verdict"] == "match"


def test_the_hubs_own_shape_is_read_too_and_many_at_once_keep_their_order(lite: Web) -> None:
    stranger = {"name": "Nobody Knows Ltd", "country": "GB"}
    shaped = {
        "name": "Zephyr Textilwerke",
        "tax_registrations": [{"kind": "vat", "number": "136695976", "country": "DE"}],
    }
    first, second, third = asked(lite, stranger, shaped, {"name": {"a": 1}})
    assert (first["verdict"], first["candidates"]) == ("no_match", [])
    assert second["verdict"] == "match"
    assert (third["verdict"], third["code"]) == ("unreadable", "wrong_type")
    assert "name" in third["reason"]


def test_the_limit_bounds_the_candidates(lite: Web) -> None:
    told = {"name": "Albatros Maschinenbau", "city": "Hamburg", "country": "DE"}
    assert len(asked(lite, told)[0]["candidates"]) == 2
    assert len(asked(lite, told, limit=1)[0]["candidates"]) == 1


def test_of_many_who_are_called_alike_the_closest_are_compared_and_the_answer_says_so(
    web: Web,
) -> None:
    alike = [
        {"id": f"A{at}", "name": f"Hellerup Handels {at} AG", "country": "DE", "city": "Bonn"}
        for at in range(MOST_COMPARED + 5)
    ]
    alike[-1]["vat_number"] = "DE811907980"
    web.post("/v1/sources/csv/suppliers", json=alike)
    meant = web.get(f"/v1/suppliers/by/csv/{alike[-1]['id']}").json["golden_id"]
    told = {"name": "Hellerup Handels", "city": "Berlin", "vat_number": "DE811907980"}
    (found,) = asked(web, told, limit=50)
    assert found["candidates"][0]["golden_id"] == meant
    assert found["crowded"] == ["start of the name"]
    assert len(found["candidates"]) <= MOST_COMPARED + 1


def test_a_bank_account_is_compared_and_never_said_again(
    web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    answer = web.post(PATH, json={"records": [{"name": "Other name", "iban": IBAN}]})
    best = answer.json["results"][0]["candidates"][0]
    assert (best["verdict"], best["met_by"]) == ("possible_match", ["bank account"])
    wrong = web.post(PATH, json={"records": [{"name": {"iban": IBAN}, "iban": [IBAN]}]})
    assert wrong.json["results"][0]["verdict"] == "unreadable"
    assert IBAN not in answer.text + wrong.text + caplog.text


def test_another_valid_vat_number_under_the_same_name_is_shown_as_a_veto(lite: Web) -> None:
    told = {"name": "Zephyr Textilwerke GmbH", "country": "DE", "vat_number": "DE811907980"}
    told |= {"street": "Hafenstrasse 12", "city": "Hamburg", "postcode": "20457"}
    best = asked(lite, told)[0]["candidates"][0]
    assert (best["veto"], best["verdict"]) == (True, "no_match")


def test_asking_stores_nothing(web: Web) -> None:
    def rows(hub: Hub) -> int:
        with hub.database.read() as connection:
            return len(gather.held_by_id(connection, range(1000)))

    before = rows(web.hub)
    asked(web, {"name": "Zephyr", "iban": "DE02120300000000202051"})
    assert rows(web.hub) == before


def test_codes_answer_by_code(web: Web) -> None:
    path = "/v1/tax-codes/match"
    body = {"records": [{"code": "V1", "scope": "DE"}, {"code": "v1"}, {"code": "X9"}]}
    exact, loose, none = web.post(path, json=body).json["results"]
    golden_id = web.get("/v1/tax-codes").json["results"][0]["golden_id"]
    assert (exact["verdict"], exact["candidates"][0]["golden_id"]) == ("match", golden_id)
    assert loose["candidates"][0]["golden_id"] == golden_id
    assert none["verdict"] == "no_match"


def test_one_record_scores_as_the_batch_scores_it(web: Web) -> None:
    for row in SUPPLIERS:
        assert asked(web, row)[0]["candidates"][0]["source_key"] == row["id"]
    told = {"id": "N1", "name": "Zephyr Textilwerk GmbH", "country": "DE", "city": "Hamburg"}
    told |= {"postcode": "20457", "street": "Hafenstr. 12", "iban": IBAN}
    online = {(one["source_key"]): one for one in asked(web, told)[0]["candidates"]}
    web.post("/v1/sources/csv/suppliers", json=[told])
    with web.hub.database.read() as connection:
        held = gather.held_by_key(connection, "supplier", "csv", ["N1", "0000000042"])
        edges, _ = gather.edges_of(connection, [one.id for one in held.values()])
    (edge,) = edges
    assert round(edge.probability, 6) == online["0000000042"]["probability"]
    assert edge.rules
