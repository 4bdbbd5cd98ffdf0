"""`mdm findings`: what the rules on values say of the golden records as they stand."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from mdm.asking.findings import Judged, judged
from mdm.commands.output import OUT, AsJson, answer, progress
from mdm.domains import DOMAINS, domain_named
from mdm.settings import Settings
from mdm.store.hub import open_hub


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("findings")
    def findings(
        domain: Annotated[
            str | None, typer.Argument(metavar="DOMAIN", help="E.g. suppliers; default all.")
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """Judge every golden record by the rules that judge what arrives and what people set.

        Exit 1 where a rule fails. Account numbers are judged when they arrive, not here.
        """
        domains = [domain_named(domain)] if domain else list(DOMAINS.values())
        with progress() as report:
            found = judged(open_hub(Settings()), domains, report)
        if as_json:
            answer(asdict(found), as_json)
        else:
            _show(found)
        raise typer.Exit(1 if found.failing else 0)


def _show(found: Judged) -> None:
    OUT.print(f"Judged {found.records:,} golden records.", highlight=False)
    if not found.failing:
        OUT.print("[green]No rule fails.[/]")
        return
    table = Table(
        "records", "domain", "field", "what is wrong", "such as", box=None, pad_edge=False
    )
    for one in found.failing:
        what = f"{one.sentence} ({one.code})"
        table.add_row(f"{one.records:,}", one.domain, one.field, what, one.examples[0])
    OUT.print(table, markup=False)
