"""Tax codes: how a line is taxed, with rates that change over time."""

from mdm.domains.cost_center import TEXTS
from mdm.model.domain import Domain, Mastering
from mdm.model.field import Field

TAX_CODE = Domain(
    name="tax_code",
    path="tax-codes",
    prefix="txc",
    meaning="A code that says how a line is taxed.",
    mastering=Mastering.BY_CODE,
    dated=True,
    gapless=True,
    code=("scope", "code"),
    fields=(
        Field("code", "code", "Tax code.", required=True, lookup=True),
        Field(
            "scope",
            "code",
            "Country or procedure the code is unique in.",
            required=True,
            lookup=True,
        ),
        Field("country", "country", "Country of the tax.", lookup=True),
        Field("name", "text", "Name.", lookup=True),
        Field("rate", "decimal", "Rate in percent."),
        Field("tax_type", "choice", "Direction.", choices=("input", "output", "none")),
        Field("status", "choice", "State.", choices=("active", "blocked", "retired")),
        Field("valid_from", "date", "First day it is valid."),
        Field("valid_to", "date", "First day it is no longer valid; null: open."),
    ),
    children=(TEXTS,),
)
