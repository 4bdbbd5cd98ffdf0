"""Rules of survivorship as configuration: a field is chosen as its hub wants it."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm import config
from mdm.commands.rebuild import asking
from mdm.domains import DOMAINS
from mdm.errors import BadConfiguration
from mdm.proof.rebuild import Wish, check
from mdm.push import push
from mdm.refresh import follow_up
from mdm.store import find
from mdm.store.hub import Hub, open_hub
from mdm.store.transaction import Act
from mdm.survivorship import STRATEGIES, Member, Trust, survive
from mdm.survivorship.choices import parse_choices
from tests.mdm.survivorship.groups import KEYS, SUPPLIER, TODAY, TRUST, golden, groups, member

FIELDS = ("name", "country", "email", "status", "companies.payment_terms")
rules = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(sorted(STRATEGIES)))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def chosen(**said: str) -> Trust:
    """Trust under which these fields of suppliers are chosen so."""
    return Trust(TRUST.sources, {}, {"supplier": said})


@pytest.mark.parametrize(
    ("rule", "wins"),
    [
        ("trusted", "a@acme.de"),
        ("recent", "dispatch@acme.de"),
        ("longest", "dispatch@acme.de"),
        ("frequent", "office@acme.de"),
        ("complete", "office@acme.de"),
        ("minimum", "a@acme.de"),
        ("maximum", "office@acme.de"),
    ],
)
def test_a_field_is_chosen_by_the_rule_that_is_configured(rule: str, wins: str) -> None:
    survived = golden(
        member("s4", "1", name="Acme", email="a@acme.de", source_time="2024-01-01"),
        member("csv", "2", name="Acme", email="dispatch@acme.de", source_time="2026-01-01"),
        member("csv", "3", name="Acme", email="office@acme.de"),
        member("netsuite", "4", name="Acme", email="office@acme.de", phone="1", lei="2"),
        trust=chosen(email=rule),
    )
    assert survived.document["email"] == wins
    assert survived.lineage["fields"]["email"][1] == rule


def test_terms_of_a_legal_entity_are_chosen_by_their_own_rule() -> None:
    terms = [{"legal_entity": "1000", "payment_terms": terms} for terms in ("N30", "N60", "N60")]
    survived = golden(
        member("s4", "1", name="A", companies=terms[:1]),
        member("csv", "2", name="A", companies=terms[1:2]),
        member("netsuite", "3", name="A", companies=terms[2:]),
        trust=chosen(**{"companies.payment_terms": "frequent"}),
    )
    (company,) = survived.document["companies"]
    assert company["payment_terms"] == "N60"


@given(groups, rules, st.randoms())
def test_under_any_rules_the_order_of_members_says_nothing(
    group: list[Member], said: dict[str, str], chance: random.Random
) -> None:
    shuffled = list(group)
    chance.shuffle(shuffled)
    trust = chosen(**said)
    one = survive(SUPPLIER, group, trust, TODAY, new_child_id=KEYS.child_id)
    other = survive(SUPPLIER, shuffled, trust, TODAY, new_child_id=KEYS.child_id)
    assert one == other


@pytest.mark.parametrize(
    ("domain", "told", "said"),
    [
        ("supplier", "  colour: longest\n", "no field"),
        ("supplier", "  name: lucky\n", "no rule 'lucky'.*complete"),
        ("supplier", "  addresses: longest\n", "union"),
        ("supplier", "  addresses.street: longest\n", "survive whole"),
        ("supplier", "  companies.legal_entity: longest\n", "tells companies apart"),
        ("supplier", "  block_reason: longest\n", "together with status"),
        ("cost_center", "  code: longest\n", "which record this is"),
        ("supplier", "  name: [\n", "survivorship"),
        ("supplier", "  name: {rule: longest}\n", "fields.name"),
        ("suppliers", "  name: longest\n", "name of a domain"),
    ],
)
def test_a_mistake_in_a_file_is_named(domain: str, told: str, said: str) -> None:
    with pytest.raises(BadConfiguration, match=said):
        parse_choices(f"domain: {domain}\nfields:\n{told}", domain, DOMAINS)


def test_an_activated_rule_decides_what_is_golden_and_is_replayed(hub: Hub, tmp_path: Path) -> None:
    shared = {"vat_number": "DE136695976", "country": "DE"}
    rows = [
        {"id": "V1", "name": "Acme Logistik", **shared},
        {"id": "V2", "name": "Acme Logistik Holding GmbH", **shared},
    ]
    told = push(hub, "csv", "supplier", rows, Act("push", "test", "supplier", at=NOON))
    assert told[0].golden_id == told[1].golden_id
    assert name_of(hub, str(told[0].golden_id)) == "Acme Logistik"
    folder = tmp_path / "config" / "survivorship"
    folder.mkdir(parents=True)
    (folder / "supplier.yaml").write_text("domain: supplier\nfields: {name: longest}\n", "utf-8")
    settings = hub.settings.model_copy(update={"config": folder.parent})
    (waiting,) = config.proposals(hub.database, settings)
    assert (waiting.kind, waiting.name) == ("survivorship", "supplier")
    config.activate(hub.database, settings, [], "ann", "the register's is the long one")
    later = open_hub(settings)
    assert follow_up(later).golden_changed == 1
    assert name_of(later, str(told[0].golden_id)) == "Acme Logistik Holding GmbH"
    report = check(later, Wish(7, moments=8), asking(later), lambda *_: None)
    assert report.differences == []
    later.database.close()


def name_of(hub: Hub, golden_id: str) -> str:
    with hub.database.read() as connection:
        stored = find.golden_by_id(connection, golden_id)
    assert stored is not None
    return str(msgspec.json.decode(stored.record)["name"])
