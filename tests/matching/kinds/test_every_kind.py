"""What holds for every kind of value."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matching import kinds
from matching.kinds import KINDS
from mdm.domains import DOMAINS

COUNTRIES = [None, "DE", "US", "CH", "GB", "GR", "NO", "IN", "XX"]


def test_every_kind_that_a_domain_names_is_there() -> None:
    named = {
        field.kind
        for domain in DOMAINS.values()
        for fields in (domain.fields, *(child.fields for child in domain.children))
        for field in fields
    }
    assert named <= set(KINDS)


def test_every_file_here_holds_the_kind_of_its_name() -> None:
    files = {path.stem for path in Path(kinds.__file__).parent.glob("*.py")}
    assert files - {"__init__", "kind"} == set(KINDS)
    assert all(KINDS[name].name == name for name in KINDS)
    assert KINDS.get("colour") is None
    assert "colour" not in KINDS


@pytest.mark.parametrize("name", sorted(KINDS))
@given(value=st.text(max_size=60), country=st.sampled_from(COUNTRIES))
@example(value="", country=None)
@example(value="\x00", country="DE")
@example(value="１２３٣", country="DE")
@example(value="-" * 500, country=None)
def test_no_value_is_too_strange(name: str, value: str, country: str | None) -> None:
    kind = KINDS[name]
    assert isinstance(kind.clean(value, country), str)
    assert isinstance(kind.match_form(value, country), str)
    wrong = kind.problem(value, country)
    assert wrong is None or wrong.endswith(".")


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"legal_form"}))
@given(value=st.text(max_size=40), country=st.sampled_from(COUNTRIES))
def test_a_clean_value_stays_as_it_is(name: str, value: str, country: str | None) -> None:
    clean = KINDS[name].clean
    once = clean(value, country)
    assert clean(once, country) == once
