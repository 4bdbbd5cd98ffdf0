"""The README tells only of what is there: its commands, its make targets, its files."""

import re
from pathlib import Path

import typer
from typer.main import get_command

from mdm.cli import application

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOLD, NOT_YET = README.split("Not there yet:")


def _commands() -> set[str]:
    group = get_command(application())
    assert isinstance(group, typer.core.TyperGroup)
    return set(group.commands)


def test_every_command_of_the_readme_exists_and_every_missing_one_is_missing() -> None:
    said = set(re.findall(r"\bmdm ([a-z]+(?:-[a-z]+)*)\b", TOLD))
    assert said - _commands() == set()
    assert set(re.findall(r"`mdm ([a-z-]+)`", NOT_YET)) & _commands() == set()


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)\b", TOLD)) - targets == set()


def test_every_file_of_the_readme_exists() -> None:
    linked = re.findall(r"\]\(([^)#:]+)\)", README)
    tested = re.findall(r"`(tests/[a-z_/.]+)`", README)
    assert [path for path in [*linked, *tested] if not (ROOT / path).exists()] == []
