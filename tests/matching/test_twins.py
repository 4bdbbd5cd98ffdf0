"""A batch and one record at a time say the same: forms, keys, levels, verdicts."""

from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engines.local import match_batch
from matching.fields import INPUTS
from matching.find import Wish, find
from matching.online import compare, prepare
from matching.rules import Rules, default_rules
from tests.matching.made import suppliers

RULES = default_rules(secret=b"twins")
WORDS = (
    "Müller & Söhne GmbH|S.A.R.L.|Dupont|\u041e\u041e\u041e|Газпром|A B C|Int'l|t/a|dba|"
    "Limited Liability "
    "Company|12|No. 7|"
    "株式会社|Straße|Sp. z o.o.|One-time vendor|N/A|-|  |O'Neill|ACME|acme ltd|III|and|de la|x|é|"
    "GmbH & Co. KG|"
    "Str. 5|Hauptstr. 12a|PO Box 9|1st Floor|100 W. 6th St|Bahnhofstraße 1|Saint-Denis|München|"
    "+49 (0)89 12|"
    "info@acme.com|www.acme.com/x|http://ACME.com|DE123456789|DE 123 456 788|FR12345678901|00000|"
    "999|D-80331|"
    "12345-6789|+1 312 386 5286|noreply@x.com|1980-01-02|de|DE|\x00|a\nb|"
    "(ACME)|World Wide Fund (WWF)|TUM - Technische Universität München|Acme Pumps \u2013 AP|(A.P.)|"
    "Acme Pumps - AP\n|h.o.d.n.|T/AS|in Liquidation|P.H.U.|Sp. j.|Vienna|Wien|ul. Długa Nr 5".split(
        "|"
    )
)
SINGLE = ("iban", "birth_date")


def made_up(dice: random.Random) -> list[dict[str, object]]:
    """Rows of odd values, one or several per field."""

    def value() -> str:
        return " ".join(dice.choice(WORDS) for _ in range(dice.randint(1, 3)))

    def told(name: str) -> object:
        if dice.random() < 0.4:
            return None
        if name in SINGLE or dice.random() < 0.6:
            return value()
        return [value() for _ in range(dice.randint(0, 3))]

    return [{name: told(name) for name in INPUTS} for _ in range(dice.randint(1, 8))]


def columns(rows: list[dict[str, object]]) -> pl.DataFrame:
    listed = {
        name: [
            [] if row[name] is None else [row[name]] if isinstance(row[name], str) else row[name]
            for row in rows
        ]
        for name in INPUTS
    }
    return pl.DataFrame(listed, schema={name: pl.List(pl.String) for name in INPUTS})


def told_alike(rows: list[dict[str, object]], table: pl.DataFrame, rules: Rules) -> None:
    forms = [prepare(row, rules) for row in rows]  # type: ignore[arg-type]
    batch = match_batch(table, rules, 1)
    keys: dict[int, set[int]] = {at: set() for at in range(len(rows))}
    for key, row in zip(batch.keys[0].tolist(), batch.keys[1].tolist(), strict=True):
        keys[row].add(key)
    assert [keys[at] for at in range(len(rows))] == [set(form.keys) for form in forms]
    left = [forms[at] for at in batch.left]
    right = [forms[at] for at in batch.right]
    alone = compare(left, right, rules)
    assert batch.verdicts.evidence == alone.evidence
    assert batch.verdicts.probability.tolist() == alone.probability.tolist()
    assert batch.verdicts.verdict.tolist() == alone.verdict.tolist()
    assert batch.verdicts.veto.tolist() == alone.veto.tolist()
    met = {
        (one, other) for one in range(len(rows)) for other in range(one) if keys[one] & keys[other]
    }
    assert {
        (max(p), min(p)) for p in zip(batch.left.tolist(), batch.right.tolist(), strict=True)
    } == met


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_any_values_give_the_same_in_a_batch_and_alone(seed: int) -> None:
    rows = made_up(random.Random(seed))
    told_alike(rows, columns(rows), RULES)


@pytest.mark.parametrize("learned", [False, True], ids=["shipped rules", "learned rules"])
def test_suppliers_give_the_same_in_a_batch_and_alone(learned: bool) -> None:
    table = suppliers(600, seed=3).drop("id", "cluster_id")
    rules = RULES
    if learned:
        rules = find(table, Wish(threads=1)).rules
    rows = [{name: row.get(name) for name in INPUTS} for row in table.iter_rows(named=True)]
    told_alike(rows, table, rules)
