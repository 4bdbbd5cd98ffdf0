"""Rules are one readable, versioned value."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from matching.forms import form_of
from matching.rules import BadRules, default_rules, dump, load
from matching.score import levels


def test_rules_written_out_and_read_back_are_the_same() -> None:
    rules = default_rules(secret=b"s")
    assert load(dump(rules), b"s").version == rules.version
    assert b"s" not in dump(rules).encode().split()


def test_whatever_changes_a_verdict_changes_the_version() -> None:
    rules = default_rules()
    others = [
        replace(rules, threshold=0.7),
        replace(rules, key_cap=9),
        replace(rules, common={1: 9}),
        replace(rules, words={"acme": 30}),
        replace(rules, auto_link="identifiers"),
        replace(rules, prior_bits=-9.0),
        replace(rules, weights={**rules.weights, "city": (-1.0, 0.0, 1.0)}),
    ]
    assert len({rules.version, *(each.version for each in others)}) == len(others) + 1


def test_rules_that_lack_a_level_are_refused_by_name() -> None:
    with pytest.raises(BadRules, match="cannot be read"):
        load(dump(default_rules()).replace('"sister"', '"cousin"'))


def test_rules_travel_to_another_process_whole() -> None:
    rules = default_rules(secret=b"travel")
    assert levels(form_of({"name": "A"}, rules), form_of({"name": "A"}, rules), rules)
    there = pickle.loads(pickle.dumps(rules))
    assert (there.version, there.secret) == (rules.version, rules.secret)
