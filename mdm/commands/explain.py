"""`mdm explain`: why a golden value is what it is, or why two records are the same or not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from matching.explain import Explanation, FieldReason, percent
from mdm import clock
from mdm.asking.answer import When
from mdm.asking.origin import lineage
from mdm.asking.pairs import PairReason, explain_pair
from mdm.commands.output import OUT, AsJson, answer, operator
from mdm.domains import BY_PREFIX
from mdm.errors import BadRequest
from mdm.model.domain import Domain
from mdm.people.rights import Caller
from mdm.settings import Settings
from mdm.store.hub import open_hub


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("explain")
    def explain(
        record: Annotated[
            str, typer.Argument(help="A golden id, SOURCE:KEY, or a source record's number.")
        ],
        other: Annotated[
            str | None,
            typer.Argument(
                metavar="FIELD|OTHER",
                help="A field of the golden record, or another record told in the same ways.",
            ),
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """Explain a golden record, or why two records are, or are not, the same.

        `mdm explain GOLDEN_ID [FIELD]` shows for every value the source record that gave it, the
        rule, and who told another value. `mdm explain A B` shows what each field says in bits,
        which keys made them meet or why none did, and the smallest change that would turn the
        verdict.
        """
        hub = open_hub(Settings())
        caller = Caller(operator(), frozenset(("auditor",)))
        domain = BY_PREFIX.get(record.partition("_")[0])
        if domain is not None and (other is None or _is_field(domain, other)):
            asked = When(clock.now())
            told = lineage(hub, caller, (domain, record), asked, other)
            answer(told, as_json) if as_json else _print_lineage(told)
            return
        if other is None:
            raise BadRequest(
                f"{record!r} is no golden id: name one, such as sup_..., or two records."
            )
        found = explain_pair(hub, caller, None, record, other)
        if as_json:
            answer(asdict(found), as_json)
        else:
            _print_pair(found)


def _is_field(domain: Domain, said: str) -> bool:
    name = said.replace(".", "/").partition("/")[0]
    return name == "slices" or name in domain.by_name or name in domain.child_by_name


def _print_lineage(told: dict[str, Any]) -> None:
    OUT.print(f"{told['golden_id']}, version {told['version']}", highlight=False)
    table = Table("value of", "is", "told by", "because", box=None, pad_edge=False)
    for path, reason in told["fields"].items():
        by = f"{reason['source']}:{reason['source_key']} ({reason['trust']})"
        table.add_row(escape(path), _value(reason["value"]), escape(by), escape(reason["sentence"]))
        for lost in reason["candidates"]:
            by = f"{lost['source']}:{lost['source_key']} ({lost['trust']})"
            table.add_row("", f"[dim]{_value(lost['value'])}[/]", f"[dim]{escape(by)}[/]", "")
    OUT.print(table)
    for said in told["overrides"]:
        OUT.print(
            f"Override {said['id']} on {said['field']}: {said['reason']} ({said['lifetime']})",
            highlight=False,
            markup=False,
        )


def _value(value: Any) -> str:
    if isinstance(value, dict):
        value = ", ".join(
            str(said["masked"] if isinstance(said, dict) else said)
            for said in value.values()
            if said is not None
        )
    return escape(str(value))


def _print_pair(found: PairReason) -> None:
    OUT.print(found.sentence, highlight=False, markup=False)
    for name, end in (("left", found.left), ("right", found.right)):
        OUT.print(
            f"  {name:<5}  {end.source}:{end.source_key}  {end.golden_id}",
            highlight=False,
            markup=False,
        )
    if found.why is not None:
        _print_why(found.why)
    if found.weakest is not None:
        chain = " - ".join((found.chain[0].left, *(step.right for step in found.chain)))
        OUT.print(
            f"Joined by {chain}; weakest pair {percent(found.weakest.probability)}.",
            highlight=False,
            markup=False,
        )
    if found.kept is not None and found.kept.rules != found.rules:
        OUT.print(
            f"Scored under rules {found.kept.rules[:8]} as {found.kept.verdict},"
            f" {percent(found.kept.probability)}; live are rules {(found.rules or '')[:8]}.",
            highlight=False,
            markup=False,
        )


def _print_why(why: Explanation) -> None:
    table = Table("field", "left", "right", "says", box=None, pad_edge=False)
    table.add_column("bits", justify="right")
    for one in sorted(why.fields, key=lambda one: -abs(one.bits)):
        if one.level is not None:
            table.add_row(one.field, _side(one, 0), _side(one, 1), one.meaning, f"{one.bits:+.2f}")
    table.add_row("", "", "", "before anything is compared", f"{why.prior_bits:+.2f}")
    table.add_row("", "", "", "together", f"{why.bits:+.2f}", style="bold")
    OUT.print(table)
    met = ", ".join(why.met_by) if why.met_by else str(why.never_met)
    OUT.print(
        f"Probability {percent(why.probability)}; a match from {percent(why.threshold)}, asked from"
        f" {percent(why.review)}. Verdict: {why.verdict.replace('_', ' ')}. {why.because}\n"
        f"Met by: {met}\n{why.flip}",
        highlight=False,
        markup=False,
    )


def _side(one: FieldReason, place: int) -> str:
    """The values of one record, with how they are compared where that differs."""
    raw, standard = ((one.left, one.left_standard), (one.right, one.right_standard))[place]
    told, compared = escape(", ".join(dict.fromkeys(raw))), escape(", ".join(standard))
    return told if not compared or told.lower() == compared else f"{told}\n[dim]{compared}[/]"
