"""`mdm placeholders`: values that stand for nothing, in force, added, released."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from mdm.commands.output import OUT, AsJson, answer, progress
from mdm.commands.rules import Accept, DomainName, Reason, say, work_on
from mdm.placeholders import add_placeholder, placeholders, release_placeholder

FieldName = Annotated[str, typer.Argument(metavar="FIELD", help="E.g. phone, vat_number, name.")]
Value = Annotated[str, typer.Argument(help="The value, in any spelling.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(
        no_args_is_help=True,
        help="Values that stand for nothing (TBD, 000000000): no records are compared by them.",
    )
    app.add_typer(group, name="placeholders")
    _add_list(group)
    _add_add(group)
    _add_release(group)


def _add_list(group: typer.Typer) -> None:
    @group.command("list")
    def listed(domain: DomainName, as_json: AsJson = False) -> None:
        """List the placeholders in force, with how many values of records each takes out."""
        with progress() as report:
            found = placeholders(work_on(domain, None, report))
        if as_json:
            answer({"placeholders": [asdict(one) for one in found]}, as_json)
            return
        table = Table("field", "value", "records", "from", box=None, pad_edge=False)
        for one in found:
            origin = "built in" if one.built_in else "a person"
            table.add_row(one.field, one.value, f"{one.records:,}", origin)
        OUT.print(table)


def _add_add(group: typer.Typer) -> None:
    @group.command("add")
    def add(  # noqa: PLR0913, PLR0917 - the options the command has
        domain: DomainName,
        field: FieldName,
        value: Value,
        reason: Reason,
        accept: Accept = False,
        as_json: AsJson = False,
    ) -> None:
        """List a value that stands for nothing, and match its records anew without it."""
        with progress() as report:
            work = work_on(domain, reason, report)
            say(add_placeholder(work, field, value, accept=accept), as_json)


def _add_release(group: typer.Typer) -> None:
    @group.command("release")
    def release(  # noqa: PLR0913, PLR0917 - the options the command has
        domain: DomainName,
        field: FieldName,
        value: Value,
        reason: Reason,
        accept: Accept = False,
        as_json: AsJson = False,
    ) -> None:
        """Take a value off the list: records are compared by it again."""
        with progress() as report:
            work = work_on(domain, reason, report)
            say(release_placeholder(work, field, value, accept=accept), as_json)
