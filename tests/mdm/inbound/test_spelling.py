"""Numbers are spelt as the kind they turn out to be, and judged before they are sealed."""

from __future__ import annotations

import pytest

from tests.mdm.inbound.arriving import one, take, told


@pytest.mark.parametrize("number", ["DE136695976", "136695976", "DE 136.695.976", "136 695 976"])
def test_a_vat_number_is_published_with_its_prefix_however_it_was_told(number: str) -> None:
    row = {"id": "1", "name": "Acme", "country": "DE", "vat_number": number}
    (registration,) = told("csv", "suppliers", row)["tax_registrations"]
    assert registration["number"] == "DE136695976"


def test_a_wrong_iban_is_kept_with_a_finding_that_does_not_quote_it() -> None:
    row = {"id": "1", "name": "Acme", "country": "DE", "iban": "DE88370400440532013000"}
    arrival = one(take("csv", "suppliers", [row]))
    (finding,) = arrival.findings
    assert (finding.code, finding.field) == ("invalid_bank_account", "bank_accounts.account")
    assert "370400440532013000" not in finding.message
    assert finding.value is None
    assert arrival.told["bank_accounts"][0]["account"]["fingerprint"]
