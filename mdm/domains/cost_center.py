"""Cost centers: where a cost is booked."""

from mdm.model.domain import Domain, Mastering
from mdm.model.field import Child, Field

TEXTS = Child(
    "texts",
    "txt",
    "Names in further languages.",
    key=("language",),
    fields=(
        Field("language", "language", "Language of the text, ISO 639-1."),
        Field("name", "text", "Name in this language."),
        Field("description", "text", "Description in this language."),
    ),
)

COST_CENTER = Domain(
    name="cost_center",
    path="cost-centers",
    prefix="cct",
    meaning="A place in the organisation where cost is booked.",
    mastering=Mastering.BY_CODE,
    dated=True,
    code=("controlling_area", "code"),
    requires=("legal_entity",),
    fields=(
        Field("code", "code", "Cost center number.", required=True, lookup=True),
        Field(
            "controlling_area",
            "code",
            "Controlling area or chart the number belongs to.",
            lookup=True,
        ),
        Field("name", "text", "Name.", lookup=True),
        Field("description", "text", "Description."),
        Field(
            "legal_entity",
            "code",
            "Legal entity it belongs to.",
            reference="legal_entity",
            lookup=True,
        ),
        Field("profit_center", "code", "Profit center."),
        Field("responsible", "text", "Person responsible."),
        Field("category", "code", "Category."),
        Field("hierarchy_area", "code", "Node of the standard hierarchy."),
        Field("blocked", "flag", "Blocked for posting."),
        Field("status", "choice", "State.", choices=("active", "blocked", "retired")),
        Field("valid_from", "date", "First day it is valid."),
        Field("valid_to", "date", "First day it is no longer valid; null: open."),
    ),
    children=(TEXTS,),
)
