from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from mdm.errors import UnreadableFile
from mdm.inbound.compiled import normal, telling
from mdm.inbound.readers import open_rows
from mdm.inbound.stage import feed_of
from tests.mdm.inbound.arriving import source, take_file


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text", "feed"),
    [
        ("suppliers.csv", "id,name\n", "suppliers"),
        ("Vendors 2026.CSV", "Vendor No;Vendor Name\n", "suppliers"),
        ("x.csv", "id,name,vat_number,iban\n", "suppliers"),
        ("cost_centers.csv", "code,name\n", "cost_centers"),
        ("projects.csv", "code,name\n", "projects"),
        ("tax_codes.csv", "code,scope,rate\n", "tax_codes"),
        ("legal_entities.csv", "code,name\n", "legal_entities"),
        ("suppliers.jsonl", '{"id": "1", "name": "x"}\n', "suppliers"),
    ],
)
def test_a_plain_file_is_known_by_its_name_and_columns(
    tmp_path: Path, name: str, text: str, feed: str
) -> None:
    assert feed_of(source("csv"), written(tmp_path, name, text)).name == feed


def test_what_a_file_says_counts_more_than_its_name(tmp_path: Path) -> None:
    path = written(tmp_path, "vendors.json", '{"d": {"results": [{"ProjectInternalID": "1"}]}}')
    assert feed_of(source("s4"), path).name == "projects"
    path = written(tmp_path, "export.xml", "<?xml version='1.0'?><COSMAS01><IDOC/></COSMAS01>")
    assert feed_of(source("s4"), path).name == "cosmas"


def test_a_table_saved_in_another_format_is_read_by_the_same_lines(tmp_path: Path) -> None:
    path = written(tmp_path, "suppliers.jsonl", '{"id": "1", "name": "x"}\n')
    feed = feed_of(source("csv"), path)
    assert feed.format == "json_lines"
    assert [row.payload for row in next(open_rows(path, feed.format, feed.options))] == [
        {"id": "1", "name": "x"}
    ]


def test_the_domain_decides_where_the_file_does_not_tell(tmp_path: Path) -> None:
    path = written(tmp_path, "export.csv", "code,name\n")
    with pytest.raises(UnreadableFile, match="--domain"):
        feed_of(source("csv"), path)
    assert feed_of(source("csv"), path, "cost-centers").domain == "cost_center"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("number_of_employees,name", "the column 'id' is missing"),
        ("id,title", "the column 'name' is missing (also read: supplier_name"),
    ],
)
def test_a_table_without_its_key_or_a_required_column_is_refused(
    tmp_path: Path, header: str, said: str
) -> None:
    path = written(tmp_path, "suppliers.csv", f"{header}\n1,x\n")
    with pytest.raises(UnreadableFile) as refused:
        feed_of(source("csv"), path)
    assert "suppliers.csv, line 1" in refused.value.detail
    assert said in refused.value.detail


def test_a_file_of_no_known_kind_is_refused_with_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"\.csv"):
        feed_of(source("csv"), written(tmp_path, "suppliers.pdf", "x"))
    with pytest.raises(UnreadableFile, match="is not like any feed"):
        feed_of(source("s4"), written(tmp_path, "x.json", "{}"))
    with pytest.raises(UnreadableFile, match="No such file"):
        feed_of(source("csv"), tmp_path / "none.csv")


def test_a_workbook_is_read_by_the_lines_of_the_plain_table(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("Vendor No", "Vendor Name", "ZIP"), ("0012", "Acme", 80331), (13, "Nord AS", "")):
        sheet.append(row)
    path = tmp_path / "vendors.xlsx"
    book.save(path)
    arrived = take_file("csv", path)
    assert [arrival.source_key for arrival in arrived.arrivals] == ["0012", "13"]
    assert arrived.arrivals[0].told["addresses"][0]["postcode"] == "80331"
    assert [finding.field for finding in arrived.arrivals[1].findings] == ["Vendor No"]


def test_headers_are_understood_as_companies_write_them(tmp_path: Path) -> None:
    text = "Kreditor-Nr.;Firma;Straße/Hausnr;PLZ;Ort;USt-IdNr.\n1;Müller;Weg 1;10115;Berlin;\n"
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="cp1252")
    feed = feed_of(source("csv"), path, "supplier", "cp1252")
    (row,) = next(open_rows(path, feed.format, feed.options))
    assert isinstance(row.payload, dict)
    told = {telling(feed).columns[normal(name)] for name in row.payload}
    assert told == {"id", "name", "street", "postcode", "city", "vat_number"}
    assert row.payload["Firma"] == "Müller"


def test_lines_may_end_as_on_old_macs(tmp_path: Path) -> None:
    path = written(tmp_path, "suppliers.csv", "id,name\r1,Acme\r")
    assert feed_of(source("csv"), path).name == "suppliers"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("suppliers.csv", b"\n \n", "the file is empty"),
        ("suppliers.csv", "id,name\n1,A\n".encode("utf-16-le"), "looks like UTF-16"),
        ("suppliers", b"id,name\n", "files without an ending"),
        ("suppliers.pdf", b"id,name\n", r"files that end in '\.pdf'"),
    ],
)
def test_a_file_that_is_no_text_is_refused_in_words(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFile, match=said):
        feed_of(source("csv"), tmp_path / name)
