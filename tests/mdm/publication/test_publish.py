"""Law 9 and the events: a subscriber sees its rows and fields, and is told what changed of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm.golden.decide import Change
from mdm.golden.state import Golden
from mdm.publication.message import Event, Published, publish_changes
from mdm.publication.projection import project
from mdm.publication.subscription import Subscription, parse_subscription

TODAY = date(2026, 11, 21)
COUPA = """\
subscriber: coupa
meaning: For a test.
domains:
  supplier:
    fields: [name, bank_accounts, companies.legal_entity, companies.payment_terms]
    rows:
      country: [DE, AT]
      companies.legal_entity: ["1000"]
  tax_code:
    fields: [code, rate]
"""
RECORD: dict[str, Any] = {
    "name": "Müller Söhne",
    "country": "DE",
    "email": "secret@example.org",
    "bank_accounts": [{"id": "bnk_1", "account": {"masked": "DE••", "fingerprint": "F" * 26}}],
    "companies": [
        {"id": "cmp_1", "legal_entity": "1000", "payment_terms": "30", "currency": "EUR"},
        {"id": "cmp_2", "legal_entity": "2000", "payment_terms": "60"},
    ],
}


def subscription(text: str = COUPA) -> Subscription:
    return parse_subscription(text, "coupa")


def golden(version: int = 1, status: str = "active", **changed: Any) -> Golden:
    into = changed.pop("merged_into", None)
    return Golden(1, "sup_a", "supplier", version, status, None, {**RECORD, **changed}, {}, into, 1)


def dated(*slices: dict[str, Any]) -> Golden:
    return Golden(1, "txc_a", "tax_code", 1, "active", None, {"slices": list(slices)}, {}, None, 1)


class Platform:
    """What one subscriber holds and is told."""

    def __init__(self, told: Subscription | None = None) -> None:
        self.subscription = told or subscription()
        self.held: dict[tuple[str, str], Published] = {}

    def tell(self, golden: Golden, merged_from: tuple[str, ...] = ()) -> Event | None:
        change = Change(None, golden, "changed", merged_from)
        events = publish_changes([self.subscription], golden.domain, [change], self.held, TODAY)
        for event in events:
            self.held["coupa", event.golden_id] = Published(
                event.entityversion, event.digest, event.record, event.status
            )
        return events[0] if events else None


def data(event: Event | None) -> dict[str, Any]:
    assert event is not None
    said: dict[str, Any] = msgspec.json.decode(event.data)
    return said


def test_a_projection_has_the_subscribed_fields_of_the_subscribed_children() -> None:
    assert project(subscription(), "supplier", golden(), TODAY) == {
        "name": "Müller Söhne",
        "companies": [{"id": "cmp_1", "legal_entity": "1000", "payment_terms": "30"}],
    }


def test_a_domain_that_is_not_subscribed_is_not_seen() -> None:
    assert project(subscription(), "project", golden(), TODAY) is None


@pytest.mark.parametrize("changed", [{"country": "FR"}, {"companies": []}, {"country": None}])
def test_a_row_outside_the_filter_is_not_seen(changed: dict[str, Any]) -> None:
    assert project(subscription(), "supplier", golden(**changed), TODAY) is None


def test_a_protected_value_is_held_back_and_the_subscriber_told_so() -> None:
    event = Platform().tell(golden())
    assert data(event)["holds"] == ["bank_accounts"]
    assert event is not None
    assert "F" * 26 not in event.data + str(event.record)


@given(st.dictionaries(st.sampled_from(["email", "phone", "website", "lei"]), st.text()))
def test_a_field_outside_the_subscription_is_never_sent(changed: dict[str, str]) -> None:
    platform = Platform()
    platform.tell(golden())
    assert platform.tell(golden(2, **changed)) is None


def test_what_happened_is_told_once_and_in_words() -> None:
    platform = Platform()
    told = [
        platform.tell(golden()),
        platform.tell(golden()),
        platform.tell(golden(2, name="Müller")),
        platform.tell(golden(3, country="FR")),
        platform.tell(golden(4, country="FR", name="x")),
        platform.tell(golden(5)),
        platform.tell(golden(6, "merged", merged_into="sup_b")),
        platform.tell(golden(6, "merged", merged_into="sup_b")),
        platform.tell(golden(7)),
        platform.tell(golden(8, "retired")),
        platform.tell(golden(9, "erased")),
    ]
    assert [event and event.type for event in told] == [
        "created",
        None,
        "changed",
        "left",
        None,
        "created",
        "merged",
        None,
        "unmerged",
        "retired",
        "erased",
    ]
    assert [event.entityversion for event in told if event] == list(range(1, 9))


def test_a_change_names_the_fields_that_differ() -> None:
    platform = Platform()
    assert data(platform.tell(golden()))["changed"] == ["name", "companies"]
    assert data(platform.tell(golden(2, name="Müller")))["changed"] == ["name"]


def test_a_row_that_leaves_takes_nothing_of_the_record_along() -> None:
    platform = Platform()
    platform.tell(golden())
    event = platform.tell(golden(2, country="FR", name="unseen"))
    assert data(event) == {
        "golden_id": "sup_a",
        "version": 2,
        "status": "left",
        "record": None,
        "changed": ["name", "companies", "status"],
        "holds": [],
    }


def test_a_merged_record_leads_to_its_survivor_and_the_survivor_names_it() -> None:
    platform = Platform()
    platform.tell(golden())
    assert data(platform.tell(golden(2, name="one"), ("sup_c",)))["merged_from"] == ["sup_c"]
    event = data(platform.tell(golden(3, "merged", merged_into="sup_b")))
    assert (event["merged_into"], event["record"], event["status"]) == ("sup_b", None, "merged")


def test_a_record_that_was_never_held_alive_is_not_told_of() -> None:
    assert Platform().tell(golden(1, "retired")) is None
    assert Platform().tell(golden(1, "merged", merged_into="sup_b")) is None
    assert Platform().tell(golden(1, country="FR")) is None


def test_a_subscription_that_gives_a_field_up_sends_the_rest_again() -> None:
    platform = Platform()
    platform.tell(golden())
    platform.subscription = subscription(COUPA.replace("name, ", ""))
    event = platform.tell(golden())
    assert data(event)["changed"] == ["name"]
    assert "name" not in data(event)["record"]


OLD = {"code": "V1", "rate": "16", "valid_from": "2020-07-01", "valid_to": "2021-01-01"}
NOW = {"code": "V1", "rate": "19", "valid_from": "2021-01-01", "valid_to": "2027-01-01"}
NEXT = {"code": "V1", "rate": "20", "valid_from": "2027-01-01"}


@pytest.mark.parametrize(
    ("slices", "rate", "validity"),
    [
        ((OLD, NOW, NEXT), "19", "valid"),
        ((OLD,), "16", "expired"),
        ((NEXT,), "20", "not_yet_valid"),
        ((OLD, NEXT), "16", "expired"),
        (({**NOW, "blocked": True},), "19", "blocked"),
    ],
)
def test_a_dated_record_is_the_slice_of_today(
    slices: tuple[dict[str, Any], ...], rate: str, validity: str
) -> None:
    seen = project(subscription(), "tax_code", dated(*slices), TODAY)
    assert seen is not None
    assert (seen["rate"], seen["validity"]) == (rate, validity)


def test_all_slices_are_sent_to_who_asks_for_them() -> None:
    told = subscription(COUPA + "    shape: slices\n")
    seen = project(told, "tax_code", dated(OLD, NOW), TODAY)
    assert seen is not None
    assert [one["rate"] for one in seen["slices"]] == ["16", "19"]


def test_the_calendar_alone_may_change_what_is_seen() -> None:
    platform = Platform()
    platform.tell(dated(OLD, NOW, NEXT))
    change = Change(None, dated(OLD, NOW, NEXT), "changed")
    [event] = publish_changes(
        [platform.subscription], "tax_code", [change], platform.held, date(2027, 1, 1)
    )
    assert (event.type, data(event)["record"]["rate"]) == ("changed", "20")
