from __future__ import annotations

import pickle

import pytest

from mdm.domains import DOMAINS
from mdm.errors import BadConfiguration
from mdm.inbound.mapping import builtin_sources, parse_source

SMALL = """\
name: small
description: A small source
trust: 50
values:
  terms: {A: NT30}
feeds:
  - name: vendors
    domain: supplier
    format: json
    key: [id]
    fields:
      name: title
    children:
      companies:
        - {legal_entity: company, payment_terms: {from: terms, map: terms}, needs: [legal_entity]}
"""


@pytest.mark.parametrize("name", sorted(builtin_sources()))
def test_every_built_in_source_can_be_read_and_sent_to_a_worker(name: str) -> None:
    source = parse_source(builtin_sources()[name], name)
    again = pickle.loads(pickle.dumps(source))
    assert [feed.name for feed in again.feeds] == [feed.name for feed in source.feeds]
    assert source.version == again.version


def test_plain_csv_serves_every_domain() -> None:
    source = parse_source(builtin_sources()["csv"], "csv")
    assert {feed.domain for feed in source.feeds} == set(DOMAINS)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "trust: 50",
            "trust: 500",
            "line 3: trust.score: Input should be less than or equal to 100",
        ),
        ("domain: supplier", "domain: suplier", "there is no domain 'suplier'; there are:"),
        ("name: title", "nmae: title", "supplier has no 'nmae'; there are: name,"),
        ("name: title", "name: title(", "feed 'vendors', name: 'title(' is not a JMESPath"),
        ("legal_entity: company", "legal_entty: company", "companies has no 'legal_entty'"),
        ("map: terms", "map: term", "there is no value map 'term' under values; there are: terms"),
        ("key: [id]", "keys: [id]", "line 7: feeds.0.key: Field required"),
        ("format: json", "format: jason", "feeds.0.format: Input should be 'json'"),
        ("trust: 50", "trust: [50", "line 4: "),
    ],
)
def test_a_mistake_is_named_with_its_place(old: str, new: str, said: str) -> None:
    with pytest.raises(BadConfiguration) as refused:
        parse_source(SMALL.replace(old, new), "small")
    detail = refused.value.detail
    assert detail.startswith("small.yaml")
    assert said in detail


def test_a_second_instance_of_a_system_is_a_few_lines() -> None:
    text = "extends: small\nname: small_us\ntrust: 60\nvalues: {terms: {B: NT60}}\n"
    source = parse_source(text, "small_us", {"small": SMALL})
    assert (source.name, source.trust) == ("small_us", 60)
    assert source.feeds[0].values["terms"] == {"A": "NT30", "B": "NT60"}
    changed = SMALL.replace("name: title", "name: caption")
    assert parse_source(text, "small_us", {"small": changed}).version != source.version


def test_extending_nothing_known_is_a_mistake() -> None:
    with pytest.raises(BadConfiguration, match="extends 'big', which is not another source"):
        parse_source("extends: big\nname: x\n", "x", {"small": SMALL})
    with pytest.raises(BadConfiguration, match="extends 'x'"):
        parse_source("extends: x\nname: x\n", "x", {"x": "extends: x\nname: x\n"})
