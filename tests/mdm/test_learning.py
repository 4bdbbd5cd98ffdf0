"""A refit is a proposal with its predicted effect."""

from __future__ import annotations

from matching.ask import worth_asking
from matching.find import Decisions, Wish, find
from matching.rules import default_rules
from mdm.learning import refit
from tests.matching.made import suppliers


def test_a_proposal_agrees_with_the_decisions_at_least_as_well_and_says_what_changes() -> None:
    table = suppliers(3_000, seed=8)
    columns, truth = table.drop("id", "cluster_id"), table["cluster_id"].to_list()
    found = find(columns, Wish(threads=1))
    rows = worth_asking(found.levels, found.bits, 40)
    told = [
        (int(one), int(other), truth[one] == truth[other])
        for one, other in zip(found.left[rows], found.right[rows], strict=True)
    ]
    rules = default_rules()
    proposal = refit(columns, Decisions.of(told), rules)
    assert proposal.after.f_score >= proposal.before.f_score
    assert proposal.rules.version != rules.version
    assert proposal.rules.auto_link == rules.auto_link
    assert proposal.decisions == 40
    assert proposal.links_kept > 0
