"""`mdm codes`: values of sources that mean none of our codes yet, and mapping them in bulk."""

from __future__ import annotations

import csv
from contextlib import closing
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from mdm.codes import Meaning, map_codes
from mdm.commands.output import OUT, AsJson, answer, operator, progress
from mdm.errors import BadRequest, UnreadableFile
from mdm.settings import Settings
from mdm.store import codes
from mdm.store.hub import open_hub
from mdm.store.transaction import Act

COLUMNS = tuple(field.name for field in fields(Meaning))
Reason = Annotated[str, typer.Option(help="Why; kept with the codes and in the audit.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(
        no_args_is_help=True,
        help="Code values that no value map knows (tax code, currency, term): list, map in bulk.",
    )
    app.add_typer(group, name="codes")
    _add_list(group)
    _add_map(group)


def _add_list(group: typer.Typer) -> None:
    @group.command("list")
    def listed(
        source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
        out: Annotated[
            Path | None, typer.Option(help="Write a CSV whose column `code` is to be filled in.")
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """List the values that wait, the most frequent first, with how often each was told.

        Fill the column `code` of the file that --out writes, and give it to `mdm codes map`.
        """
        hub = open_hub(Settings())
        with closing(hub.database), hub.database.read() as connection:
            found = codes.queued(connection, source)
        if out is not None:
            with out.open("w", encoding="utf-8", newline="") as file:
                told = csv.writer(file)
                told.writerow((*COLUMNS, "count"))
                told.writerows((o.source, o.domain, o.field, o.value, "", o.count) for o in found)
        if as_json:
            answer({"codes": [asdict(one) for one in found]}, as_json)
            return
        table = Table("Source", "Domain", "Field", "Value", "Told", "Since", box=None)
        for one in found:
            value = escape(one.value)
            count = f"{one.count:,}"
            table.add_row(one.source, one.domain, one.field, value, count, one.first_at[:16])
        OUT.print(table if found else "Every code is known.")
        if found and out is not None:
            OUT.print(
                f"Fill the column `code` of {out} in, then `mdm codes map {out} --reason WHY`.",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )


def _add_map(group: typer.Typer) -> None:
    @group.command("map")
    def mapped(
        file: Annotated[
            Path,
            typer.Argument(
                metavar="FILE",
                exists=True,
                dir_okay=False,
                help="CSV with the columns source, domain, field, value, code.",
            ),
        ],
        reason: Reason,
        as_json: AsJson = False,
    ) -> None:
        """Make values mean our codes, and read the records that carry them anew.

        Rows without a code are passed over; they go on waiting.
        """
        told = meanings(file)
        hub = open_hub(Settings())
        with closing(hub.database), progress() as report:
            done = map_codes(hub, told, Act("map_codes", operator(), reason=reason), report)
        answer(asdict(done), as_json, "The codes are mapped.")


def meanings(file: Path) -> list[Meaning]:
    """The rows of the file that have a code; UnreadableFile where a column is missing."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = csv.DictReader(opened)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise UnreadableFile(
                    f"{file.name} has no column {missing[0]!r}; it needs {', '.join(COLUMNS)}."
                    " `mdm codes list --out FILE` writes one."
                )
            found = [
                Meaning(*(row[name] or "" for name in COLUMNS))
                for row in rows
                if (row["code"] or "").strip()
            ]
    except UnicodeError as error:
        raise UnreadableFile(f"{file.name} is not UTF-8; save it as UTF-8.") from error
    if not found:
        raise BadRequest(f"No row of {file.name} has a code: fill the column `code` in.")
    return found
