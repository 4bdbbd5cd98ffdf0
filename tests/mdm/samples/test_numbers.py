"""Numbers of the made-up world pass the registers' own tests."""

from __future__ import annotations

import random

import pytest
from stdnum import get_cc_module, iban
from stdnum.au import abn
from stdnum.iso7064 import mod_97_10
from stdnum.sg import uen
from stdnum.us import ein

from mdm.samples.numbers import VAT, bank_account, spoiled, tax_number
from mdm.samples.reference import LEGAL_ENTITIES

MODULES = {"ES": "nif", "CH": "vat"}


@pytest.mark.parametrize("country", sorted(VAT))
def test_vat_numbers_and_ibans_are_valid(country: str) -> None:
    rng = random.Random(1)
    module = get_cc_module(country, MODULES.get(country, "vat"))
    assert module is not None
    for _ in range(300):
        assert module.is_valid(VAT[country](rng))
        assert iban.is_valid(bank_account(country, rng).iban)


@pytest.mark.parametrize(("country", "module"), [("AU", abn), ("SG", uen), ("US", ein)])
def test_national_tax_numbers_are_valid(country: str, module: object) -> None:
    rng = random.Random(1)
    numbers = [tax_number(country, "", rng) for _ in range(300)]
    assert all(module.is_valid(number) for number in numbers)  # type: ignore[attr-defined]


def test_a_spoiled_number_differs_in_one_digit() -> None:
    rng = random.Random(1)
    for _ in range(100):
        number = VAT["DE"](rng)
        wrong = spoiled(number, rng)
        assert sum(a != b for a, b in zip(number, wrong, strict=True)) == 1


def test_the_groups_own_companies_have_valid_numbers() -> None:
    for entity in LEGAL_ENTITIES:
        assert not entity.lei or mod_97_10.is_valid(entity.lei)
        if entity.vat:
            module = get_cc_module(entity.country, "vat")
            assert module is not None
            assert module.is_valid(entity.vat)
