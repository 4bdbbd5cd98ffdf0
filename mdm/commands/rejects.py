"""`mdm rejects`: refused rows, why, and sending them on their way again."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from mdm import rejects
from mdm.commands.output import OUT, AsJson, answer, operator
from mdm.settings import Settings
from mdm.store import rejects as stored
from mdm.store.hub import open_hub
from mdm.store.rejects import Kept
from mdm.store.transaction import Act

Number = Annotated[int, typer.Argument(help="The reject's number, as `mdm rejects list` shows it.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(no_args_is_help=True, help="Rows that were refused, with their reasons.")
    app.add_typer(group, name="rejects")
    _add_list(group)
    _add_show(group)
    _add_retry(group)


def _add_list(group: typer.Typer) -> None:
    @group.command("list")
    def show_all(
        source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
        state: Annotated[str, typer.Option(help="open, retried, superseded or all.")] = "open",
        after: Annotated[int, typer.Option(help="Only those behind this number.")] = 0,
        limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 100,
        as_json: AsJson = False,
    ) -> None:
        """List refused rows, oldest first, with how many of each kind are open."""
        hub = open_hub(Settings())
        wanted = None if state == "all" else state
        with closing(hub.database), hub.database.read() as connection:
            rows = stored.listed(connection, wanted, source, after, limit)
            counts = stored.counts(connection)
        if as_json:
            open_ones = [dict(zip(COUNTED, row, strict=True)) for row in counts]
            answer({"rejects": [_facts(row) for row in rows], "open": open_ones}, as_json)
            return
        _print(rows, counts)


COUNTED = ("source", "domain", "code", "count")


def _print(rows: list[Kept], counts: list[tuple[str, str, str, int]]) -> None:
    if not rows:
        OUT.print("No row is refused.")
        return
    table = Table("No", "Source", "Domain", "Key", "File, line", "Reason", box=None)
    for row in rows:
        place = f"{row.file or ''}, {row.line}"
        table.add_row(
            str(row.id),
            row.source,
            row.domain,
            escape(row.source_key or ""),
            place,
            escape(row.reason),
        )
    OUT.print(table)
    OUT.print("Open:")
    for source, domain, code, count in counts:
        said = f"{code.replace('_', ' ')} ({domain} of {source})"
        OUT.print(f"{count:>8,}  {said}", highlight=False, markup=False)


def _add_show(group: typer.Typer) -> None:
    @group.command("show")
    def show_one(number: Number, as_json: AsJson = False) -> None:
        """Show a refused row: its reason and its payload, account numbers masked."""
        hub = open_hub(Settings())
        with closing(hub.database):
            reject = rejects.kept(hub, number)
            payload = rejects.shown(hub, reject)
        if as_json:
            answer({**_facts(reject), "payload": payload}, as_json)
            return
        answer(_facts(reject), as_json, f"Reject {number}")
        OUT.print_json(msgspec.json.encode(payload).decode())


def _add_retry(group: typer.Typer) -> None:
    @group.command("retry")
    def send_again(
        number: Number,
        file: Annotated[
            Path | None,
            typer.Option(help="The corrected row, .json or .csv with header.", exists=True),
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """Send a refused row again: as it was, after a mapping changed, or corrected by a file."""
        hub = open_hub(Settings())
        act = Act("retry", operator(), reason=f"reject {number}")
        with closing(hub.database):
            done = rejects.retry(hub, number, file, act)
        answer(asdict(done), as_json, f"Reject {number}: {done.reason or done.outcome}")
        if done.outcome == "rejected":
            raise typer.Exit(1)


def _facts(reject: Kept) -> dict[str, Any]:
    """The reject without its payload."""
    return {name: value for name, value in asdict(reject).items() if name != "raw"}
