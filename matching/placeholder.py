"""Values that stand for "not known": how they are compared, and how often a body tells them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import polars as pl

from matching.columns import told
from matching.forms import CLEANED, nobodys
from matching.kinds import company_name, street
from matching.rules import Rules
from matching.vocabulary import PLACEHOLDER_WORDS

ANY_FIELD = "value"
"""Where the rules list the values that stand for nothing in whatever field."""


def name_form(value: str) -> str:
    """The own words of a name."""
    return company_name.match_form(value, None)


def street_form(value: str) -> str:
    """The words of a street without a house number; one with a number stands somewhere."""
    parts = street.parts(value)
    return "" if parts.number else "".join(parts.words)


FORMS: Mapping[str, Callable[[str], str]] = {"name": name_form, "street": street_form, **CLEANED}
"""How a value of each field is compared with the placeholders."""


def stands_for_nothing(field: str, form: str, rules: Rules) -> bool:
    """Whether a compared form is a placeholder: listed, or one character over and over."""
    if field == "name":
        words = form.split()
        return form in rules.placeholders.get("name", ()) or PLACEHOLDER_WORDS.issuperset(words)
    if field == "street":
        return form in rules.placeholders.get(ANY_FIELD, ())
    return nobodys(field, form, rules)


def counted(columns: pl.DataFrame, rules: Rules) -> Counter[tuple[str, str]]:
    """How many values of a body are placeholders, by field and compared form."""
    found: Counter[tuple[str, str]] = Counter()
    for field, form_of in FORMS.items():
        counts = told(columns, field).values.value_counts(name="count")
        for value, count in counts.iter_rows():
            form = form_of(value)
            if form and stands_for_nothing(field, form, rules):
                found[field, form] += count
    return found
