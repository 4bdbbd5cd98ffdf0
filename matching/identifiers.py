"""Compared forms of identifiers and contact values; each is a plain string operation.

They are the same on one value and, in columns, on a million; a property test holds them equal.
"""

from __future__ import annotations

import re

from matching.vocabulary import NO_MAILBOX
from matching.words import ascii_lower

_NOT_ALNUM = re.compile("[^a-z0-9]+")
_NOT_DIGIT = re.compile("[^0-9]+")
_VAT_COUNTRY = re.compile("^[a-z]{2}(?=[a-z0-9]{6})")
_HOST = re.compile(r"(?s)^(?:[a-z]+://)?(?:www\d?\.)?([^/:?#]*).*$")
LONGEST = 120
LOCAL_DIGITS = 7
PHONE_DIGITS = 9


def code(value: str) -> str:
    """Letters and digits of an identifier, in lower case."""
    if value.isascii() and value.isalnum() and len(value) <= LONGEST:
        return value.lower()
    return _NOT_ALNUM.sub("", ascii_lower(value[:LONGEST]))


def vat(value: str) -> str:
    """A VAT number without its country prefix: some systems store it with, some without."""
    return _VAT_COUNTRY.sub("", code(value))


def phone(value: str) -> str:
    """The last nine digits: country and trunk prefixes are written in many ways."""
    digits = _NOT_DIGIT.sub("", value[:LONGEST])
    return digits[-PHONE_DIGITS:] if len(digits) >= LOCAL_DIGITS - 1 else ""


def email(value: str) -> str:
    """The address in lower case; nothing where it is no address, or nobody's."""
    text = ascii_lower(value[:LONGEST]).strip()
    return text if "@" in text and text.partition("@")[0] not in NO_MAILBOX else ""


def mail_domain(form: str) -> str:
    """The domain of a mail address in compared form."""
    return form.rpartition("@")[2]


def host(value: str) -> str:
    """The web domain of an address, without scheme, www and path."""
    text = _HOST.sub(r"\1", ascii_lower(value[:LONGEST]).strip())
    return text if "." in text else ""


def date(value: str) -> str:
    """The digits of a date as written."""
    return _NOT_DIGIT.sub("", value[:LONGEST])


def repeated(form: str) -> bool:
    """One character over and over ("0000000"): never an identifier."""
    return form.count(form[0]) == len(form)
