"""Countries, currencies, languages, dates, numbers, flags and codes."""

from __future__ import annotations

import pytest

from matching.kinds import KINDS


@pytest.mark.parametrize(
    ("kind", "value", "clean"),
    [
        ("country", "DE", "DE"),
        ("country", "deu", "DE"),
        ("country", "276", "DE"),
        ("country", "Deutschland", "DE"),
        ("country", "Allemagne", "DE"),
        ("country", "U.S.A.", "US"),
        ("country", "United States of America", "US"),
        ("country", "UK", "GB"),
        ("country", "el", "GR"),
        ("country", "Côte d'Ivoire", "CI"),
        ("country", "Kosovo", "XK"),
        ("country", "Narnia", "Narnia"),
        ("currency", "eur", "EUR"),
        ("currency", "978", "EUR"),
        ("currency", "€", "EUR"),
        ("currency", "Euro", "EUR"),
        ("currency", "$", "$"),
        ("language", "EN", "en"),
        ("language", "de_AT", "de"),
        ("language", "deu", "de"),
        ("language", "ger", "de"),
        ("language", "German", "de"),
        ("date", "20260131", "2026-01-31"),
        ("date", "31.01.2026", "2026-01-31"),
        ("date", "2026-01-31T10:00:00Z", "2026-01-31"),
        ("date", "2026-02-31", "2026-02-31"),
        ("decimal", "19.00", "19"),
        ("decimal", "19,5 %", "19.5"),
        ("decimal", "1.234,50", "1234.5"),
        ("decimal", "1,234.50", "1234.5"),
        ("decimal", "12.50-", "-12.5"),
        ("decimal", "0,125", "0.125"),
        ("decimal", "100", "100"),
        ("flag", "X", "true"),
        ("flag", "No", "false"),
        ("choice", "Remit to", "remit_to"),
        ("code", " 000123 ", "000123"),
    ],
)
def test_values_are_cleaned(kind: str, value: str, clean: str) -> None:
    assert KINDS[kind].clean(value, None) == clean


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("country", "Narnia", "is no country of ISO 3166"),
        ("currency", "$", "is no currency of ISO 4217"),
        ("language", "qq", "is no language of ISO 639-1"),
        ("date", "2026-02-31", "is no date of the calendar"),
        ("date", "02/03/2026", "is no date of the calendar"),
        ("decimal", "1,234", "can be read in two ways"),
        ("decimal", "many", "is no number"),
        ("flag", "perhaps", "is neither yes nor no"),
    ],
)
def test_what_is_wrong_is_said(kind: str, value: str, said: str) -> None:
    assert said in str(KINDS[kind].problem(value, None))


def test_codes_are_told_apart_by_zeros_and_punctuation() -> None:
    form = KINDS["code"].match_form
    assert form("0100", None) != form("100", None)
    assert form("1.1", None) != form("11", None)
    assert form("cc 100", None) == form("CC100", None)
