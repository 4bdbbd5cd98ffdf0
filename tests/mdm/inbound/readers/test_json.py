"""JSON answers and JSON lines: every shape of list, and files that are cut off."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm.errors import UnreadableFile
from mdm.inbound.readers import Answer, Row, documents, open_rows

ROWS = [{"id": "1", "name": "Müller"}, {"id": "2", "nested": {"value": [1, 2.5, None]}}]


def read(path: Path, format: str = "json", **options: object) -> list[Row]:
    return [row for chunk in open_rows(path, format, options, 2) for row in chunk]


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "export.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "answer",
    [
        ROWS,
        {"d": {"results": ROWS}},
        {"d": {"__count": "2", "results": ROWS, "__next": "https://x"}},
        {"d": ROWS},
        {"@odata.context": "x", "value": ROWS, "@odata.nextLink": "y"},
        {"links": [{"rel": "self"}], "count": 2, "hasMore": False, "items": ROWS, "offset": 0},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_every_kind_of_answer_gives_its_rows(
    tmp_path: Path, answer: object, indent: int | None
) -> None:
    rows = read(written(tmp_path, json.dumps(answer, indent=indent)))
    assert [row.payload for row in rows] == ROWS
    assert [row.line for row in rows] == [1, 2]


def test_pages_after_one_another_are_one_export(tmp_path: Path) -> None:
    page = json.dumps({"items": ROWS})
    for between in ("", "\n", ",\n"):
        assert len(read(written(tmp_path, page + between + page))) == 4


@pytest.mark.parametrize(
    ("answer", "more", "total"),
    [
        ({"d": {"__count": "9", "results": ROWS, "__next": "https://x"}}, "__next", 9),
        ({"@odata.count": 7, "value": ROWS, "@odata.nextLink": "y"}, "@odata.nextLink", 7),
        ({"hasMore": True, "items": ROWS, "totalResults": 5}, "hasMore", 5),
        ({"hasMore": False, "items": ROWS}, "", 0),
        (ROWS, "", 0),
        ([{"hasMore": True, "name": "a field of a row"}], "", 0),
    ],
)
def test_what_an_answer_says_of_its_pages_is_told(
    tmp_path: Path, answer: object, more: str, total: int
) -> None:
    said = Answer()
    list(open_rows(written(tmp_path, json.dumps(answer)), "json", answer=said))
    assert (said.more, said.total) == (more, total)


def test_of_pages_after_one_another_the_last_says_whether_more_follow(tmp_path: Path) -> None:
    first, last = (json.dumps({"items": ROWS, "hasMore": more}) for more in (True, False))
    for pages, more in ((first + last, ""), (last + first, "hasMore")):
        said = Answer()
        list(open_rows(written(tmp_path, pages), "json", answer=said))
        assert said.more == more


def test_an_empty_list_has_no_rows(tmp_path: Path) -> None:
    assert read(written(tmp_path, '{"value": []}')) == []


def test_a_declared_path_leads_to_the_rows(tmp_path: Path) -> None:
    answer = json.dumps({"reply": {"suppliers": ROWS}, "items": [{"id": "no row"}]})
    rows = read(written(tmp_path, answer), rows="reply.suppliers")
    assert [row.payload for row in rows] == ROWS


def test_what_is_no_object_is_kept_with_a_problem(tmp_path: Path) -> None:
    rows = read(written(tmp_path, '[{"id": 1}, "x", 3]'))
    assert [row.payload for row in rows] == [{"id": 1}, '"x"', "3"]
    assert [row.problem is None for row in rows] == [True, False, False]


def test_integers_past_two_to_the_53_stay_exact(tmp_path: Path) -> None:
    assert read(written(tmp_path, '[{"id": 300000000000000123456}]'))[0].payload == {
        "id": 300000000000000123456
    }


def test_an_error_answer_is_no_export(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="error answer"):
        read(written(tmp_path, '{"error": {"code": "401"}}'))


@pytest.mark.parametrize("cut", [2, 9, 30, 45, 50])
def test_a_file_that_is_cut_off_is_named_with_its_row(tmp_path: Path, cut: int) -> None:
    text = json.dumps([{"id": number, "name": "x"} for number in range(4)])
    with pytest.raises(UnreadableFile, match=r"export\.json, row \d+: .*export it again"):
        read(written(tmp_path, text[:cut]))


def test_what_is_no_json_is_named_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="row 2"):
        read(written(tmp_path, '[{"id": 1}; {"id": 2}]'))


def test_a_wrong_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="line 2"):
        read(written(tmp_path, b'[{"id": 1},\n{"name": "M\xfcller"}]'))


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"nested too deep|middle of this row"):
        read(written(tmp_path, "[" + '{"a":' * 200_000))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.lists(st.dictionaries(st.text(max_size=4), JSON, max_size=4), max_size=8), st.integers(1, 40)
)
def test_rows_are_the_same_however_the_file_is_cut_into_pieces(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], piece: int
) -> None:
    path = written(tmp_path_factory.mktemp("json"), json.dumps({"value": rows}, ensure_ascii=False))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "PIECE", piece)
        assert [row.payload for row in read(path)] == rows


def test_lines_are_rows_and_a_bad_one_is_kept(tmp_path: Path) -> None:
    path = written(tmp_path, '\ufeff{"id": "1"}\n\n{"id": \n[1]\n{"id": "4"}\n')
    rows = read(path, "json_lines")
    assert [row.payload for row in rows] == [{"id": "1"}, '{"id": ', "[1]", {"id": "4"}]
    assert [row.line for row in rows] == [1, 3, 4, 5]
    assert [row.problem is None for row in rows] == [True, False, False, True]


def test_lines_that_end_in_the_middle_of_one_are_cut_off(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="line 2"):
        read(written(tmp_path, '{"id": "1"}\n{"id": "2'), "json_lines")
