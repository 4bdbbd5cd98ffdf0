from __future__ import annotations

import pytest

from mdm.inbound import functions
from mdm.inbound.functions import Unreadable


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T23:59:59Z", "2026-01-31"),
        ("20260131", "2026-01-31"),
        ("31.1.2026", "2026-01-31"),
        ("/Date(1518393600000)/", "2018-02-12"),
        ("/Date(1518393600000+0000)/", "2018-02-12"),
        ("/Date(1518393600000-0060)/", "2018-02-11"),
        ("/Date(-62135596800000+0000)/", None),
        ("/Date(253402300799000+0000)/", None),
        ("/Date(253402214400000)/", None),
        ("9999-12-31", None),
        ("99991231", None),
        ("4712-12-31", None),
        ("2154-12-31", None),
        ("1900-01-01T12:00:00Z", None),
        ("00000000", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_read_as_each_system_writes_it(told: str | None, read: str | None) -> None:
    assert functions.day(told) == read


@pytest.mark.parametrize("told", ["2/3/2026", "20261341", "2026-02-30", "soon", 20260131])
def test_a_date_that_could_mean_two_days_or_none_is_refused(told: object) -> None:
    with pytest.raises(Unreadable, match="write it as 2026-01-31") as refused:
        functions.day(told)
    assert refused.value.code == "unreadable_date"


def test_slashes_are_read_where_the_mapping_says_whose_they_are() -> None:
    assert functions.us_date("3/1/2024") == "2024-03-01"
    assert functions.us_date("3/1/2024 4:05 pm") == "2024-03-01"
    assert functions.eu_date("3/1/2024") == "2024-01-03"
    assert functions.us_date("2024-03-01") == "2024-03-01"


def test_a_last_day_becomes_the_first_day_no_longer_valid() -> None:
    assert functions.next_day("20231231") == "2024-01-01"
    assert functions.next_day("99991231") is None


@pytest.mark.parametrize(
    ("told", "read"),
    [
        *((text, True) for text in ("X", "T", "Y", "Yes", "true", "1", True)),
        *((text, False) for text in ("", "F", "N", "No", "false", "0", False)),
        (None, None),
    ],
)
def test_a_flag_is_read_as_each_system_writes_it(told: object, read: bool | None) -> None:
    assert functions.flag(told) is read


def test_a_flag_that_is_neither_is_refused() -> None:
    with pytest.raises(Unreadable, match="neither yes nor no"):
        functions.flag("perhaps")


def test_padding_goes_only_where_all_are_digits() -> None:
    assert functions.alpha("0000100003") == "100003"
    assert functions.alpha("00A1") == "00A1"
    assert functions.alpha("0000") is None


def test_a_name_cut_at_35_characters_is_put_together_again() -> None:
    first, rest = "Vereinigte Elektrizitaetswerke West", "falen Aktiengesellschaft"
    assert len(first) == 35
    assert functions.unsplit([first, rest, None, ""]) == first + rest
    assert functions.unsplit(["Miller", "and Sons"]) == "Miller and Sons"


def test_idocs_are_ordered_by_serial_then_number() -> None:
    early = functions.idoc_order({"SERIAL": "20241231235959", "DOCNUM": "0000000000000009"})
    late = functions.idoc_order({"CREDAT": "20250101", "CRETIM": "000000", "DOCNUM": "1"})
    later = functions.idoc_order({"CREDAT": "20250101", "CRETIM": "000000", "DOCNUM": "0000000002"})
    assert early is not None and late is not None and later is not None
    assert early < late < later


def test_instants_are_utc_and_sort_as_text() -> None:
    assert functions.instant("2026-01-31T10:00:00+02:00") == "2026-01-31T08:00:00.000000Z"
    assert functions.instant("20141219111501") == "2014-12-19T11:15:01.000000Z"
    assert functions.sap_instant("/Date(1518393600000)/", "PT17H49M05S") == (
        "2018-02-12T17:49:05.000000Z"
    )


def test_sap_languages_become_iso() -> None:
    assert [functions.sap_language(x) for x in ("E", "D", "DE", "")] == ["en", "de", "de", None]
