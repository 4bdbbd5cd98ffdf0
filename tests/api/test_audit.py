"""The audit over HTTP: what happened to a subject, by whom, why."""

from __future__ import annotations

from mdm.push import push
from mdm.store.sequencer import sequence
from mdm.store.transaction import Act
from tests.api.web import SUPPLIERS, Web


def test_an_auditor_reads_what_happened_to_a_golden_record(web: Web) -> None:
    act = Act("push", "erp", reason="nightly", correlation_id="night-1")
    push(web.hub, "csv", "supplier", [{**SUPPLIERS[0], "name": "Zephyr Textil AG"}], act)
    golden_id = web.get("/v1/suppliers/by/csv/0000000042").json["golden_id"]
    sequence(web.hub.database, "test")
    first, second = web.get(f"/v1/audit?subject={golden_id}").json["results"]
    assert (first["entry"]["happened"], second["entry"]["happened"]) == ("created", "changed")
    assert second["entry"]["changed"]["name"] == ["Zephyr Textilwerke GmbH", "Zephyr Textil AG"]
    assert (second["actor"], second["correlation_id"]) == ("erp", "night-1")
    assert second["reason"] == "nightly"
    assert first["sequence"] < second["sequence"]
    assert web.get(f"/v1/audit?subject={golden_id}&since=2999-01-01T00:00:00Z").json == {
        "results": [],
        "next": None,
    }


def test_pages_of_the_audit_miss_nothing(web: Web) -> None:
    whole = web.get("/v1/audit?limit=500").json["results"]
    read: list[object] = []
    cursor: str | None = "0"
    while cursor is not None:
        page = web.get(f"/v1/audit?limit=3&cursor={cursor}").json
        read += page["results"]
        cursor = page["next"]
    assert read == whole
    rights = web.get("/v1/audit?subject=client:auditor").json["results"]
    assert [one["entry"]["roles"] for one in rights] == ['["auditor"]']


def test_a_question_that_cannot_be_meant_is_refused(lite: Web) -> None:
    for query in ("since=yesterday", "limit=0", "cursor=x", "actor=ada"):
        assert lite.get(f"/v1/audit?{query}").status_code == 400
