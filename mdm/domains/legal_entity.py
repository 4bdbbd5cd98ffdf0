"""Legal entities: the companies that book, pay and are liable."""

from mdm.model.domain import Domain, Mastering
from mdm.model.field import Field

LEGAL_ENTITY = Domain(
    name="legal_entity",
    path="legal-entities",
    prefix="len",
    meaning="A company of the group that books and pays.",
    mastering=Mastering.BY_CODE,
    dated=True,
    gapless=True,
    code=("code",),
    fields=(
        Field("code", "code", "Company code.", required=True, lookup=True),
        Field("name", "company_name", "Legal name.", lookup=True),
        Field("country", "country", "Country, ISO 3166 alpha-2.", lookup=True),
        Field("currency", "currency", "Local currency."),
        Field("region", "code", "Region its data is pinned to."),
        Field("timezone", "text", "IANA time zone that says what today is."),
        Field("lei", "lei", "Legal entity identifier.", lookup=True),
        Field("vat_number", "vat_number", "VAT number.", lookup=True),
        Field(
            "parent", "code", "Legal entity that owns it.", reference="legal_entity", lookup=True
        ),
        Field("status", "choice", "State.", choices=("active", "blocked", "retired")),
        Field("valid_from", "date", "First day it is valid."),
        Field("valid_to", "date", "First day it is no longer valid; null: open."),
    ),
)
