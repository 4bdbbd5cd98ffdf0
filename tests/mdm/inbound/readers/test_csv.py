"""CSV: what is a row, what is a row with a problem, what is a file that cannot be read."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm.errors import BadConfiguration, UnknownName, UnreadableFile
from mdm.inbound.readers import Row, open_rows


def read(path: Path, **options: object) -> list[Row]:
    return [row for chunk in open_rows(path, "csv", options) for row in chunk]


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "suppliers.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_row_is_its_cells_by_column(tmp_path: Path) -> None:
    rows = read(written(tmp_path, "id,name\n007,Müller\n8,\n"))
    assert [row.payload for row in rows] == [
        {"id": "007", "name": "Müller"},
        {"id": "8", "name": ""},
    ]
    assert [row.line for row in rows] == [2, 3]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_headers(tmp_path: Path, delimiter: str) -> None:
    path = written(tmp_path, f"id{delimiter}name\r\n1{delimiter}A\r\n")
    assert read(path)[0].payload == {"id": "1", "name": "A"}


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    assert read(written(tmp_path, b"\xef\xbb\xbfid,name\n1,A\n"))[0].payload == {
        "id": "1",
        "name": "A",
    }


def test_a_cell_may_hold_delimiters_quotation_marks_and_line_breaks(tmp_path: Path) -> None:
    rows = read(written(tmp_path, 'id,name\n1,"A, ""B""\nC"\n2,D\n'))
    assert rows[0].payload == {"id": "1", "name": 'A, "B"\nC'}
    assert rows[1] == Row(4, {"id": "2", "name": "D"})


def test_a_row_with_too_many_cells_is_kept_as_it_stands(tmp_path: Path) -> None:
    rows = read(written(tmp_path, 'id,name\n1,A,x\n2,"B\nC",y\n3,D\n'))
    assert [row.payload for row in rows] == ["1,A,x", '2,"B\nC",y', {"id": "3", "name": "D"}]
    assert rows[0].problem == "The row has 3 cells; the header has 2."


def test_a_row_whose_quotation_marks_do_not_fit_is_kept_and_the_next_is_read(
    tmp_path: Path,
) -> None:
    rows = read(written(tmp_path, 'id,name\n1,"A"x\n2,B\n'))
    assert rows[0].payload == '1,"A"x'
    assert rows[0].problem is not None
    assert rows[1].payload == {"id": "2", "name": "B"}


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    assert len(read(written(tmp_path, "id,name\n\n1,A\n\n"))) == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n\nid,name\n1,A\n", 4),
        ("sep=;\nid;name\n1;A\n", 3),
        ("sep=|\r\nid|name\r\n1|A\r\n", 3),
        ("id,name\r1,A\r", 2),
    ],
)
def test_what_spreadsheets_write_before_the_header_is_passed_over(
    tmp_path: Path, text: str, line: int
) -> None:
    (row,) = read(written(tmp_path, text), required=["id"])
    assert (row.payload, row.line) == ({"id": "1", "name": "A"}, line)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"id,name\n1,M\xfcller\n", "line 2, byte 4"),
        ("id,name\n1,A\n".encode("utf-16"), "UTF-16"),
        (b"name\nA\n", "'id' is missing"),
        (b"id,id\n1,2\n", "more than once"),
        (b'id,name\n1,A\n2,"B\n3,C\n', "line 3"),
        (b'id,name\n1,"' + b"x\n" * 100_000, "never closed"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_what_next(
    tmp_path: Path, content: bytes, said: str
) -> None:
    with pytest.raises(UnreadableFile, match=said) as raised:
        read(written(tmp_path, content), required=["id"])
    assert raised.value.facts["file"] == str(tmp_path / "suppliers.csv")


def test_a_declared_encoding_is_used(tmp_path: Path) -> None:
    path = written(tmp_path, "id,name\n1,Müller\n".encode("cp1252"))
    assert read(path, encoding="cp1252")[0].payload == {"id": "1", "name": "Müller"}


def test_of_alternative_columns_one_is_enough(tmp_path: Path) -> None:
    assert read(written(tmp_path, "key,name\n1,A\n"), required=[["id", "key"], "name"])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"gone\.csv"):
        read(tmp_path / "gone.csv")


def test_unknown_formats_and_options_are_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="json_lines"):
        open_rows(tmp_path, "parquet")
    with pytest.raises(BadConfiguration, match="delimiter"):
        open_rows(tmp_path, "csv", {"separator": ","})


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=20))
def test_it_reads_every_row_that_says_something_as_pythons_csv_writes_it(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str, str]]
) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([("a", "b", "c"), *cells])
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_text(buffer.getvalue(), encoding="utf-8", newline="")
    assert [row.payload for row in read(path, delimiter=",")] == [
        dict(zip("abc", row, strict=True)) for row in cells if any(row)
    ]


def test_rows_of_delimiters_alone_are_no_rows(tmp_path: Path) -> None:
    rows = read(written(tmp_path, b"id;name;city\n;;\n1;Acme;Bonn\n;;\n;\n;;\n"))
    assert [(row.line, row.problem) for row in rows] == [(3, None)]


def test_a_wrong_encoding_is_told_how_to_say_the_right_one(tmp_path: Path) -> None:
    path = written(tmp_path, "id,name\n1,Müller\n".encode("cp1252"))
    with pytest.raises(UnreadableFile, match="mdm load --encoding cp1252"):
        read(path)
