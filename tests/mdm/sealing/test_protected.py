"""Protected values in documents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm.sealing import Keys, is_protected, mask, protect, reveal

KEYS = Keys([(b"abcd", b"s" * 32)], b"f" * 32, b"h" * 32)


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("DE89370400440532013000", "DE•• •••• 3000"),
        ("NO9386011117947", "NO•• •••• 7947"),
        ("0532013000", "•••• 000"),
        ("123456789012", "•••• 9012"),
        ("12", "••••"),
        ("", "••••"),
    ],
)
def test_a_masked_account_shows_its_country_and_its_end(value: str, masked: str) -> None:
    assert mask(value) == masked


@given(st.text(max_size=40))
def test_a_protected_value_comes_back_and_the_document_does_not_hold_it(value: str) -> None:
    document, sealed = protect(KEYS, value)
    assert reveal(KEYS, sealed) == value
    assert is_protected(document)
    assert not is_protected(value)
    if len(value) > 4:
        assert value not in document["masked"]
        assert value != document["fingerprint"]
