"""What Prometheus is told."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from tests.api.web import Web


def told(web: Web) -> dict[str, dict[str, float]]:
    """Every gauge of the hub, by its labels joined."""
    families = text_string_to_metric_families(web.get("/metrics", None).text)
    return {
        family.name: {" ".join(one.labels.values()): one.value for one in family.samples}
        for family in families
        if family.name.startswith("mdm_") and not family.name.startswith("mdm_http_")
    }


def test_what_waits_in_the_hub_is_counted(web: Web) -> None:
    before = told(web)
    assert set(before) == {
        "mdm_tasks_open",
        "mdm_rejects_open",
        "mdm_outbox_pending",
        "mdm_outbox_refused",
        "mdm_loads_stopped",
    }
    open_tasks = web.get("/v1/tasks?limit=500").json["results"]
    assert before["mdm_tasks_open"]["supplier possible_duplicate"] == len(
        [one for one in open_tasks if one["kind"] == "possible_duplicate"]
    )
    row = {"id": "new", "name": "Neu AG", "country": "CH"}
    web.post("/v1/sources/csv/suppliers", json=[row, {"name": "Without a key"}])
    after = told(web)
    assert after["mdm_rejects_open"] == {"supplier csv": 1}  # labels come in their order
    pending = "mdm_outbox_pending"
    assert after[pending]["coupa"] == before[pending]["coupa"] + 1
