"""Keys by which golden records are found: what a new version changes of them."""

from __future__ import annotations

from typing import Any

import pytest

from mdm.domains import DOMAINS
from mdm.store.search_keys import search_keys, turned_keys

SECRET = b"secret"
SUPPLIER = DOMAINS["supplier"]
BEFORE: dict[str, Any] = {
    "name": "Müller & Söhne GmbH",
    "country": "DE",
    "email": "info@mueller.de",
    "addresses": [
        {"id": "adr_1", "city": "Köln", "postcode": "50667"},
        {"id": "adr_2", "city": "Bonn", "postcode": "53111"},
    ],
    "bank_accounts": [{"id": "bnk_1", "account": {"masked": "•• 1", "fingerprint": "abc"}}],
}


@pytest.mark.parametrize(
    "after",
    [
        BEFORE,
        {},
        BEFORE | {"email": "office@mueller.de"},
        BEFORE | {"name": "MUELLER UND SOEHNE GMBH"},
        BEFORE | {"country": "AT"},
        BEFORE | {"phone": "+4922112345"},
        BEFORE | {"addresses": BEFORE["addresses"][1:]},
        BEFORE | {"addresses": [*BEFORE["addresses"][::-1]]},
        BEFORE | {"bank_accounts": [{"id": "bnk_1", "account": {"fingerprint": "def"}}]},
    ],
)
def test_a_version_ends_and_begins_just_the_keys_in_which_it_differs(after: dict[str, Any]) -> None:
    old, new = (search_keys(SECRET, SUPPLIER, one) for one in (BEFORE, after))
    assert turned_keys(SECRET, SUPPLIER, BEFORE, after) == (old - new, new - old)
