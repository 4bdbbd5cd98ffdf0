"""Kinds of value, a file each; a domain's field names its kind."""

from matching.kinds import city, company_name, legal_form, person_name, postcode, street, text
from matching.kinds.kind import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        city.KIND,
        company_name.KIND,
        legal_form.KIND,
        person_name.KIND,
        postcode.KIND,
        street.KIND,
        street.ADDRESS,
        text.KIND,
    )
}

__all__ = ["KINDS", "Kind"]
