"""`mdm rebuild --check`, as a person types it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from matching.rules import dump
from mdm.cli import application
from mdm.store import configuration
from mdm.store.hub import Hub, rules_of
from mdm.store.transaction import transaction
from tests.mdm.commands.test_rules import suppliers
from tests.mdm.test_rematch import ACT, by_an_earlier_engine, by_probability

__all__ = ["suppliers"]  # the fixture


def told(exit_code: int) -> dict[str, Any]:
    """What the check answers with --json."""
    words = ["rebuild", "--check", "--moments", "3", "--json"]
    done = CliRunner().invoke(application(), words)
    assert done.exit_code == exit_code, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def in_words() -> str:
    """What the check tells a person."""
    return CliRunner().invoke(application(), ["rebuild", "--check", "--moments", "0"]).stdout


@pytest.mark.usefixtures("suppliers")
def test_a_check_of_everything_that_finds_nothing_is_clean() -> None:
    said = told(0)
    assert (said["clean"], said["unchecked"], said["differences"]) == (True, [], [])
    assert "No difference." in in_words()


def test_a_domain_that_another_engine_matched_is_not_called_clean(suppliers: Hub) -> None:
    by_an_earlier_engine(suppliers, lambda rules: rules)
    said = told(1)
    assert (said["clean"], said["unchecked"], said["differences"]) == (False, ["suppliers"], [])
    assert said["outdated"]
    assert "Not compared: suppliers." in in_words()


def test_a_domain_whose_re_match_is_underway_is_not_called_clean(suppliers: Hub) -> None:
    with suppliers.database.read() as connection:
        rules = by_probability(rules_of(connection, suppliers, "supplier"))
    with transaction(suppliers.database, ACT) as tx:
        configuration.activate(tx, "rules", "supplier", dump(rules), rematched=False)
    said = told(1)
    assert (said["clean"], said["unchecked"], said["differences"]) == (False, ["suppliers"], [])
    assert said["underway"]
