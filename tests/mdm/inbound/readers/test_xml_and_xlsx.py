"""XML and workbooks: IDocs, namespaces, attacks, zeros that a spreadsheet lost."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest

from mdm.errors import UnreadableFile
from mdm.inbound.readers import Row, open_rows

IDOC = (
    '<?xml version="1.0"?><CREMAS05><IDOC BEGIN="1"><EDI_DC40 SEGMENT="1">'
    "<DOCNUM>01</DOCNUM></EDI_DC40>"
    '<E1LFA1M SEGMENT="1"><LIFNR>0000100003</LIFNR>'
    '<E1LFB1M SEGMENT="1"><BUKRS>1000</BUKRS></E1LFB1M>'
    '<E1LFB1M SEGMENT="1"><BUKRS>1010</BUKRS></E1LFB1M></E1LFA1M></IDOC>'
    '<IDOC BEGIN="1"><EDI_DC40 SEGMENT="1"><DOCNUM>02</DOCNUM></EDI_DC40></IDOC></CREMAS05>'
)


def read(path: Path, format: str, **options: object) -> list[Row]:
    return [row for chunk in open_rows(path, format, options) for row in chunk]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "export.xml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("options", [{}, {"element": "IDOC"}])
def test_an_idoc_is_a_row_and_one_without_data_is_kept(
    tmp_path: Path, options: dict[str, object]
) -> None:
    rows = read(written(tmp_path, IDOC), "xml", **options)
    assert rows[0].payload == {
        "EDI_DC40": {"DOCNUM": "01"},
        "E1LFA1M": {"LIFNR": "0000100003", "E1LFB1M": [{"BUKRS": "1000"}, {"BUKRS": "1010"}]},
    }
    assert rows[1].problem is not None
    assert "<DOCNUM>02</DOCNUM>" in str(rows[1].payload)


def test_namespaces_are_dropped_and_attributes_kept(tmp_path: Path) -> None:
    text = '<a xmlns="urn:x"><b code="7"><c unit="EUR">5</c><c>6</c></b></a>'
    assert read(written(tmp_path, text), "xml")[0].payload == {
        "@code": "7",
        "c": [{"@unit": "EUR", "#text": "5"}, "6"],
    }


def test_xml_that_is_cut_off_is_named_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="row 2, line 1"):
        read(written(tmp_path, IDOC[:-40]), "xml")


@pytest.mark.parametrize(
    "inside",
    [
        '<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">',
        '<!ENTITY b SYSTEM "file:///etc/hostname">',
    ],
)
def test_xml_with_entities_of_its_own_is_refused(tmp_path: Path, inside: str) -> None:
    text = f"<!DOCTYPE r [{inside}]><r><row><id>&b;</id></row></r>"
    with pytest.raises(UnreadableFile, match="document type"):
        read(written(tmp_path, text), "xml")


def test_a_number_in_a_column_of_text_is_flagged_not_repaired(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (("id", "name", "limit"), ("00123", "A", 1.5), (124, "B", 2), (None, None, None)):
        sheet.append(line)
    path = tmp_path / "suppliers.xlsx"
    book.save(path)
    rows = read(path, "xlsx", required=["id"])
    assert [row.payload for row in rows] == [
        {"id": "00123", "name": "A", "limit": "1.5"},
        {"id": "124", "name": "B", "limit": "2"},
    ]
    assert [row.flags for row in rows] == [(), ("id",)]
    assert read(path, "xlsx", text_columns=["limit"])[0].flags == ("limit",)


def test_a_date_among_cells_that_are_none_is_flagged(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    march = dt.datetime(2024, 3, 1)  # noqa: DTZ001 - as a workbook holds it
    for line in (("id", "changed"), ("7-1", march), (march, march), ("8-1", "soon")):
        sheet.append(line)
    path = tmp_path / "suppliers.xlsx"
    book.save(path)
    assert [row.flags for row in read(path, "xlsx")] == [(), ("id",), ()]


def test_a_workbook_without_a_required_column_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(("name",))  # type: ignore[union-attr]  # a new workbook has a sheet
    path = tmp_path / "suppliers.xlsx"
    book.save(path)
    with pytest.raises(UnreadableFile, match="'id' is missing"):
        read(path, "xlsx", required=["id"])


def test_a_workbook_that_is_a_bomb_is_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "suppliers.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (80 << 20))
    with pytest.raises(UnreadableFile, match="unpacks to"):
        read(path, "xlsx")


def test_a_file_that_is_no_workbook_is_named(tmp_path: Path) -> None:
    path = tmp_path / "suppliers.xlsx"
    path.write_text("id,name")
    with pytest.raises(UnreadableFile, match="not an XLSX workbook"):
        read(path, "xlsx")
