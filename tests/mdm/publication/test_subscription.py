"""Subscriptions as YAML: what they take, and what is refused with which words."""

from __future__ import annotations

import pytest

from mdm.errors import BadConfiguration
from mdm.publication.subscription import builtin_subscriptions, parse_subscription


def text(fields: str, rows: str = "{}") -> str:
    return (
        "subscriber: coupa\nmeaning: For a test.\ndomains:\n  supplier:\n"
        f"    fields: {fields}\n    rows: {rows}\n"
    )


@pytest.mark.parametrize("name", sorted(builtin_subscriptions()))
def test_a_built_in_subscription_can_be_read(name: str) -> None:
    subscription = parse_subscription(builtin_subscriptions()[name], name)
    assert subscription.subscriber == name
    assert subscription.domains


def test_the_version_is_that_of_the_text() -> None:
    one = parse_subscription(text("[name]"), "coupa")
    assert one.version == parse_subscription(text("[name]"), "coupa").version
    assert one.version != parse_subscription(text("[name, country]"), "coupa").version


@pytest.mark.parametrize(
    ("fields", "rows", "said"),
    [
        ("[nam]", "{}", "no field 'nam'; there are: .*name"),
        ("[companies.terms]", "{}", "companies.payment_terms"),
        ("[]", "{}", "fields"),
        ("[name]", "{bank_accounts.account: x}", "protected"),
        ("[name]", "{companies: x}", "names a field"),
        ("[name", "{}", "is not YAML"),
    ],
)
def test_a_mistake_is_named(fields: str, rows: str, said: str) -> None:
    with pytest.raises(BadConfiguration, match=said):
        parse_subscription(text(fields, rows), "coupa")


@pytest.mark.parametrize("name", ["co/upa", "co+upa", "#", "Coupa", ""])
def test_a_name_that_cannot_stand_in_a_topic_is_refused(name: str) -> None:
    told = text("[name]").replace("coupa", f'"{name}"')
    with pytest.raises(BadConfiguration):
        parse_subscription(told, name)


def test_a_child_named_whole_brings_no_personal_field() -> None:
    view = parse_subscription(text("[contacts]"), "coupa").domains["supplier"]
    assert dict(view.children)["contacts"] == ("id", "role")


def test_a_child_with_protected_values_is_withheld() -> None:
    view = parse_subscription(text("[name, bank_accounts]"), "coupa").domains["supplier"]
    assert view.withheld == ("bank_accounts",)
    assert view.children == ()
