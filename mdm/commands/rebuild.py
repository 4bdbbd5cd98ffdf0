"""`mdm rebuild`: whether the golden state is what the log gives."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import date
from typing import Annotated

import msgspec
import typer

from mdm import clock
from mdm.asking import lookup
from mdm.asking.answer import When
from mdm.commands.output import OUT, AsJson, answer, operator, progress
from mdm.domains import DOMAINS
from mdm.errors import NotFound
from mdm.people.rights import Caller
from mdm.proof.rebuild import Answer, Report, Wish, check
from mdm.settings import Settings
from mdm.store.hub import Hub, open_hub
from mdm.store.known import Moment

SHOWN = 200
"""Differences shown on a terminal; --json has them all."""


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("rebuild")
    def rebuild(
        check_only: Annotated[
            bool,
            typer.Option("--check", help="Compare, and change nothing. The only thing it does."),
        ] = False,
        seed: Annotated[
            int | None, typer.Option(help="Repeats the random choices of an earlier check.")
        ] = None,
        moments: Annotated[
            int, typer.Option(min=0, help="Earlier moments at which answers are compared.")
        ] = 20,
        as_json: AsJson = False,
    ) -> None:
        """Recompute every golden record from the log and compare it with what is stored.

        The log is what source records told, what people decided and set, the configuration that
        ran, the clock, and the ids that were given. Each difference is listed with its golden id
        and path; exit 1 where there is one, or where the present state of a domain cannot be
        compared, for a re-match is underway or wanted. The hub may go on working meanwhile.
        """
        if not check_only:
            raise typer.BadParameter(
                "say --check: golden records are never replaced by a rebuild, only compared.",
                param_hint="--check",
            )
        hub = open_hub(Settings())
        wish = Wish(seed if seed is not None else secrets.randbelow(2**32), moments)
        with progress() as report:
            found = check(hub, wish, asking(hub), report)
        if as_json:
            answer(_facts(found), as_json)
        else:
            _show(found)
        raise typer.Exit(0 if found.clean else 1)


class asking:
    """What the hub answers to somebody who may read everything."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.caller = Caller(operator(), frozenset(("auditor",)))

    def __call__(self, domain: str, golden_id: str, as_of: date, known_at: int) -> Answer | None:
        asked = When(clock.now(), as_of, Moment(seq=known_at))
        try:
            found = lookup.one(self.hub, self.caller, DOMAINS[domain], golden_id, asked)
        except NotFound:
            return None
        return Answer(found.golden_id, found.status, msgspec.json.decode(found.record))


def _facts(report: Report) -> dict[str, object]:
    facts = asdict(report)
    return {"clean": report.clean, **facts}


def _show(report: Report) -> None:
    asked = sum(one.golden_records for one in report.moments)
    OUT.print(
        f"Recomputed {report.golden_records:,} golden records from {report.source_records:,} source"
        f" records as of transaction {report.known_at:,}, and {asked:,} answers at"
        f" {len({one.known_at for one in report.moments})} earlier moments (seed {report.seed}),"
        f" in {report.seconds:.1f} s.",
        highlight=False,
    )
    if report.suspended:
        OUT.print(
            f"{report.suspended:,} source records stand under over-common match keys: their groups"
            " were not compared.",
            highlight=False,
        )
    if report.unreached:
        OUT.print(
            f"{report.unreached:,} golden records wait to be decided anew after a change, so they"
            " were not compared: `mdm tick` does that.",
            highlight=False,
        )
    if report.underway:
        OUT.print(
            f"A re-match was underway, so groups were not compared: {', '.join(report.underway)}.",
            highlight=False,
        )
    if report.outdated:
        OUT.print(
            "Another version of the matching engine had matched these, so groups were not compared:"
            f" {', '.join(report.outdated)}. `mdm rules rematch` matches what is stored anew.",
            highlight=False,
        )
    if report.unchecked:
        OUT.print(f"[bold red]Not compared: {', '.join(report.unchecked)}.[/]")
    if not report.differences:
        left_out = report.outdated or report.underway
        OUT.print("No difference in the rest." if left_out else "[green]No difference.[/]")
        return
    OUT.print(f"[bold red]{len(report.differences):,} differences.[/]")
    for one in report.differences[:SHOWN]:
        when = f" at {one.known_at}, as of {one.as_of}" if one.known_at else ""
        told = f"{one.subject} {one.id}{when}: {one.path} is {_text(one.stored)}"
        OUT.print(f"{told}, the log gives {_text(one.recomputed)}", highlight=False, markup=False)
    if len(report.differences) > SHOWN:
        OUT.print(f"The first {SHOWN} are shown; --json lists them all.", highlight=False)


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
