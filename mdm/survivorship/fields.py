"""One value among several: by the rule of the field's line, or of the group it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from mdm.model.field import Field
from mdm.survivorship.member import HUB, Member, Told, is_told
from mdm.survivorship.strategies import STRATEGIES
from mdm.survivorship.trust import Ranking


def choose(
    field: Field, told: Sequence[Told], rule: str, *, owned: bool = False
) -> tuple[Told, str]:
    """The winner and the rule that it won by; what is told comes most believed first.

    A person's value wins over every source's, then that of the system of record (`owned`: it is
    the first that tells), and what ended speaks only where nobody else does.
    """
    if told[0].member.source == HUB:
        return told[0], "override"
    if len(told) == 1:
        return told[0], "only"
    if owned and not told[0].member.ended:
        return told[0], "owner"
    live = [one for one in told if not one.member.ended] or told
    return STRATEGIES[rule](field, live), rule


def told_by(field: Field, ranking: Ranking) -> list[Told]:
    """Who tells a field, the most believed first."""
    return [
        Told(member, member.document[field.name])
        for member in ranking.of(field.name)
        if is_told(member.document.get(field.name))
    ]


def surviving_fields(
    fields: Sequence[Field], ranking: Ranking
) -> tuple[dict[str, object], dict[str, tuple[Member, str]]]:
    """The golden values, and by field the member and the rule that gave each of them."""
    values: dict[str, object] = {}
    winners: dict[str, tuple[Member, str]] = {}
    groups: dict[str, tuple[Told, str]] = {}
    for field in fields:
        if field.group is not None and field.group in groups:
            leader, rule = groups[field.group]
            value = leader.member.document.get(field.name)
            if not is_told(value):
                continue
            winner = Told(leader.member, value)
        else:
            told = told_by(field, ranking)
            if not told:
                continue
            owned = ranking.owns(told[0].member, field.name)
            wanted = ranking.rule(field.name, field.survive)
            winner, rule = choose(field, told, wanted, owned=owned)
            if field.group is not None:
                groups[field.group] = (winner, rule)
        values[field.name] = winner.value
        winners[field.name] = (winner.member, rule)
    return values, winners
