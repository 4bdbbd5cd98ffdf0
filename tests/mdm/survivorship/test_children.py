"""Children: united, matched by key, never mixed, with permanent ids."""

from __future__ import annotations

from tests.mdm.survivorship.groups import golden, member

HOME = {"usage": "legal", "street": "Hauptstr. 1", "postcode": "10115", "city": "Berlin"}
SPELT = {"usage": "legal", "street": "Hauptstraße 1", "postcode": "10115", "city": "BERLIN"}
RING = {"usage": "order", "street": "Ring 7", "postcode": "53111", "city": "Bonn"}


def plain(child: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in child.items() if name != "id"}


def test_children_of_all_sources_are_kept_equal_ones_once() -> None:
    document = golden(
        member("s4", "1", name="A", addresses=[HOME]),
        member("csv", "2", name="A", addresses=[SPELT, RING]),
    ).document
    assert [plain(one) for one in document["addresses"]] == [HOME, RING]


def test_an_address_is_never_mixed_from_two_sources() -> None:
    document = golden(
        member("s4", "1", name="A", addresses=[{**HOME, "city": None}]),
        member("csv", "2", name="A", addresses=[{**SPELT, "region": "BE"}]),
    ).document
    (address,) = document["addresses"]
    assert "region" not in address
    assert "city" not in address


def test_terms_survive_field_by_field_within_one_legal_entity() -> None:
    survived = golden(
        member("s4", "1", name="A", companies=[{"legal_entity": "1000", "payment_terms": "N30"}]),
        member(
            "csv",
            "2",
            name="A",
            companies=[
                {"legal_entity": "1000", "payment_terms": "N60", "currency": "EUR"},
                {"legal_entity": "2000", "payment_terms": "N90"},
            ],
        ),
    )
    first, second = survived.document["companies"]
    assert plain(first) == {"legal_entity": "1000", "payment_terms": "N30", "currency": "EUR"}
    assert plain(second) == {"legal_entity": "2000", "payment_terms": "N90"}
    assert survived.lineage["fields"][f"companies/{first['id']}/currency"] == [0, "only"]


def test_a_vat_number_with_and_without_its_prefix_is_one_registration() -> None:
    document = golden(
        member("s4", "1", name="A", tax_registrations=[vat("DE136695976")]),
        member("csv", "2", name="A", tax_registrations=[vat("136695976")]),
    ).document
    assert len(document["tax_registrations"]) == 1


def vat(number: str) -> dict[str, str]:
    return {"country": "DE", "kind": "vat", "number": number}


def test_accounts_are_the_same_by_their_fingerprint() -> None:
    one = {"account": {"masked": "DE•• •••• 3000", "fingerprint": "a" * 26}}
    other = {"account": {"masked": "DE•• •••• 3000", "fingerprint": "b" * 26}}
    document = golden(
        member("s4", "1", name="A", bank_accounts=[one]),
        member("csv", "2", name="A", bank_accounts=[one, other]),
    ).document
    assert len(document["bank_accounts"]) == 2


def test_a_source_that_tells_an_address_twice_tells_one() -> None:
    document = golden(member("s4", "1", name="A", addresses=[HOME, SPELT])).document
    assert len(document["addresses"]) == 1


def test_a_child_keeps_its_id_when_it_is_spelt_in_another_way_twice() -> None:
    first = golden(member("s4", "1", name="A", addresses=[HOME])).document
    again = golden(member("s4", "1", name="A", addresses=[SPELT]), prior=first).document
    third = {**HOME, "street": "HAUPTSTR 1"}
    last = golden(member("s4", "1", name="A", addresses=[third]), prior=again).document
    ids = {document["addresses"][0]["id"] for document in (first, again, last)}
    assert len(ids) == 1


def test_a_child_keeps_its_id_when_another_source_tells_it_too() -> None:
    alone = member("s4", "1", name="A", addresses=[HOME])
    first = golden(alone).document
    joined = golden(alone, member("csv", "2", name="A", addresses=[SPELT]), prior=first).document
    assert joined["addresses"][0]["id"] == first["addresses"][0]["id"]


def test_a_child_keeps_its_id_when_its_founder_does_not_tell_it_any_more() -> None:
    founder = member("csv", "1", name="A", addresses=[HOME])
    first = golden(founder).document
    silent, other = member("csv", "1", name="A"), member("s4", "2", name="A", addresses=[HOME])
    after = golden(silent, other, prior=first).document
    assert after["addresses"][0]["id"] == first["addresses"][0]["id"]


def test_a_founder_that_parts_takes_the_id_along() -> None:
    founder = member("csv", "1", name="A", addresses=[HOME])
    other = member("s4", "2", name="A", addresses=[SPELT])
    before = golden(founder).document
    merged = golden(founder, other, prior=before).document
    parted = golden(founder, prior=merged).document
    rest = golden(other, prior=merged).document
    assert parted["addresses"][0]["id"] == before["addresses"][0]["id"]
    assert rest["addresses"][0]["id"] == golden(other).document["addresses"][0]["id"]


def test_what_an_ended_record_brought_stays() -> None:
    document = golden(
        member("s4", "1", name="A", addresses=[HOME], ended=True),
        member("csv", "2", name="A", addresses=[RING]),
    ).document
    assert [plain(one) for one in document["addresses"]] == [RING, HOME]
