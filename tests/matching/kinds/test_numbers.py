"""Numbers of tax, banks and entities: our quick checks answer what the libraries answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import bic as library_bic
from stdnum import iban as library_iban
from stdnum import lei as library_lei
from stdnum.de import vat as german
from stdnum.eu import vat as european
from stdnum.it import iva as italian

from matching.kinds import KINDS, iban, lei, vat_number

VALID_VATS = [
    "ATU13585627", "BE0428759497", "BG175074752", "CY10259033P", "CZ25123891", "DE136695976",
    "DK13585628", "EE100931558", "EL094259216", "ESA13585625", "FI20774740", "FR40303265045",
    "HR33392005961", "HU12892312", "IE6433435F", "IT00743110157", "LT119511515", "LU15027442",
    "LV40003521600", "MT11679112", "NL004495445B01", "PL8567346215", "PT501964843", "RO18547290",
    "SE123456789701", "SI50223054", "SK2022749619", "GB980780684", "NO995525828", "CHE107787577",
]  # fmt: skip
IBANS = [
    "DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606",
    "NL91ABNA0417164300", "NO9386011117947", "ES9121000418450200051332", "BE68539007547034",
    "CH9300762011623852957", "MT84MALT011000012345MTLCAST001S", "AT611904300234573201",
]  # fmt: skip
digits = st.text("0123456789", min_size=1, max_size=14)
characters = st.text("0123456789ABCZ", min_size=1, max_size=30)


@pytest.mark.parametrize("number", VALID_VATS)
def test_real_vat_numbers_are_fine_with_and_without_prefix_and_punctuation(number: str) -> None:
    country = vat_number.country_of(number)
    written = f" {number[:4]}.{number[4:7]}-{number[7:]} "
    assert KINDS["vat_number"].problem(written, None) is None
    assert KINDS["vat_number"].clean(written, country) == number
    if country not in ("CH",):
        assert KINDS["vat_number"].clean(number[2:], country) == number
        assert KINDS["vat_number"].problem(number[2:], country) is None


@given(digits)
def test_german_vat_numbers_are_judged_as_by_the_library(number: str) -> None:
    assert vat_number.is_valid(f"DE{number}", None) == german.is_valid(number)


@given(st.integers(10_000_000, 99_999_999), st.integers(0, 9))
def test_german_check_digits_are_judged_as_by_the_library(body: int, check: int) -> None:
    number = f"{body}{check}"
    assert vat_number.is_valid(f"DE{number}", None) == german.is_valid(number)


@given(st.integers(0, 9_999_999), st.sampled_from(["001", "100", "101", "120", "888"]))
def test_italian_vat_numbers_are_judged_as_by_the_library(body: int, office: str) -> None:
    for check in range(10):
        number = f"{body:07}{office}{check}"
        assert vat_number.is_valid(f"IT{number}", None) == italian.is_valid(number)


@given(st.sampled_from(VALID_VATS), st.data())
def test_a_mistyped_vat_number_is_judged_as_by_the_library(
    number: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(2, len(number) - 1))
    digit = data.draw(st.sampled_from("0123456789"))
    mistyped = number[:place] + digit + number[place + 1 :]
    if number[:2] in ("CH", "NO", "GB"):
        return
    assert vat_number.is_valid(mistyped, None) == european.is_valid(mistyped)


@pytest.mark.parametrize(
    ("value", "country", "said"),
    [
        ("DE123", None, "The VAT number DE123 has 3 digits; one from Germany has 9."),
        ("DE 12345678X", None, "has 8 digits; one from Germany has 9."),
        ("DE136695977", None, "The check digits of the VAT number DE136695977 are wrong"),
        ("DE000000000", None, "is a placeholder"),
        ("NL123", None, "is not written as one from Netherlands: NL, then 9 digits, a B"),
        ("EL12", None, "has 2 digits; one from Greece has 9."),
        ("27AAPFU0939F1ZX", "IN", "is not one that India gives out"),
        ("--", "DE", "has neither letters nor digits."),
    ],
)
def test_what_is_wrong_with_a_vat_number_is_said_in_words(
    value: str, country: str | None, said: str
) -> None:
    wrong = KINDS["vat_number"].problem(value, country)
    assert wrong is not None
    assert said in wrong


def test_the_word_after_swiss_and_norwegian_numbers_is_no_part_of_them() -> None:
    assert KINDS["vat_number"].clean("CHE-107.787.577 MWST", "CH") == "CHE107787577"
    assert KINDS["vat_number"].clean("NO 995 525 828 MVA", "NO") == "NO995525828"


def test_vat_numbers_are_compared_without_their_prefix() -> None:
    form = KINDS["vat_number"].match_form
    assert form("DE 136 695 976", None) == form("136695976", "DE") == "136695976"


@pytest.mark.parametrize("number", IBANS)
def test_real_ibans_are_fine(number: str) -> None:
    written = "IBAN " + " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    assert KINDS["iban"].clean(written, None) == number
    assert KINDS["iban"].problem(written, None) is None
    assert KINDS["bank_account"].problem(number, None) is None


def by_library(number: str) -> bool:
    """What the library says; of Belgian numbers, without its list of banks, which grows old."""
    if not number.startswith("BE"):
        return bool(library_iban.is_valid(number))
    plain = library_iban.is_valid(number, check_country=False)
    return plain and (int(number[4:14]) % 97 or 97) == int(number[14:])


@given(st.sampled_from(IBANS), st.data())
def test_a_mistyped_iban_is_judged_as_by_the_library(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(number) - 1))
    typed = data.draw(st.sampled_from("0123456789ABX"))
    mistyped = number[:place] + typed + number[place + 1 :]
    assert iban.is_valid(mistyped) == by_library(mistyped)


@given(st.sampled_from(["DE", "ES", "BE", "FR", "XX", "GB"]), characters)
def test_any_iban_is_judged_as_by_the_library(country: str, rest: str) -> None:
    assert iban.is_valid(country + rest) == by_library(country + rest)


@given(st.sampled_from(["DE", "ES", "BE", "NO"]), st.text("0123456789", min_size=18, max_size=20))
def test_right_check_digits_are_judged_as_by_the_library(country: str, account: str) -> None:
    length = {"DE": 18, "ES": 20, "BE": 12, "NO": 11}[country]
    body = account.ljust(20, "0")[:length]
    number = country + library_iban.calc_check_digits(f"{country}00{body}") + body
    assert iban.is_valid(number) == by_library(number)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("DE8937040044053201300", "The IBAN has 21 characters; one from Germany has 22."),
        ("DE88370400440532013000", "The check digits of the IBAN are wrong"),
        ("QQ88370400440532013000", "No country writes IBANs that begin with 'QQ'."),
        ("DE8937040044053201300X", "letters or digits where one from Germany has none"),
    ],
)
def test_what_is_wrong_with_an_iban_is_said_without_quoting_it(value: str, said: str) -> None:
    for kind in ("iban", "bank_account"):
        wrong = KINDS[kind].problem(value, None)
        assert wrong is not None
        assert said in wrong
        assert value[4:] not in wrong


def test_an_account_number_keeps_its_zeros_and_is_no_iban() -> None:
    assert KINDS["bank_account"].clean("00-5320 13.000", "US") == "00532013000"
    assert KINDS["bank_account"].problem("0532013000", "US") is None
    assert "placeholder" in str(KINDS["bank_account"].problem("0000000", "US"))
    assert "2 characters" in str(KINDS["bank_account"].problem("12", "US"))


def test_an_iban_that_was_cut_off_is_no_other_account_number() -> None:
    for cut in ("DE00", "DE8937", "FR76 3000"):
        assert "one from" in str(KINDS["bank_account"].problem(cut, None))
    assert KINDS["bank_account"].problem("US12345", "US") is None  # no IBANs there


@given(st.sampled_from(["213800KUD8LAJWSQ9D15", "529900T8BM49AURSDO55"]), st.data())
def test_leis_are_judged_as_by_the_library(number: str, data: st.DataObject) -> None:
    assert lei.is_valid(number)
    place = data.draw(st.integers(0, 19))
    mistyped = number[:place] + data.draw(st.sampled_from("0123456789AX")) + number[place + 1 :]
    assert lei.is_valid(mistyped) == library_lei.is_valid(mistyped) or not mistyped[18:].isdigit()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("DEUTDEFF", None),
        ("DEUTDEFF500", None),
        ("deut de ff xxx", None),
        ("DEUTDEF", "has 7 characters"),
        ("DEUT99FF", "has a digit where its country stands"),
        ("DEUTQQFF", "names the country QQ, which there is not"),
    ],
)
def test_bics_are_judged(value: str, said: str | None) -> None:
    wrong = KINDS["bic"].problem(value, None)
    assert (wrong is None) == (said is None)
    assert said is None or said in str(wrong)
    if said is None:
        assert library_bic.is_valid(value.replace(" ", ""))


def test_a_head_office_is_the_same_with_and_without_its_branch_code() -> None:
    form = KINDS["bic"].match_form
    assert form("DEUTDEFFXXX", None) == form("DEUTDEFF", None)


@pytest.mark.parametrize(
    ("value", "country", "said"),
    [
        ("12-3456789", "US", None),
        ("12-345678", "US", "has 8 digits; one from the United States has 9."),
        ("000000000", "US", "is a placeholder"),
        ("2181508150", "DE", None),
        ("12", "DE", "has 2 characters"),
    ],
)
def test_tax_numbers_are_judged_where_they_can_be(
    value: str, country: str, said: str | None
) -> None:
    wrong = KINDS["tax_number"].problem(value, country)
    assert (wrong is None) == (said is None)
    assert said is None or said in str(wrong)


def test_a_tax_number_that_is_a_vat_number_is_found_with_and_without_its_prefix() -> None:
    form = KINDS["tax_number"].match_form
    assert form("DE 136.695.976", None) == form("136695976", None)
    assert form("ABCDE1234F", "IN") != form("XYCDE1234F", "IN")
