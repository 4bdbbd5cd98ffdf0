"""Bank accounts: an IBAN, or an account number as its country writes it."""

from __future__ import annotations

from matching.kinds import iban
from matching.kinds.code import compacted, placeholder
from matching.kinds.kind import Kind

FEWEST, MOST = 3, 34


def clean(value: str, country: str | None) -> str:
    """The account without spaces and punctuation, in capitals; leading zeros stay."""
    return iban.clean(value, country)


def problem(value: str, country: str | None) -> str | None:
    """Says what is wrong with the account, without quoting it."""
    number = compacted(value)
    if iban.is_like(number):
        return iban.problem(number, country)
    if placeholder(number):
        return "The account number is a placeholder: one character repeated."
    if not FEWEST <= len(number) <= MOST:
        return (
            f"The account number has {len(number)} characters; it should have {FEWEST} to {MOST}."
        )
    return None


def match_form(value: str, country: str | None) -> str:
    """The account in lower case."""
    return clean(value, country).lower()


KIND = Kind("bank_account", clean, problem, match_form)
