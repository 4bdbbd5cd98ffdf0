"""Cities are compared under the name they have at home."""

from __future__ import annotations

import pytest

from matching.kinds.city import match_form


@pytest.mark.parametrize(
    ("abroad", "home"),
    [
        ("Vienna", "Wien"),
        ("Cologne", "Köln"),
        ("Munich", "Muenchen"),
        ("Rome", "Roma"),
        ("The Hague", "Den Haag"),
        ("Prague", "Praha"),
        ("Brussels", "Bruxelles"),
        ("Varsovie", "Warszawa"),
    ],
)
def test_a_city_is_the_same_under_its_name_abroad(abroad: str, home: str) -> None:
    assert match_form(abroad, None) == match_form(home, None)


def test_cities_of_unlike_names_stay_apart() -> None:
    assert match_form("Frankfurt am Main", None) != match_form("Frankfurt (Oder)", None)
