"""Every command is found by its name, and only what runs is loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_group

from mdm.cli import application
from mdm.commands import NAMES
from mdm.commands.output import answer

MDM = Path(sys.executable).with_name("mdm")


def test_each_file_of_commands_has_the_command_of_its_name() -> None:
    assert set(get_group(application()).commands) == {name.replace("_", "-") for name in NAMES}


def test_finding_duplicates_in_a_file_loads_no_database() -> None:
    said = (
        "import sys; from mdm.cli import application; application('dedupe');"
        " sys.exit('sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0


def _run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a folder of its own."""
    known = {"PATH": "/usr/bin:/bin", "HOME": str(folder), **environment}
    return subprocess.run(
        [MDM, *words], cwd=folder, env=known, capture_output=True, text=True, check=False
    )


def test_every_command_that_does_something_answers_in_json() -> None:
    def leaves(command: object, name: str) -> list[tuple[str, object]]:
        below = getattr(command, "commands", None)
        if below is None:
            return [(name, command)]
        return [one for key, sub in below.items() for one in leaves(sub, f"{name} {key}")]

    without = [
        name
        for name, command in leaves(get_group(application()), "mdm")
        if not any("--json" in option.opts for option in command.params)  # type: ignore[attr-defined] # click's
    ]
    assert without == []


def test_a_failure_is_told_to_people_and_with_json_to_programs_too(tmp_path: Path) -> None:
    (tmp_path / "suppliers.csv").write_text("id,name\n1,Acme\n", encoding="utf-8")
    failed = _run(tmp_path, "load", "csv", "suppliers.csv")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "Database is not ready" in failed.stderr
    failed = _run(tmp_path, "load", "csv", "suppliers.csv", "--json")
    assert json.loads(failed.stdout)["error"]["code"] == "database_not_ready"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("load", "csv"), "Missing argument 'paths'."),
        (("load", "csv", "gone.csv"), "'gone.csv' does not exist."),
        (("rebuild", "--moments", "few"), "Invalid value for '--moments'"),
        (("rebuild",), "say --check"),
        (("rejects", "shwo"), "No such command 'shwo'."),
        (("lode",), "No such command 'lode'."),
        (("--nonsense",), "No such option"),
    ],
)
def test_wrong_usage_is_told_to_programs_too(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    in_words, failed = _run(tmp_path, *words), _run(tmp_path, *words, "--json")
    assert (in_words.returncode, in_words.stdout, failed.returncode) == (2, "", 2)
    (line,) = failed.stdout.splitlines()
    told = json.loads(line)["error"]
    assert (told["code"], told["title"]) == ("wrong_usage", "Wrong usage")
    assert said in told["detail"]
    assert failed.stderr


def test_asking_a_database_that_is_not_there_makes_none(tmp_path: Path) -> None:
    failed = _run(tmp_path, "rejects", "list")
    assert failed.returncode == 1
    assert "no database sqlite:///mdm.db" in " ".join(failed.stderr.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("MDM_DATABASE_URL", "postgresql+psycopg://u:hush@127.0.0.1:1/x", "u:***@127.0.0.1:1/x"),
        ("MDM_DATABASE_URL", "sqlite:///{here}/text.db", "file is not a database"),
        ("MDM_DATABASE_URL", "nonsense", "MDM_DATABASE_URL is no address"),
        ("MDM_CORES", "many", "MDM_CORES is 'many'"),
        ("MDM_CONFIG", "{here}/gone", "which is no folder"),
    ],
)
def test_a_setting_that_cannot_be_is_named_in_words(
    tmp_path: Path, setting: str, value: str, said: str
) -> None:
    (tmp_path / "text.db").write_text("no database, but longer than the head of one " * 9)
    _run(tmp_path, "init")
    failed = _run(tmp_path, "config", "diff", "--json", **{setting: value.format(here=tmp_path)})
    assert failed.returncode == 1
    assert said in json.loads(failed.stdout)["error"]["detail"]
    assert "Traceback" not in failed.stderr
    assert "hush" not in failed.stdout + failed.stderr


def test_a_difference_is_shown_whole_where_nobody_sets_a_width(tmp_path: Path) -> None:
    long = "cards" * 40
    (tmp_path / "sources").mkdir()
    own = f"name: cards\nextends: csv\ndescription: {long}\n"
    (tmp_path / "sources" / "cards.yaml").write_text(own)
    _run(tmp_path, "init")
    assert long in _run(tmp_path, "config", "diff", MDM_CONFIG=str(tmp_path)).stdout


def test_an_encoding_that_nobody_knows_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "suppliers.csv").write_text("id,name\n1,Acme\n", encoding="utf-8")
    refused = _run(tmp_path, "load", "csv", "suppliers.csv", "--encoding", "klingon")
    assert (refused.returncode, "klingon" in refused.stderr) == (2, True)


def test_words_in_brackets_are_told_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    facts = {
        "unmapped_columns": ["[draft] note", "b"],
        "nothing": [],
        "key": None,
        "notes": ["One.", "Two."],
        "columns": {"id": None, "name": ["Firma", "Name 2"]},
    }
    answer(facts, False, "[a]")
    assert capsys.readouterr().out.splitlines() == [
        "[a]",
        "  unmapped columns  [draft] note, b",
        "  nothing           none",
        "  key               none",
        "  notes             One. Two.",
        "  columns           id none; name Firma, Name 2",
    ]


def test_settings_show_no_password(tmp_path: Path) -> None:
    told = _run(tmp_path, "settings", "--json", MDM_BROKER_URL="mqtts://hub:secret@broker:8883")
    settings = json.loads(told.stdout)
    assert settings["MDM_BROKER_URL"] == "mqtts://hub:***@broker:8883"
    assert (settings["MDM_CONFIG"], settings["MDM_CORES"]) == (None, 0)


def test_settings_tell_what_each_means(tmp_path: Path) -> None:
    settings = json.loads(_run(tmp_path, "settings", "--json").stdout)
    meanings = settings.pop("meanings")
    assert meanings.keys() == settings.keys()
    assert meanings["MDM_CORES"].startswith("Worker processes of a load")
