"""Effective-dated records: periods of several sources as one golden time axis."""

from __future__ import annotations

from tests.mdm.survivorship.groups import cost_center, dated


def periods(document: dict[str, list[dict[str, str]]]) -> list[tuple[str | None, str | None, str]]:
    return [(s.get("valid_from"), s.get("valid_to"), s["name"]) for s in document["slices"]]


def test_a_single_slice_is_the_golden_record() -> None:
    survived = dated(cost_center("s4", "2024-01-01", "2025-01-01", name="Sales"))
    assert periods(survived.document) == [("2024-01-01", "2025-01-01", "Sales")]
    assert survived.findings == []


def test_a_slice_without_days_holds_for_ever() -> None:
    assert periods(dated(cost_center("s4", None, name="Sales")).document) == [(None, None, "Sales")]


def test_the_time_axis_is_cut_where_a_more_trusted_slice_begins() -> None:
    survived = dated(
        cost_center("csv", "2024-01-01", name="Sales"),
        cost_center("s4", "2025-01-01", "2026-01-01", name="Vertrieb"),
    )
    assert periods(survived.document) == [
        ("2024-01-01", "2025-01-01", "Sales"),
        ("2025-01-01", "2026-01-01", "Vertrieb"),
        ("2026-01-01", None, "Sales"),
    ]
    fields = survived.lineage["fields"]
    assert fields["slices/2024-01-01"] == [0, "only"]
    assert fields["slices/2025-01-01/name"] == [1, "trusted"]


def test_equal_neighbours_are_one_slice() -> None:
    survived = dated(
        cost_center("s4", "2024-01-01", "2025-01-01", name="Sales", texts=[german("Vertrieb")]),
        cost_center("s4", "2025-01-01", "2026-01-01", name="Sales", texts=[german("Vertrieb")]),
    )
    assert periods(survived.document) == [("2024-01-01", "2026-01-01", "Sales")]


def german(name: str) -> dict[str, str]:
    return {"language": "de", "name": name}


def test_a_text_keeps_its_id_through_all_slices() -> None:
    survived = dated(
        cost_center("s4", "2024-01-01", "2025-01-01", name="Sales", texts=[german("Vertrieb")]),
        cost_center("s4", "2025-01-01", name="Sales", texts=[german("Verkauf")]),
    )
    ids = {state["texts"][0]["id"] for state in survived.document["slices"]}
    assert len(ids) == 1


def test_gaps_stay_gaps() -> None:
    survived = dated(
        cost_center("s4", "2024-01-01", "2025-01-01", name="Sales"),
        cost_center("s4", "2026-01-01", name="Sales"),
    )
    assert len(survived.document["slices"]) == 2


def test_overlapping_slices_of_one_source_are_cut_and_reported() -> None:
    survived = dated(
        cost_center("s4", "2024-01-01", "2026-01-01", name="Sales"),
        cost_center("s4", "2025-01-01", name="Vertrieb"),
    )
    assert periods(survived.document) == [
        ("2024-01-01", "2025-01-01", "Sales"),
        ("2025-01-01", None, "Vertrieb"),
    ]
    assert [one.code for one in survived.findings] == ["overlapping_slices"]
    assert "taken to end on 2025-01-01" in survived.findings[0].message


def test_an_open_slice_that_the_next_one_ends_is_no_overlap() -> None:
    survived = dated(
        cost_center("s4", "2024-01-01", name="Sales"),
        cost_center("s4", "2025-01-01", name="Vertrieb"),
    )
    assert len(survived.document["slices"]) == 2
    assert survived.findings == []


def test_a_period_that_ends_before_it_starts_is_left_out_and_reported() -> None:
    survived = dated(cost_center("s4", "2025-01-01", "2024-01-01", name="Sales"))
    assert survived.document == {"slices": []}
    assert [one.code for one in survived.findings] == ["period_inverted"]


def test_a_slice_that_its_source_replaced_does_not_hold_any_more() -> None:
    survived = dated(
        cost_center("s4", "2024-01-01", name="Wrong", ended=True),
        cost_center("s4", "2024-02-01", name="Right"),
    )
    assert periods(survived.document) == [("2024-02-01", None, "Right")]


def test_a_code_that_its_only_source_ended_keeps_its_history() -> None:
    survived = dated(cost_center("s4", "2024-01-01", name="Sales", ended=True))
    assert periods(survived.document) == [("2024-01-01", None, "Sales")]
