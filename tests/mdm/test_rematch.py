"""Rules as activated configuration: proposed, predicted, activated, re-matched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from matching.rules import ENGINE, Rules, dump
from mdm import readiness as ready
from mdm.commands.rebuild import asking
from mdm.decisions import Said, say
from mdm.domains import DOMAINS
from mdm.errors import BadRequest, Conflict, NotFound, RulesStopped
from mdm.learning import (
    activate_proposal,
    change_rules,
    drop_proposal,
    finish_rematches,
    keep_proposal,
    propose_refit,
    release_proposal,
    renew,
    with_bar,
)
from mdm.proof.rebuild import Wish, check
from mdm.push import push
from mdm.readiness import at_least, keep_learning, more_wanted, readiness
from mdm.rematch import Work, body_of, rematch
from mdm.store import configuration, gather, rule_sets, tasks
from mdm.store.find import told_by_key
from mdm.store.hub import Hub, open_hub, rules_of
from mdm.store.tasks import Wanted
from mdm.store.transaction import Act, transaction
from tests.api.web import SUPPLIERS, alike
from tests.mdm.laws import world

SUPPLIER = DOMAINS["supplier"]
FIRST = ("Alba", "Borea", "Calyp", "Drago", "Eulen", "Falken", "Garten", "Hafen")
LAST = ("tross", "lissa", "sonne", "fels", "spiegel", "stein", "zauber", "quelle")
ACT = Act("config", "test", reason="for the test")


def filled(hub: Hub, rows: list[dict[str, Any]] | None = None) -> Work:
    """The hub with a few suppliers."""
    push(hub, "csv", "supplier", rows or [*SUPPLIERS, *alike()], Act("push", "test"))
    return Work(hub, SUPPLIER, ACT)


def state(hub: Hub) -> dict[str, Any]:
    """Groups, scored pairs and open questions, by source keys."""
    with hub.database.read() as connection:
        held = gather.held_by_id(connection, range(1, 500))
        edges, _ = gather.edges_of(connection, held)
        tasks = connection.exec_driver_sql(
            "SELECT kind, priority FROM task WHERE state = 'open' ORDER BY kind, priority"
        ).all()
    groups: dict[str, set[str]] = {}
    for one in held.values():
        groups.setdefault(str(one.golden_id), set()).add(one.source_key)
    return {
        "groups": sorted(map(sorted, groups.values())),
        "edges": sorted(
            (*sorted((held[e.left].source_key, held[e.right].source_key)), e.probability, e.verdict)
            for e in edges
        ),
        "tasks": [tuple(row) for row in tasks],
    }


def twins(count: int) -> list[dict[str, Any]]:
    """Pairs that are likely the same, each at a place of its own, without an identifier."""
    rows = []
    for number in range(count):
        stem = f"{FIRST[number // 8]}{LAST[number % 8]}"
        told = {"name": f"{stem} Werft GmbH", "country": "DE", "city": "Kiel"}
        told |= {"street": f"{stem}weg {number + 1}", "postcode": f"24{number:03}"}
        rows += [{"id": f"{number}{side}", **told} for side in "ab"]
    return rows


def by_probability(rules: Rules) -> Rules:
    return with_bar(rules, "probability", None)


def test_init_activates_the_built_in_rules_and_the_hub_runs_them(hub: Hub) -> None:
    with hub.database.read() as connection:
        (live,) = rule_sets.history(connection, "supplier")
        text = configuration.live_text(connection, "rules", "supplier")
    assert live.rematched_at is not None
    assert dump(hub.rules["supplier"]) == text
    assert hub.keys.match_secret.hex() not in str(text)


def test_lowering_the_bar_joins_what_was_likely_and_raising_it_parts_them(hub: Hub) -> None:
    likely = {"name": "Ostwind Reederei GmbH", "country": "DE", "city": "Kiel"}
    likely |= {"street": "Am Kai 4", "postcode": "24103"}
    work = filled(hub, [*SUPPLIERS, *alike(), {"id": "A", **likely}, {"id": "B", **likely}])
    before = state(hub)
    assert ["A", "B"] not in before["groups"]
    done = change_rules(work, by_probability)
    after = state(hub)
    assert ["A", "B"] in after["groups"]
    assert done.applied.golden_changed > 0
    change_rules(work, lambda rules: with_bar(rules, "identifiers", None))
    assert state(hub) == before


def test_a_re_match_gives_what_loading_under_the_rules_gives(new_hub: Callable[[], Hub]) -> None:
    rows = [*SUPPLIERS, *alike()]
    one, other = new_hub(), new_hub()
    change_rules(filled(one, rows), _other_words)
    change_rules(Work(other, SUPPLIER, ACT), _other_words)
    filled(other, rows)
    assert state(one) == state(other)


def _other_words(rules: Rules) -> Rules:
    words = {**rules.words, "maschinenbau": 10, "textilwerk": 15}
    return replace(by_probability(rules), words=words, rare_word=140)


def test_a_re_match_again_changes_nothing(hub: Hub) -> None:
    work = filled(hub)
    before = state(hub)
    done = rematch(work)
    assert (done.pairs_changed, state(hub)) == (0, before)


def test_a_proposal_changes_nothing_and_says_what_it_would_do(hub: Hub) -> None:
    work = filled(hub)
    before = state(hub)
    found = propose_refit(work)
    assert state(hub) == before
    assert {"joined", "split", "tasks_opened", "tasks_closed", "examples"} <= set(found.effect)
    with hub.database.read() as connection:
        assert len(rule_sets.history(connection, "supplier")) == 1


def test_the_predicted_effect_is_what_happens(hub: Hub) -> None:
    work = filled(hub)
    with hub.database.read() as connection:
        rules = by_probability(rules_of(connection, hub, "supplier"))
    found = keep_proposal(work, rules, body_of(work))
    before = state(hub)
    activate_proposal(work, accept=True)
    after = state(hub)
    assert len(before["groups"]) - len(after["groups"]) == found.effect["joined"]
    assert found.effect["split"] == 0
    opened = len(after["tasks"]) - len(before["tasks"])
    assert opened == found.effect["tasks_opened"] - found.effect["tasks_closed"]
    with hub.database.read() as connection:
        assert rule_sets.open_proposals(connection) == []


def waiting(hub: Hub) -> list[str]:
    """The causes that the open tasks about stopped rules name."""
    with hub.database.read() as connection:
        found = tasks.tasks(connection, Wanted(kind="rules_stopped"))
    return [cause for one in found for cause in one.facts["causes"]]


def test_rules_that_change_too_much_stop_as_a_proposal_that_a_person_releases(hub: Hub) -> None:
    rows = twins(60)
    work = filled(hub, rows)
    before = world.counts(hub)
    with pytest.raises(RulesStopped, match="rules release") as caught:
        change_rules(work, by_probability)
    kept = {"rule_proposal", "task", "hub_transaction", "audit", "counter"}
    assert {name for name, count in world.counts(hub).items() if count != before[name]} <= kept
    assert waiting(hub) == ["auto link: identifiers → probability"] == caught.value.facts["causes"]
    with pytest.raises(RulesStopped):
        activate_proposal(work)
    assert len(waiting(hub)) == 1
    with pytest.raises(BadRequest):
        release_proposal(replace(work, act=replace(ACT, reason=" ")))
    release_proposal(work)
    assert len(state(hub)["groups"]) == len(rows) // 2
    assert waiting(hub) == []


def test_dropped_rules_never_run_and_leave_nothing_waiting(hub: Hub) -> None:
    work = filled(hub, twins(60))
    before = state(hub)
    with pytest.raises(RulesStopped):
        change_rules(work, by_probability)
    drop_proposal(work)
    assert state(hub) == before
    with pytest.raises(NotFound):
        release_proposal(work)
    change_rules(work, by_probability, accept=True)
    assert len(state(hub)["groups"]) == 60


def test_a_large_group_that_does_not_grow_stops_no_rules(sqlite_hub: Hub) -> None:
    one = {"name": "Acme Logistik GmbH", "country": "DE", "vat_number": "DE136695976"}
    work = filled(sqlite_hub, [{"id": str(number), **one} for number in range(60)])
    change_rules(work, by_probability)
    assert waiting(sqlite_hub) == []


def test_a_change_without_a_reason_is_refused(sqlite_hub: Hub) -> None:
    work = Work(sqlite_hub, SUPPLIER, Act("config", "test"))
    with pytest.raises(BadRequest, match="why"):
        change_rules(work, by_probability)
    with pytest.raises(Conflict, match="already"):
        change_rules(replace(work, act=ACT), lambda rules: rules)


def test_a_re_match_that_was_cut_short_is_finished(hub: Hub) -> None:
    work = filled(hub)
    with hub.database.read() as connection:
        rules = by_probability(rules_of(connection, hub, "supplier"))
    with transaction(hub.database, ACT) as tx:
        configuration.activate(tx, "rules", "supplier", dump(rules), rematched=False)
    (done,) = finish_rematches(hub, ACT)
    assert done.pairs_changed > 0
    assert finish_rematches(hub, ACT) == []
    whole = state(hub)
    rematch(work)
    assert state(hub) == whole


def by_an_earlier_engine(hub: Hub, change: Callable[[Rules], Rules]) -> None:
    """Makes the rules run as if an earlier engine had matched all that is stored by them."""
    with hub.database.read() as connection:
        content = dump(change(rules_of(connection, hub, "supplier")))
    said = content.replace(f'"engine": {ENGINE}', '"engine": 0')
    with transaction(hub.database, ACT) as tx:
        configuration.activate(tx, "rules", "supplier", said)


def test_what_an_earlier_engine_matched_is_matched_anew_by_the_same_rules(hub: Hub) -> None:
    filled(hub)
    whole, rules = state(hub), dump(hub.rules["supplier"])
    by_an_earlier_engine(hub, lambda rules: rules)
    with hub.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM match_key")
        connection.exec_driver_sql("DELETE FROM edge")
    found = check(hub, Wish(7, moments=0), asking(hub), lambda *_: None)
    assert (found.golden_records, len(found.outdated), found.clean) == (0, 1, False)
    assert found.unchecked == ["suppliers"]
    (done,) = keep_learning(hub, Act("config", "clock"))
    assert (done.pairs_changed > 0, state(hub)) == (True, whole)
    assert keep_learning(hub, Act("config", "clock")) == []
    with hub.database.read() as connection:
        assert configuration.live_text(connection, "rules", "supplier") == rules
    found = check(hub, Wish(7, moments=0), asking(hub), lambda *_: None)
    assert (found.differences, found.outdated, found.golden_records > 0) == ([], [], True)
    assert found.clean


def test_a_newer_engine_that_would_join_too_much_asks_a_person_once(sqlite_hub: Hub) -> None:
    work = filled(sqlite_hub, twins(60))
    before = state(sqlite_hub)["groups"]
    by_an_earlier_engine(sqlite_hub, by_probability)
    with pytest.raises(RulesStopped, match="rules release"):
        renew(sqlite_hub, ACT)
    for _tick in range(2):
        assert keep_learning(sqlite_hub, Act("config", "clock")) == []
        assert waiting(sqlite_hub) == [f"the matching engine: now {ENGINE}"]
        assert state(sqlite_hub)["groups"] == before
    release_proposal(work)
    assert state(sqlite_hub)["groups"] != before


def test_another_process_follows_the_rules_that_were_activated(hub: Hub) -> None:
    other = open_hub(hub.settings)
    change_rules(filled(hub), by_probability)
    with other.database.read() as connection:
        assert rules_of(connection, other, "supplier").auto_link == "probability"
    other.database.close()


def test_records_that_come_during_a_re_match_are_paired_too(hub: Hub) -> None:
    work = filled(hub)
    body_seen: list[int] = []

    def late(what: str, _rows: int) -> None:
        if what == "matching" and not body_seen:
            body_seen.append(1)
            row = {"id": "late", "name": "Zephyr Textilwerke GmbH", "country": "DE"}
            push(hub, "csv", "supplier", [{**row, "vat_number": "DE136695976"}], Act("push", "x"))

    rematch(replace(work, progress=late))
    with hub.database.read() as connection:
        told = told_by_key(connection, "supplier", "csv", ["late", "0000000042"])
    assert told["late"].golden_id == told["0000000042"].golden_id
    before = state(hub)
    rematch(work)
    assert state(hub) == before


def test_the_hub_says_how_many_more_decisions_it_wants(sqlite_hub: Hub) -> None:
    found = readiness(sqlite_hub, SUPPLIER)
    assert (found.auto_link, found.decisions, found.wanted) == ("identifiers", 0, 50)
    assert "50 more decisions" in found.sentence


def test_the_lower_end_of_a_share_is_wilsons() -> None:
    assert at_least(50, 50) == pytest.approx(0.9287, abs=1e-4)
    assert at_least(0, 0) == 0.0
    assert more_wanted(50, 50) == 0
    assert more_wanted(45, 50) > 50


def test_enough_decisions_that_agree_lower_the_bar_with_the_next_tick(hub: Hub) -> None:
    rows = twins(52)
    filled(hub, rows)
    with hub.database.read() as connection:
        told = told_by_key(connection, "supplier", "csv", [row["id"] for row in rows])
    for number in range(50):
        assert readiness(hub, SUPPLIER).wanted == 50 - number
        pair = told[f"{number}a"].id, told[f"{number}b"].id
        with transaction(hub.database, Act("decision", "stella", "supplier")) as tx:
            say(tx, hub, Said("same", SUPPLIER, (pair[0],), (pair[1],)))
    found = readiness(hub, SUPPLIER)
    assert (found.wanted, found.agreed) == (0, 50)
    assert found.precision_at_least > 0.9
    assert ["51a", "51b"] not in state(hub)["groups"]
    keep_learning(hub, Act("config", "clock"))
    assert readiness(hub, SUPPLIER).auto_link == "probability"
    assert ["51a", "51b"] in state(hub)["groups"]
    assert keep_learning(hub, Act("config", "clock")) == []


def test_a_bar_whose_lowering_would_join_too_much_waits_once_and_stays_where_it_was_dropped(
    sqlite_hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "FEWEST_DECISIONS", 20)
    monkeypatch.setattr(ready, "LEAST_PRECISION", 0.8)
    rows = twins(64)
    work = filled(sqlite_hub, rows)
    with sqlite_hub.database.read() as connection:
        told = told_by_key(connection, "supplier", "csv", [row["id"] for row in rows])
    for number in range(20):
        pair = told[f"{number}a"].id, told[f"{number}b"].id
        with transaction(sqlite_hub.database, Act("decision", "stella", "supplier")) as tx:
            say(tx, sqlite_hub, Said("same", SUPPLIER, (pair[0],), (pair[1],)))
    before = state(sqlite_hub)["groups"]
    for _tick in range(2):
        assert keep_learning(sqlite_hub, Act("config", "clock")) == []
        assert waiting(sqlite_hub) == ["auto link: identifiers → probability"]
    drop_proposal(work)
    assert keep_learning(sqlite_hub, Act("config", "clock")) == []
    assert waiting(sqlite_hub) == []
    assert state(sqlite_hub)["groups"] == before
