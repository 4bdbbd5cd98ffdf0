"""The engine has a number: hubs match anew what an engine of another number matched."""

from __future__ import annotations

from hashlib import blake2b
from itertools import combinations

from matching.engines.local import match_batch
from matching.online import compare, prepare
from matching.rules import ENGINE, default_rules
from tests.matching.made import suppliers

RULES = default_rules(secret=b"engine")
GIVES = {1: "afa25b33affabb36", 2: "9196720d8c609b37"}
"""What each engine gives, as a hash; only that of the engine as it is now is checked."""


WHOLE = {
    "name": "Müller & Söhne GmbH",
    "person_name": "Dr. Hans-Peter Müller",
    "street": "Hauptstr. 1a",
    "city": "Köln",
    "postcode": "50667",
    "country": "DE",
    "vat_number": "DE 136695976",
    "tax_number": "143/268/31107",
    "lei": "529900T8BM49AURSDO55",
    "iban": "DE89 3704 0044 0532 0130 00",
    "phone": "0221 1234567",
    "email": "info@mueller.example",
    "website": "www.mueller.example",
    "birth_date": "1970-01-31",
}


def rows() -> list[dict[str, str | None]]:
    """Rows that hold every kind of value, alike and different."""
    parts: list[dict[str, str | None]] = [
        {name: value for name, value in WHOLE.items() if name != gone} for gone in WHOLE
    ]
    spelled: list[dict[str, str | None]] = [
        {"name": "World Wide Fund (WWF)", "street": "Calle Mayor Nº 5", "city": "Vienna"},
        {
            "name": "WWF - World Wide Fund e.V. in Liquidation",
            "street": "C/ Mayor 5",
            "city": "Wien",
        },
        {"name": "Zarkon Werke h.o.d.n. PHU Foo Sp. j.", "city": "The Hague"},
    ]
    return [*suppliers(100).to_dicts(), *parts, *spelled]


def test_what_the_engine_gives_changes_only_with_its_number() -> None:
    forms = [prepare(row, RULES) for row in rows()]
    pairs = list(combinations(forms, 2))
    said = compare([one for one, _ in pairs], [other for _, other in pairs], RULES)
    told = blake2b(digest_size=8)
    for form in forms:
        told.update(repr(sorted(set(form.keys))).encode())
    told.update(said.verdict.tobytes() + said.probability.round(6).tobytes())
    assert GIVES[ENGINE] == told.hexdigest(), (
        "Keys or likenesses differ from those of this engine. If they are meant to, raise ENGINE in"
        " matching/rules.py and note here what it gives."
    )


def test_who_meets_whom_hangs_on_no_secret() -> None:
    table = suppliers(3000).drop("id", "cluster_id")
    met = [
        match_batch(table, default_rules(secret=secret), threads=1) for secret in (b"one", b"other")
    ]
    one, other = (set(zip(each.left.tolist(), each.right.tolist(), strict=True)) for each in met)
    assert one == other
