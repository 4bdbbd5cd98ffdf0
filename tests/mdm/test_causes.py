"""Golden records change only along the roads that the registry of causes names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from mdm.causes import CAUSES, QUIET

ROOT = Path(__file__).parents[2]
PARTS = ("mdm", "api", "publishers")
ROADS = {
    "mdm.pipeline": {"apply", "settle", "end_records", "decide_within"},
    "mdm.store.write_golden": {"write_goldens", "TABLES"},
}
"""What writes golden records, by the module that defines it."""
THE_ROAD = "mdm.pipeline"
REHEARSAL = "mdm.guarding"
"""It tries a staged load in a transaction that is always rolled back."""


def modules() -> Iterator[tuple[str, ast.Module, str]]:
    """Every module of the hub: its name, its code as a tree, its text."""
    for part in PARTS:
        for path in sorted((ROOT / part).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            text = path.read_text(encoding="utf-8")
            yield name.removesuffix(".__init__"), ast.parse(text), text


def writers() -> set[str]:
    """The modules that take one of the roads."""
    found = set()
    for name, tree, _text in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                taken = {one.name for one in node.names} & ROADS.get(node.module or "", set())
            else:
                taken = {getattr(node, "attr", "")} & {"write_goldens"}
            if taken:
                found.add(name)
    return found - {THE_ROAD, REHEARSAL}


def acts() -> set[str]:
    """The kinds of all acts that are named anywhere in the code."""
    found = set()
    for _name, tree, _text in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called not in ("Act", "act", "replace"):
                continue
            told = [k.value for k in node.keywords if k.arg == "kind"]
            told += node.args[:1] if called != "replace" else []
            found |= {
                one.value
                for one in told
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
    return found


def test_whoever_writes_golden_records_stands_in_the_registry() -> None:
    assert writers() == {cause.road for cause in CAUSES}


def test_every_act_of_the_log_changes_golden_records_for_a_cause_or_is_quiet() -> None:
    causing = {act for cause in CAUSES for act in cause.acts}
    assert acts() == causing | set(QUIET)
    assert not causing & set(QUIET)


def test_golden_rows_are_written_in_one_place() -> None:
    words = ("INSERT INTO golden", "UPDATE golden", "DELETE FROM golden")
    speaking = {name for name, _tree, text in modules() if any(word in text for word in words)}
    assert speaking == {"mdm.store.write_golden"}
