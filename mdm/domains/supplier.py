"""Suppliers: whom the company buys from and pays."""

from mdm.model.domain import Domain, Mastering
from mdm.model.field import Child, Field, Privacy, Survive

PERSONAL, PROTECTED = Privacy.PERSONAL, Privacy.PROTECTED
RECENT, LONGEST, FREQUENT = Survive.RECENT, Survive.LONGEST, Survive.FREQUENT

SUPPLIER = Domain(
    name="supplier",
    path="suppliers",
    prefix="sup",
    meaning="Somebody the company buys from and pays.",
    mastering=Mastering.FUZZY,
    fields=(
        Field("name", "company_name", "Legal name.", required=True, lookup=True, match="name"),
        Field("natural_person", "flag", "A sole trader: the name is a person's."),
        Field(
            "country",
            "country",
            "Country of the seat, ISO 3166 alpha-2.",
            FREQUENT,
            lookup=True,
            match="country",
        ),
        Field("language", "language", "Language of correspondence, ISO 639-1."),
        Field("email", "email", "General mail address.", RECENT, lookup=True, match="email"),
        Field("phone", "phone", "General phone number, E.164.", RECENT, lookup=True, match="phone"),
        Field("website", "website", "Web domain.", RECENT, lookup=True, match="website"),
        Field("lei", "lei", "Legal entity identifier, ISO 17442.", lookup=True, match="lei"),
        Field("duns", "code", "D-U-N-S number.", lookup=True),
        Field("one_time", "flag", "A collective account for one-time vendors; never matched."),
        Field(
            "status",
            "choice",
            "State of business.",
            group="state",
            choices=("active", "blocked", "retired"),
        ),
        Field("block_reason", "text", "Why it is blocked, as the source says.", group="state"),
    ),
    children=(
        Child(
            "names",
            "nam",
            "Other names it goes by.",
            key=("kind", "language", "name"),
            fields=(
                Field(
                    "kind", "choice", "What the name is.", choices=("legal", "trading", "former")
                ),
                Field("language", "language", "Language or script of the name, ISO 639-1."),
                Field("name", "company_name", "The name.", match="name"),
            ),
        ),
        Child(
            "tax_registrations",
            "tax",
            "Numbers it is registered under for tax.",
            key=("country", "kind", "number"),
            fields=(
                Field("country", "country", "Country of registration."),
                Field(
                    "kind",
                    "choice",
                    "What the number is.",
                    choices=("vat", "tax", "gst", "ein", "other"),
                ),
                Field(
                    "number",
                    "tax_number",
                    "The number, without punctuation.",
                    lookup=True,
                    match="tax_number",
                    match_by_kind=(("vat", "vat_number"),),
                ),
            ),
        ),
        Child(
            "addresses",
            "adr",
            "Where it is, by usage.",
            key=("usage", "street", "postcode"),
            fields=(
                Field(
                    "usage",
                    "choice",
                    "What the address is for.",
                    choices=("legal", "remit_to", "order", "delivery", "other"),
                ),
                Field("street", "street", "Street and house number.", match="street"),
                Field("city", "city", "City.", lookup=True, match="city"),
                Field("postcode", "postcode", "Postal code.", lookup=True, match="postcode"),
                Field("region", "text", "State or province."),
                Field("country", "country", "Country, ISO 3166 alpha-2."),
            ),
        ),
        Child(
            "bank_accounts",
            "bnk",
            "Where it is paid.",
            key=("account",),
            fields=(
                Field("country", "country", "Country of the account."),
                Field(
                    "account",
                    "bank_account",
                    "IBAN, or the account number.",
                    privacy=PROTECTED,
                    lookup=True,
                    match="iban",
                ),
                Field("bank_code", "code", "National bank code, with an account number."),
                Field("bic", "bic", "BIC of the bank."),
                Field("currency", "currency", "Currency of the account."),
                Field("holder", "text", "Account holder, where it differs.", privacy=PERSONAL),
            ),
        ),
        Child(
            "contacts",
            "con",
            "People to talk to.",
            key=("email", "name"),
            fields=(
                Field("role", "text", "What the person does."),
                Field("name", "person_name", "The person's name.", privacy=PERSONAL),
                Field("email", "email", "Mail address.", privacy=PERSONAL),
                Field("phone", "phone", "Phone number, E.164.", privacy=PERSONAL),
            ),
        ),
        Child(
            "companies",
            "cmp",
            "Terms of each legal entity that deals with it.",
            key=("legal_entity",),
            scoped=True,
            fields=(
                Field(
                    "legal_entity",
                    "code",
                    "The legal entity.",
                    reference="legal_entity",
                    lookup=True,
                ),
                Field("payment_terms", "code", "Payment terms."),
                Field("currency", "currency", "Currency of the account."),
                Field("payment_method", "text", "Payment methods."),
                Field("payment_block", "flag", "Payments are blocked."),
                Field("blocked", "flag", "Postings are blocked."),
                Field("reconciliation_account", "code", "Reconciliation account in the ledger."),
                Field(
                    "status",
                    "choice",
                    "State in this legal entity.",
                    choices=("active", "blocked", "retired"),
                ),
            ),
        ),
    ),
)
