"""Phones, mail and web addresses."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.kinds import KINDS, phone

PLAIN = sorted(phone.PLAIN.items())
national = st.text("0123456789", min_size=4, max_size=12)
written = st.sampled_from(["{}{}", "{} {}", "({}) {}", "{}-{}", "{}/{}"])


def by_library(value: str, country: str | None) -> str | None:
    try:
        number = phonenumbers.parse(value, country)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.ValidationResult.IS_POSSIBLE
    if phonenumbers.is_possible_number_with_reason(number) != possible:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def quickly(value: str, country: str | None) -> str | None:
    return phone._quickly(value, country)


@given(st.sampled_from(PLAIN), national, written)
def test_international_numbers_are_read_as_by_the_library(
    plan: tuple[str, str], rest: str, shape: str
) -> None:
    value = shape.format("+" + plan[0], rest)
    for country in (None, plan[1]):
        found = quickly(value, country)
        assert found is None or found == by_library(value, country)


@given(st.sampled_from(PLAIN), st.sampled_from(["0", "00", ""]), national, written)
def test_national_numbers_are_read_as_by_the_library(
    plan: tuple[str, str], trunk: str, rest: str, shape: str
) -> None:
    value = shape.format(trunk + rest[:3], rest[3:])
    found = quickly(value, plan[1])
    assert found is None or found == by_library(value, plan[1])


@pytest.mark.parametrize(
    ("value", "country", "clean"),
    [
        ("+49 30 1234567", None, "+49301234567"),
        ("030/1234567", "DE", "+49301234567"),
        ("0049 30 1234567", "DE", "+49301234567"),
        ("+49 (0)30 1234567", None, "+49301234567"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("06 12345678", "IT", "+390612345678"),
        ("01 23 45 67 89", "FR", "+33123456789"),
        ("call Joe", "DE", "call Joe"),
    ],
)
def test_phone_numbers_become_e164_where_they_can(
    value: str, country: str | None, clean: str
) -> None:
    assert KINDS["phone"].clean(value, country) == clean


@pytest.mark.parametrize(
    ("value", "country", "said"),
    [
        ("030 1234567", None, "lacks its country's code"),
        ("call Joe", "DE", "is no phone number."),
        ("12", "DE", "has 2 digits"),
    ],
)
def test_what_is_wrong_with_a_phone_number_is_said(
    value: str, country: str | None, said: str
) -> None:
    assert said in str(KINDS["phone"].problem(value, country))


@pytest.mark.parametrize(
    ("value", "clean", "fine"),
    [
        ("Joe.Doe@ACME.com", "Joe.Doe@acme.com", True),
        ("Joe <joe@acme.com>", "joe@acme.com", True),
        ("mailto:joe@acme.co.uk", "joe@acme.co.uk", True),
        ("joe@münchen.de", "joe@münchen.de", True),
        ("joe@acme", "joe@acme", False),
        ("joe acme.com", "joe acme.com", False),
        ("a@b.de; c@d.de", "a@b.de; c@d.de", False),
    ],
)
def test_mail_addresses(value: str, clean: str, fine: bool) -> None:
    assert KINDS["email"].clean(value, None) == clean
    assert (KINDS["email"].problem(value, None) is None) == fine


@pytest.mark.parametrize(
    ("value", "clean", "fine"),
    [
        ("https://www.Acme.com/de/index.html?x=1", "acme.com", True),
        ("http://shop.acme.co.uk:8080", "shop.acme.co.uk", True),
        ("acme.com", "acme.com", True),
        ("none", "none", False),
    ],
)
def test_web_addresses(value: str, clean: str, fine: bool) -> None:
    assert KINDS["website"].clean(value, None) == clean
    assert (KINDS["website"].problem(value, None) is None) == fine
