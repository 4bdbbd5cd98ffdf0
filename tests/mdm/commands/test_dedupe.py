"""`mdm dedupe` on any table."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from mdm.commands import dedupe
from mdm.errors import BadRequest, UnknownName, UnreadableFile, UnwritableFile
from tests.matching.made import suppliers


def run(*arguments: str | Path) -> dict[str, object]:
    """The command's answer; its errors are raised."""
    app = typer.Typer()
    app.callback()(lambda: None)
    dedupe.register(app)
    done = CliRunner().invoke(
        app, ["dedupe", *map(str, arguments), "--json"], catch_exceptions=True
    )
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dedupe") / "suppliers.csv"
    suppliers(2_000, seed=5).drop("cluster_id").write_csv(path)
    return path


def test_every_record_is_in_one_cluster_and_links_carry_evidence(
    file: Path, tmp_path: Path
) -> None:
    out, links = tmp_path / "out.csv", tmp_path / "links.csv"
    said = run(file, "--out", out, "--links", links)
    told = rows(out)
    assert [row["id"] for row in told] == [row["id"] for row in rows(file)]
    assert {row["cluster_id"] for row in told} <= {row["id"] for row in told}
    assert said["records"] == 2_000
    assert said["clusters"] == len({row["cluster_id"] for row in told})
    assert set(rows(links)[0]) == {"left_id", "right_id", "probability", "evidence"}


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_the_answer_does_not_depend_on_the_kind_of_file(
    file: Path, tmp_path: Path, kind: str
) -> None:
    table = pl.read_csv(file, infer_schema=False)
    other = tmp_path / f"suppliers.{kind}"
    (table.write_parquet if kind == "parquet" else table.write_ndjson)(other)
    run(file, "--out", tmp_path / "a.csv")
    run(other, "--out", tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_asked_pairs_can_be_decided_and_decisions_bind(file: Path, tmp_path: Path) -> None:
    ask, out = tmp_path / "ask.csv", tmp_path / "out.csv"
    run(file, "--out", out, "--ask", ask, "--ask-count", "10")
    asked = rows(ask)
    assert len(asked) == 10
    told = tmp_path / "decisions.csv"
    lines = [f"{r['left_id']},{r['right_id']},{at % 2 == 0}" for at, r in enumerate(asked[:1])]
    told.write_text("\n".join(["left_id,right_id,same", *lines]) + "\n", encoding="utf-8")
    run(file, "--out", out, "--decisions", told, "--ask", ask)
    cluster = {row["id"]: row["cluster_id"] for row in rows(out)}
    assert cluster[asked[0]["left_id"]] == cluster[asked[0]["right_id"]]
    again = {(r["left_id"], r["right_id"]) for r in rows(ask)}
    assert (asked[0]["left_id"], asked[0]["right_id"]) not in again


def test_columns_are_found_by_header_and_content_and_said(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    lines = [f"{at},Company {at} Works,info@c{at}.com,{at} High Street" for at in range(20)]
    path.write_text("\n".join(["No,Vendor Name,x1,x2", *lines]), encoding="utf-8")
    said = run(path, "--out", tmp_path / "o.csv")
    assert said["columns"] == {
        "id": "No",
        "name": ["Vendor Name"],
        "email": ["x1"],
        "street": ["x2"],
    }
    assert said["found_by_content"] == ["email", "street"]


def test_wrong_use_is_named(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.csv"
    with pytest.raises(UnknownName, match="nosuch"):
        run(file, "--out", out, "--map", "name=nosuch")
    with pytest.raises(UnknownName, match="shoe"):
        run(file, "--out", out, "--map", "shoe=name")
    with pytest.raises(BadRequest, match="--source"):
        run(file, "--out", out, "--link-only")
    with pytest.raises(UnreadableFile, match="no such file"):
        run(tmp_path / "none.csv", "--out", out)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        ("id,name\n1,M\xfcller\n".encode("latin-1"), "not utf-8"),
        ("id,name\n1,A\n".encode("utf-16"), "UTF-16"),
        (b"id,name\n1,A\n2,B,C\n", "line 3: the row has 3 cells"),
        (b'{"id":1,"name":"A"}\n{"id":', "line 2: it is no JSON object"),
        (b'[{"id":1,"name":"A"}]', "line 1: it is no JSON object"),
    ],
    ids=["empty", "latin-1", "utf-16", "a row too wide", "a cut line", "a list"],
)
def test_bad_files_are_named_with_the_next_step(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / ("bad.jsonl" if "JSON" in said else "bad.csv")
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=said):
        run(path, "--out", tmp_path / "o.csv")


def test_duplicate_ids_are_counted_and_every_row_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text(
        "id,name\n1,Acme Pumps Ltd\n1,Zenith Optics SA\n2,ACME PUMPS\n", encoding="utf-8"
    )
    said = run(path, "--out", tmp_path / "o.csv")
    told = rows(tmp_path / "o.csv")
    assert said["duplicate_ids"] == 1
    assert [row["cluster_id"] for row in told] == ["1", "2", "1"]


def test_persons_are_found_under_names_in_any_order(tmp_path: Path) -> None:
    file, out = tmp_path / "people.jsonl", tmp_path / "out.csv"
    people = [("Hans", "Muster"), ("Hans", "Mustr"), ("Eva", "Kern"), ("Muster", "Hans")]
    file.write_text(
        "\n".join(
            json.dumps({"first_name": given, "last_name": family, "dob": "1970-01-02"})
            for given, family in people
        ),
        encoding="utf-8",
    )
    assert run(file, "--out", out)["columns"] == {
        "id": None, "person_name": ["first_name", "last_name"], "birth_date": ["dob"],
    }  # fmt: skip
    assert [row["cluster_id"] for row in rows(out)] == ["1", "1", "3", "1"]


def test_only_pairs_of_two_sources_are_linked_where_asked(tmp_path: Path) -> None:
    file, links = tmp_path / "two.csv", tmp_path / "links.csv"
    names = [("A", "Zorbatron AG"), ("A", "Zorbatron"), ("B", "Zorbatron AG"), ("B", "Quux Ltd")]
    file.write_text(
        "id,system,name\n" + "".join(f"{n},{s},{name}\n" for n, (s, name) in enumerate(names)),
        encoding="utf-8",
    )
    run(file, "--out", tmp_path / "o.csv", "--links", links, "--source", "system", "--link-only")
    assert {(row["left_id"], row["right_id"]) for row in rows(links)} == {("0", "2"), ("1", "2")}


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_a_file_is_read_in_the_encoding_that_is_told(tmp_path: Path, encoding: str) -> None:
    path, out = tmp_path / "excel.csv", tmp_path / "o.csv"
    text = "Kundennr;Firma;Ort\nK1;Müller Söhne GmbH;Köln\nK2;Mueller Soehne GmbH;Koeln\n"
    path.write_text(text, encoding=encoding)
    assert run(path, "--out", out, "--encoding", encoding)["duplicates"] == 1
    assert [row["cluster_id"] for row in rows(out)] == ["K1", "K1"]


def test_outputs_that_cannot_be_written_are_refused_before_any_work(
    file: Path, tmp_path: Path
) -> None:
    with pytest.raises(UnwritableFile, match="is a folder"):
        run(file, "--out", tmp_path)
    with pytest.raises(UnwritableFile, match="cannot be made"):
        run(file, "--out", file / "o.csv")
    before = file.read_bytes()
    with pytest.raises(BadRequest, match="Name another file"):
        run(file, "--out", file)
    with pytest.raises(BadRequest, match="Name another file"):
        run(file, "--out", tmp_path / "o.csv", "--links", tmp_path / "o.csv")
    assert file.read_bytes() == before


def test_lines_of_decisions_that_decide_nothing_are_counted(file: Path, tmp_path: Path) -> None:
    one, other = (row["id"] for row in rows(file)[:2])
    told = tmp_path / "decided.csv"
    told.write_text(f"left_id,right_id,same\n{one},{other},\n{one},nobody,true\n")
    said = run(file, "--out", tmp_path / "o.csv", "--decisions", told)
    assert [said[f"decisions{kind}"] for kind in ("", "_left_open", "_not_in_file")] == [0, 1, 1]


def test_decisions_that_contradict_each_other_are_named(file: Path, tmp_path: Path) -> None:
    one, two, three = (row["id"] for row in rows(file)[:3])
    told, out = tmp_path / "decided.csv", tmp_path / "o.csv"
    told.write_text(f"left_id,right_id,same\n{one},{two},yes\n{two},{one},no\n")
    with pytest.raises(BadRequest, match=f"{two},{one} both"):
        run(file, "--out", out, "--decisions", told)
    told.write_text(f"left_id,right_id,same\n{one},{two},1\n{two},{three},1\n{one},{three},0\n")
    said = run(file, "--out", out, "--decisions", told)["contradictions"]
    assert isinstance(said, list)
    (named,) = [each for each in said if each["kind"] == "decisions_contradict"]
    assert {one, two, three} <= set(named["ids"])
    assert named["means"] == "Decisions on these records contradict each other."


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\nid;name;ort\n1;Acme Pumps;Ulm\n2;ACME Pumps;Ulm\n",
        "\ufeffid;name;ort\n\n1;Acme Pumps;Ulm\n;;\n2;ACME Pumps;Ulm\n\n",
        "id;name;ort\r1;Acme Pumps;Ulm\r2;ACME Pumps;Ulm\r",
        'id;name;ort\r\n1;"Acme\r\nPumps";Ulm\r\n2;ACME Pumps;Ulm\r\n',
    ],
    ids=["sep=", "empty rows", "old Macs", "lines in a cell"],
)
def test_tables_are_read_as_spreadsheets_write_them(tmp_path: Path, content: str) -> None:
    path, out = tmp_path / "sheet.csv", tmp_path / "o.csv"
    path.write_bytes(content.encode())
    assert run(path, "--out", out)["records"] == 2
    assert [(row["id"], row["cluster_id"]) for row in rows(out)] == [("1", "1"), ("2", "1")]
