"""Tax numbers other than VAT numbers: each country has several, few of them can be checked."""

from __future__ import annotations

from stdnum.us import ein

from matching.kinds import vat_number
from matching.kinds.code import compacted, placeholder
from matching.kinds.kind import Kind

FEWEST, MOST = 4, 20
EIN_DIGITS = 9


def clean(value: str, country: str | None) -> str:
    """The number without punctuation, in capitals; leading zeros stay."""
    return compacted(value)


def problem(value: str, country: str | None) -> str | None:
    """Says that the number is a placeholder or has a length that no tax number has."""
    number = clean(value, country)
    if not number:
        return "The tax number has neither letters nor digits."
    if placeholder(number):
        return f"The tax number {number} is a placeholder: one character repeated."
    if country == "US":
        return _american(number)
    if not FEWEST <= len(number) <= MOST:
        return f"The tax number {number} has {len(number)} characters; one has {FEWEST} to {MOST}."
    return None


def _american(number: str) -> str | None:
    if len(number) != EIN_DIGITS or not number.isdigit():
        digits = sum(character.isdigit() for character in number)
        return f"The tax number {number} has {digits} digits; one from the United States has 9."
    return None


def ein_problem(value: str) -> str | None:
    """Says that an employer identification number of the United States has no valid prefix."""
    number = compacted(value)
    wrong = _american(number)
    if wrong or ein.is_valid(number):
        return wrong
    return f"The EIN {number} begins with {number[:2]}, which the tax office does not give out."


def match_form(value: str, country: str | None) -> str:
    """Letters and digits in lower case; of what is written as a VAT number, without its prefix."""
    return vat_number.without_prefix(compacted(value)).lower()


KIND = Kind("tax_number", clean, problem, match_form)
