"""Projects: what a cost is spent for."""

from mdm.domains.cost_center import TEXTS
from mdm.model.domain import Domain, Mastering
from mdm.model.field import Field

PROJECT = Domain(
    name="project",
    path="projects",
    prefix="prj",
    meaning="An undertaking that cost is booked on.",
    mastering=Mastering.BY_CODE,
    dated=True,
    code=("scope", "code"),
    requires=("legal_entity", "cost_center"),
    fields=(
        Field("code", "code", "Project number.", required=True, lookup=True),
        Field("scope", "code", "Company or controlling area the number is unique in.", lookup=True),
        Field("name", "text", "Name.", lookup=True),
        Field("description", "text", "Description."),
        Field(
            "legal_entity",
            "code",
            "Legal entity it belongs to.",
            reference="legal_entity",
            lookup=True,
        ),
        Field(
            "cost_center", "code", "Responsible cost center.", reference="cost_center", lookup=True
        ),
        Field("controlling_area", "code", "Controlling area of the cost center."),
        Field("currency", "currency", "Currency."),
        Field("blocked", "flag", "Blocked for expenses."),
        Field("status", "choice", "State.", choices=("active", "blocked", "retired")),
        Field("valid_from", "date", "First day it is valid."),
        Field("valid_to", "date", "First day it is no longer valid; null: open."),
    ),
    children=(TEXTS,),
)
