"""Periods of a code that do not fit together: a task in words, closed by the correction."""

from __future__ import annotations

from pathlib import Path

from mdm.domains import DOMAINS
from mdm.load import LoadReport, LoadRequest, load
from mdm.push import push
from mdm.records import Mode
from mdm.store import tasks
from mdm.store.hub import Hub
from mdm.store.tasks import StoredTask, Wanted
from mdm.store.transaction import Act
from tests.api.test_workbench import signed_in
from tests.api.web import serve

CENTER = {"code": "100", "name": "Sales", "controlling_area": "A1", "legal_entity": "1000"}
TAX = {"code": "V7", "scope": "DE", "country": "DE", "name": "Input tax", "tax_type": "input"}


def tell(hub: Hub, domain: str, start: str, end: str | None, source: str = "csv") -> None:
    """Pushes one period of the code."""
    row = (CENTER if domain == "cost_center" else TAX) | {"valid_from": start, "valid_to": end}
    (answer,) = push(hub, source, domain, [row], Act("push", "test"))
    assert answer.outcome in ("accepted", "unchanged"), answer


def waiting(hub: Hub) -> list[StoredTask]:
    with hub.database.read() as connection:
        return tasks.tasks(connection, Wanted(kind="periods"))


def test_periods_of_one_source_that_overlap_are_told_until_they_are_corrected(hub: Hub) -> None:
    tell(hub, "cost_center", "2020-01-01", "2021-01-01")
    tell(hub, "cost_center", "2020-06-01", "2022-01-01")
    (task,) = waiting(hub)
    assert task.facts["codes"] == ["overlapping_slices"]
    assert "csv has two periods that overlap, from 2020-01-01 and from 2020-06-01" in str(
        task.facts["sentence"]
    )
    tell(hub, "cost_center", "2020-06-01", "2022-01-01")
    assert [one.id for one in waiting(hub)] == [task.id]
    tell(hub, "cost_center", "2020-01-01", "2020-06-01")
    assert waiting(hub) == []


def test_periods_that_overlap_come_to_the_same_in_one_file_and_in_two(
    hub: Hub, tmp_path: Path
) -> None:
    head = "code,name,controlling_area,valid_from,valid_to\n"
    rows = ["100,Sales,A1,2020-01-01,2021-01-01\n", "100,Vertrieb,A1,2020-06-01,\n"]
    file = tmp_path / "cost_centers.csv"

    def read(*lines: str) -> LoadReport:
        file.write_text(head + "".join(lines))
        return load(hub, LoadRequest("csv", [file], Mode.INCREMENTAL, "test"))

    first = read(*rows)
    assert (first.added, first.rejected, first.tasks_opened) == (2, 0, 1)
    before = waiting(hub)
    again = read(*rows)
    assert (again.unchanged, again.rejected, again.tasks_opened) == (2, 0, 0)
    read(rows[1])
    read(rows[0])
    assert waiting(hub) == before


def test_a_gap_is_told_where_the_domain_wants_none(hub: Hub) -> None:
    assert DOMAINS["tax_code"].gapless and not DOMAINS["cost_center"].gapless
    for domain in ("cost_center", "tax_code"):
        tell(hub, domain, "2020-01-01", "2020-07-01")
        tell(hub, domain, "2020-09-01", None)
    (task,) = waiting(hub)
    assert task.domain == "tax_code"
    assert "No period holds from 2020-07-01 up to 2020-09-01" in str(task.facts["sentence"])
    tell(hub, "tax_code", "2020-07-01", "2020-09-01")
    assert waiting(hub) == []


def test_the_queue_leads_to_the_record_and_no_decision_closes_the_task(sqlite_hub: Hub) -> None:
    lite = serve(sqlite_hub)
    tell(lite.hub, "tax_code", "2020-01-01", "2020-07-01")
    tell(lite.hub, "tax_code", "2020-09-01", None)
    (task,) = lite.get("/v1/tasks?kind=periods").json["results"]
    browser, _user = signed_in(lite, "steward")
    page = browser.get(f"/workbench/tasks/{task['id']}").headers["Location"]
    assert page.startswith("/workbench/records/tax-codes/txc_")
    assert "No period holds from 2020-07-01" in browser.get(page).text
    answer = lite.post(
        f"/v1/tasks/{task['id']}/decision",
        json={"decision": "same"},
        headers={"If-Match": f'"{task["version"]}"'},
    )
    assert "have them corrected in csv" in answer.json["detail"]
