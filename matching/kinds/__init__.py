"""Kinds of value, a file each; a domain's field names its kind."""

from matching.kinds import (
    bank_account,
    bic,
    choice,
    city,
    code,
    company_name,
    country,
    currency,
    date,
    decimal,
    email,
    flag,
    iban,
    language,
    legal_form,
    lei,
    person_name,
    phone,
    postcode,
    street,
    tax_number,
    text,
    vat_number,
    website,
)
from matching.kinds.kind import Kind, remembering

KINDS: dict[str, Kind] = {
    kind.name: remembering(kind)
    for kind in (
        bank_account.KIND,
        bic.KIND,
        choice.KIND,
        city.KIND,
        code.KIND,
        company_name.KIND,
        country.KIND,
        currency.KIND,
        date.KIND,
        decimal.KIND,
        email.KIND,
        flag.KIND,
        iban.KIND,
        language.KIND,
        legal_form.KIND,
        lei.KIND,
        person_name.KIND,
        phone.KIND,
        postcode.KIND,
        street.KIND,
        street.ADDRESS,
        tax_number.KIND,
        text.KIND,
        vat_number.KIND,
        website.KIND,
    )
}

__all__ = ["KINDS", "Kind"]
